"""Back up under load, restore, and compare the copy with what clients were told."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.databases import execute
from benchmarks.processes import BenchmarkError, run, run_dialtree
from drills.audit import compare_restored
from drills.drill import Drill, ended, prepared
from tests.support.postgres import back_up, kept_server, restored_server

BACKUP = Path(__file__).parents[1] / "deploy" / "backup.sh"
RESTORE = BACKUP.with_name("restore.sh")
_SERVER = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
"""


def to_a_moment(folder: Path, *, seconds: float) -> str:
    """Take a base backup of PostgreSQL under load, and recover to a later moment from the archived log."""
    archive = folder / "archive"
    archive.mkdir(parents=True)
    archive.chmod(0o777)
    settings = f"{_SERVER}archive_mode = on\narchive_command = 'cp %p {archive}/%f'\n"
    with kept_server(folder / "server", settings) as server:
        server.create_database("dialtree")
        with prepared(server.url("dialtree")) as drill:
            moments: list[tuple[float, datetime]] = []

            async def back_up_and_note(ends: asyncio.Event) -> None:
                await ended(ends, seconds / 3)
                drill.note("base backup taken")
                await asyncio.to_thread(back_up, server, folder / "restored")
                await ended(ends, seconds / 3)
                moments.append((time.monotonic(), datetime.now(UTC)))

            asyncio.run(drill.run(seconds, back_up_and_note))
            asyncio.run(execute(server.url("postgres"), "SELECT pg_switch_wal()"))
            _wait_for_archive(archive)
        (moment, target) = moments[0]
        recovery = (
            f"{_SERVER}restore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{target.isoformat()}'\n"
            "recovery_target_action = promote\n"
        )
        with restored_server(folder / "restored", recovery, mode="recovery") as restored:
            _wait_until_promoted(restored.url("dialtree"))
            return _report(drill, restored.url("dialtree"), begun_at=moment, ended_at=moment)


def from_a_copy(folder: Path, *, seconds: float) -> str:
    """Copy an SQLite database under load by `deploy/backup.sh`, and restore the copy."""
    folder.mkdir(parents=True)
    copy, restored = folder / "backup.db", f"sqlite:///{folder / 'restored.db'}"
    with prepared(f"sqlite:///{folder / 'drill.db'}") as drill:
        times: list[float] = []

        async def copy_it(ends: asyncio.Event) -> None:
            await ended(ends, seconds / 2)
            times.append(time.monotonic())
            drill.note("copy taken")
            await asyncio.to_thread(_run_script, BACKUP, drill.database_url, copy)
            times.append(time.monotonic())

        asyncio.run(drill.run(seconds, copy_it))
    _run_script(RESTORE, restored, copy)
    begun_at, ended_at = times
    return _report(drill, restored, begun_at=begun_at, ended_at=ended_at)


def _run_script(script: Path, database_url: str, file: Path) -> None:
    run(script, file, environment={"DIALTREE_DATABASE_URL": database_url, "PYTHON": sys.executable})


def _report(drill: Drill, restored_url: str, *, begun_at: float, ended_at: float) -> str:
    drill.report()
    verdict = compare_restored(drill.numbers, drill.history(restored_url), begun_at=begun_at, ended_at=ended_at)
    if verdict.lost or verdict.repeated:
        raise BenchmarkError(f"lost: {verdict.lost[:5]}; too much: {verdict.repeated[:5]}")
    run_dialtree(restored_url, "check")
    total = sum(len(number.changes) for number in drill.numbers)
    return (
        f"{total:,} changes in {drill.seconds:.0f} s; {verdict.answered:,} of them were answered before the moment that"
        " was restored. The copy has all of these and none that was begun later; `dialtree check` found no difference."
    )


def _wait_for_archive(archive: Path) -> None:
    """Wait until nothing has been archived for a moment."""
    before = -1
    while before != (before := len(list(archive.iterdir()))):
        time.sleep(3)


def _wait_until_promoted(url: str) -> None:
    for _ in range(120):
        try:
            asyncio.run(execute(url, "CREATE TEMPORARY TABLE writable ()"))
        except Exception:  # noqa: BLE001 - still recovering
            time.sleep(0.5)
        else:
            return
    raise BenchmarkError("The restored server does not accept writes.")
