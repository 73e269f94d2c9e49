"""A file of a million lines is stored and added in little memory."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.jobs.actions import queue, show
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import opened
from tests.support.server_process import server_process

LINES = int(os.environ.get("DIALTREE_TEST_LINES", "1000000"))
MEBIBYTES = 192
"""How much more memory than before the server may take at its peak. SQLite caches 64 MiB of pages."""

MINUTES = 20


def content() -> Iterator[bytes]:
    yield b"number\n"
    for start in range(0, LINES, 1_000):
        yield "".join(f"+1415{2_000_000 + n}\n" for n in range(start, start + 1_000)).encode()


def own_mebibytes(pid: int) -> float:
    """The resident memory of a process without the pages of files, which SQLite maps."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.long
def test_a_million_lines_take_little_memory(
    databases: Databases, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with opened(databases) as server:
        bank = Inventory(server, "Bank\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")
        with server_process(tmp_path, environment={"DIALTREE_DATABASE_URL": server.url}) as running:
            (pid,) = running.workers or {running.process.pid}
            memory = [own_mebibytes(pid)]
            headers = {"Authorization": f"Bearer {bank.token()}"}
            response = httpx.post(f"{running.address}/upload", content=content(), headers=headers, timeout=600)
            assert response.status_code == 201, response.text
            job = queue(bank, "addNumbers", {"seriesId": bank.series("+1 418"), "uploadId": response.json()["id"]})
            begun, seen = time.monotonic(), [show(bank, job["id"])]
            while seen[-1]["state"] in {"QUEUED", "RUNNING"} and time.monotonic() < begun + 60 * MINUTES:
                time.sleep(1)
                seen.append(show(bank, job["id"]))
                memory.append(own_mebibytes(pid))
            record_property("seconds", round(time.monotonic() - begun))
            record_property("mebibytes", round(max(memory) - memory[0]))
            assert (seen[-1]["state"], seen[-1]["changedCount"]) == ("SUCCEEDED", LINES), running.log.read_text()
            assert seen[-1]["done"] == seen[-1]["total"] == LINES + 1
            done = [found["done"] for found in seen]
            assert done == sorted(done)
            assert max(memory) - memory[0] < MEBIBYTES
        assert server.differences() == []
