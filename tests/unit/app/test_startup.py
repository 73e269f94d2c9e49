"""Starting: concurrently on one new database, and during a long write."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.command import main
from app.services import Services
from db.core.migrations import migrate
from tests.support.server import Server
from tests.support.waiting import PATIENCE

REPOSITORY = Path(__file__).parents[3]
PROCESSES = 3
COLLECTOR = """import gc
from app.serving import application
application()
print(gc.get_threshold(), gc.get_freeze_count() > 0)"""
# Imported once, since that takes longer than the command.
CONCURRENT_CHECKS = f"""import os
from app.command import main
for _ in range({PROCESSES}):
    if os.fork() == 0:
        main(["check"])
statuses = [os.wait()[1] for _ in range({PROCESSES})]
print(statuses)"""


def test_concurrent_commands_migrate_a_new_database_once(without_tables: str) -> None:
    command = [sys.executable, "-c", CONCURRENT_CHECKS]
    environment = os.environ | {"DIALTREE_DATABASE_URL": without_tables}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == f"{[0] * PROCESSES}\n"
    assert done.stderr == "All counters are correct.\n" * PROCESSES


def test_a_server_starts_while_another_process_writes(server: Server) -> None:
    async def start() -> None:
        async with asyncio.timeout(PATIENCE), server.database.write() as connection:
            await connection.lock_tree([1], exclusive=True)
            services = Services(server.settings, server.clock)
            await services.open()
            await services.close()

    server.run(start())


def test_a_command_reports_that_the_database_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "busy.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    monkeypatch.setattr("db.core.sqlite.WAIT_SECONDS", 0.1)
    monkeypatch.setenv("DIALTREE_DATABASE_URL", f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        result = CliRunner().invoke(main, ["key", "revoke", "--name", "dashboard"])
    assert (result.exit_code, result.stderr) == (
        1,
        f"dialtree: another program keeps the database file {path} locked. Try again when it has ended.\n",
    )


def test_a_server_process_has_a_tuned_garbage_collector() -> None:
    command = [sys.executable, "-c", COLLECTOR]
    said = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert said.stdout == "(20000, 5, 50) True\n"
