"""A job whose server is killed has changed everything or nothing, and another server finishes it."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.jobs.actions import LIST, queue, show
from tests.support.databases import Databases, by_default_on_postgresql
from tests.support.inventory import Inventory
from tests.support.server import Server, opened
from tests.support.server_process import server_process
from tests.support.waiting import wait_until

LINES = 100_000
POINTS = range(0, 100, 10)
"""At how many percent the server is killed."""

COUNT = '{ phoneNumbers(filter: {startsWith: "1415"}) { totalCount } organization { utilization { total } } }'


def upload(bank: Inventory, lines: int) -> str:
    content = "number\n" + "".join(f"+1415{2_000_000 + n}\n" for n in range(lines))
    headers = {"Authorization": f"Bearer {bank.token()}"}
    response = bank.server.run(bank.server.client.post("/upload", content=content.encode(), headers=headers))
    return str(response.json()["id"])


def number_counts(bank: Inventory) -> set[int]:
    """How many numbers were added: counted, and by the counters."""
    bank.server.fold()
    found = bank.ask(COUNT)
    return {found["phoneNumbers"]["totalCount"], found["organization"]["utilization"]["total"] - 1}


def start_after(server: Server, claim_seconds: float) -> None:
    """Set the clock, which is far behind that of the process, to a moment after the end of its claim."""
    server.advance((datetime.now(UTC) + timedelta(seconds=claim_seconds) - server.clock()).total_seconds())


@pytest.mark.long
@pytest.mark.parametrize("percent", POINTS)
def test_a_job_of_a_killed_server_is_finished_by_another(databases: Databases, tmp_path: Path, percent: int) -> None:
    with opened(databases) as server:
        bank = Inventory(server, "Bank\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")
        job = queue(bank, "addNumbers", {"seriesId": bank.series("+1 418"), "uploadId": upload(bank, LINES)})
        seen: list[Any] = []

        def has_come_to_the_point() -> bool:
            seen.append(show(bank, job["id"]))
            return seen[-1]["state"] != "QUEUED" and (seen[-1]["percent"] or 0) >= percent

        with server_process(tmp_path, environment={"DIALTREE_DATABASE_URL": server.url}) as running:
            wait_until(has_come_to_the_point, lambda: f"the job is {seen[-1:]}")
            running.stop(signal.SIGKILL)
        done = [found["done"] for found in seen]
        assert done == sorted(done)
        assert all(found["changedCount"] == 0 for found in seen if found["state"] == "RUNNING")
        left = show(bank, job["id"])["state"]
        assert (left, number_counts(bank)) in (("RUNNING", {0}), ("SUCCEEDED", {LINES}))
        start_after(server, 20)
        server.run_jobs()
        finished = show(bank, job["id"])
        assert (finished["state"], finished["changedCount"]) == ("SUCCEEDED", LINES)
        assert finished["done"] == finished["total"] == LINES + 1
        assert number_counts(bank) == {LINES}
        assert bank.ask(LIST)["jobs"]["totalCount"] == 1
        assert server.differences() == []


@by_default_on_postgresql
def test_a_stopping_server_releases_its_job(databases: Databases, tmp_path: Path) -> None:
    with opened(databases) as server:
        bank = Inventory(server, "Bank\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")
        job = queue(bank, "addNumbers", {"seriesId": bank.series("+1 418"), "uploadId": upload(bank, 50_000)})
        with server_process(tmp_path, environment={"DIALTREE_DATABASE_URL": server.url}) as running:
            wait_until(lambda: is_running(bank, job["id"]), running.log.read_text)
            running.stop()
        assert (show(bank, job["id"])["state"], number_counts(bank)) in (("QUEUED", {0}), ("SUCCEEDED", {50_000}))
        start_after(server, 0)
        server.run_jobs()
        assert (show(bank, job["id"])["state"], number_counts(bank)) == ("SUCCEEDED", {50_000})


def is_running(bank: Inventory, job_id: str) -> bool:
    return bool(show(bank, job_id)["state"] != "QUEUED")
