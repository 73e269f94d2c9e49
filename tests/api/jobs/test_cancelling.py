"""Cancelling jobs: a queued one at once, a running one by rolling it back, and no other."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from db.core.database import DatabaseConnection
from db.core.worker import LEASE
from db.jobs import queries, signals
from db.jobs import queue as jobs
from db.jobs.queries import JobQuery
from resolvers.core.job_run import JobRun
from resolvers.jobs.worker import JobWorker
from resolvers.numbers.completion import complete_change
from tests.api.jobs.actions import LIST, queue, run, show
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.server import Server
from tests.support.waiting import PATIENCE

CANCEL = """mutation ($id: ID!, $key: String! = "once") { cancelJob(input: {jobId: $id, idempotencyKey: $key}) {
  job { state } userErrors { code message path } } }"""


UNRESERVE = """mutation ($input: UnreserveNumbersInput!) {
  unreserveNumbers(input: $input) { changedCount userErrors { code } }
}"""


def cancel(bank: Inventory, job_id: str) -> Any:
    return bank.ask(CANCEL, {"id": job_id})["cancelJob"]


def unchanged_tables(bank: Inventory) -> dict[str, Any]:
    """What a cancelled job must leave as it was."""
    return {name: rows for name, rows in dump(bank.server).items() if name not in {"jobs", "idempotency_keys"}}


def test_a_queued_job_is_cancelled_at_once_and_never_runs(bank: Inventory) -> None:
    before = unchanged_tables(bank)
    job = queue(bank, "reserveNumbers", {"numberIds": bank.numbers("+14185550100"), "tag": "x"})
    assert cancel(bank, job["id"]) == {"job": {"state": "CANCELLED"}, "userErrors": []}
    assert cancel(bank, job["id"]) == {"job": {"state": "CANCELLED"}, "userErrors": []}, "the same key"
    bank.server.run_jobs()
    assert unchanged_tables(bank) == before
    found = show(bank, job["id"])
    assert (found["state"], found["done"], found["report"], found["errors"]) == ("CANCELLED", 0, None, [])


def test_a_finished_job_says_so(bank: Inventory) -> None:
    job = run(bank, "reserveNumbers", {"numberIds": bank.numbers("+14185550100"), "tag": "x"})
    before = dump(bank.server)
    (error,) = cancel(bank, job["id"])["userErrors"]
    assert error == {
        "code": "CONFLICT",
        "message": "This job has ended already: it is SUCCEEDED.",
        "path": ["input", "jobId"],
    }
    assert dump(bank.server) == before


def test_a_running_job_is_rolled_back(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    before = unchanged_tables(bank)
    job = queue(bank, "moveNumbers", {"filter": {"statuses": ["AVAILABLE"]}, "organizationId": sales(bank)})
    is_written = asyncio.Event()
    monkeypatch.setattr("resolvers.jobs.worker.SIGNAL_SECONDS", 0.01)

    async def wait_for_ever(*arguments: Any, **options: Any) -> Any:
        await complete_change(*arguments, **options)
        arguments[0].job.advance(2)
        is_written.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("resolvers.numbers.changes.complete_change", wait_for_ever)
    progress: list[dict[str, Any]] = []

    async def cancel_while_it_runs() -> Any:
        server, token = bank.server, bank.token()
        working = asyncio.create_task(JobWorker(server.database, server.clock, server._deployment).work_once())
        await is_written.wait()
        while not progress or progress[-1]["done"] < 2:
            (found,) = (await server.post(LIST, {"states": ["RUNNING"]}, token=token))["data"]["jobs"]["nodes"]
            progress.append({name: found[name] for name in ("done", "total", "changedCount", "operationId")})
        # The claim ends, which cannot be renewed on SQLite now; the signs of life keep others from taking the job.
        server.advance(60)
        while not await has_reported(server, server.clock()):  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)
        other = asyncio.create_task(JobWorker(server.database, server.clock, server._deployment).work_once())
        answer = await server.post(CANCEL, {"id": job["id"]}, token=token)
        await asyncio.gather(working, other)
        return answer["data"]["cancelJob"]

    answer = bank.server.run(cancel_while_it_runs())
    assert answer["userErrors"] == []
    assert progress[-1] == {"done": 2, "total": 3, "changedCount": 0, "operationId": None}
    assert unchanged_tables(bank) == before
    found = show(bank, job["id"])
    assert (found["state"], found["done"], found["changedCount"]) == ("CANCELLED", 0, 0)

    async def attempts() -> Any:
        async with bank.server.database.read() as connection:
            return await queries.by_ids(connection, [1], JobQuery("1/", 1))

    assert bank.server.run(attempts())[1].attempts == 1
    assert bank.server.differences() == []


def cancel_a_running_job(bank: Inventory, monkeypatch: pytest.MonkeyPatch, key: str) -> Any:
    """Return the answer, and the state of the job in the end."""
    job = queue(bank, "reserveNumbers", {"numberIds": bank.numbers("+14185550100"), "tag": "x"})
    is_written, may_end = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr("resolvers.jobs.worker.SIGNAL_SECONDS", 0.01)

    async def wait_in_the_job(*arguments: Any, **options: Any) -> Any:
        result = await complete_change(*arguments, **options)
        is_written.set()
        await may_end.wait()
        return result

    monkeypatch.setattr("resolvers.numbers.changes.complete_change", wait_in_the_job)

    async def cancel_while_it_runs() -> Any:
        server, token = bank.server, bank.token()
        working = asyncio.create_task(JobWorker(server.database, server.clock, server._deployment).work_once())
        await is_written.wait()
        try:
            return await asyncio.wait_for(server.post(CANCEL, {"id": job["id"], "key": key}, token=token), PATIENCE)
        finally:
            # Time in which a wrong signal would be seen.
            await asyncio.sleep(0.1)
            may_end.set()
            await working

    answer = bank.server.run(cancel_while_it_runs())
    return answer["data"]["cancelJob"], show(bank, job["id"])["state"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "a\0b"])
def test_a_refused_key_leaves_a_running_job_alone(bank: Inventory, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    answer, state = cancel_a_running_job(bank, monkeypatch, key)
    (error,) = answer["userErrors"]
    assert (error["code"], error["path"], state) == ("INVALID_INPUT", ["input", "idempotencyKey"], "SUCCEEDED")


def test_a_key_that_has_expired_cancels_a_running_job(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = queue(bank, "reserveNumbers", {"numberIds": bank.numbers("+14185550100"), "tag": "x"})
    assert cancel(bank, earlier["id"])["userErrors"] == []
    bank.server.advance(25 * 3600)
    answer, state = cancel_a_running_job(bank, monkeypatch, "once")
    assert (answer["userErrors"], state) == ([], "CANCELLED")


def test_a_running_job_keeps_no_other_large_change_of_its_root_waiting(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bank.server.url.startswith("sqlite"):
        pytest.skip("SQLite has one writer")
    job = queue(bank, "moveNumbers", {"filter": {"statuses": ["AVAILABLE"]}, "organizationId": sales(bank)})
    is_written, may_end = asyncio.Event(), asyncio.Event()

    async def wait_in_the_job(work: Any, *arguments: Any, **options: Any) -> Any:
        result = await complete_change(work, *arguments, **options)
        if work.job is not None:
            is_written.set()
            await may_end.wait()
        return result

    monkeypatch.setattr("resolvers.numbers.changes.complete_change", wait_in_the_job)
    variables = {"input": {"filter": {"statuses": ["RESERVED"]}, "expectedCount": 1}}

    async def change_meanwhile() -> Any:
        server = bank.server
        working = asyncio.create_task(JobWorker(server.database, server.clock, server._deployment).work_once())
        await is_written.wait()
        answer = await server.post(UNRESERVE, variables, token=bank.token())
        may_end.set()
        await working
        return answer

    answer = bank.server.run(asyncio.wait_for(change_meanwhile(), PATIENCE))
    assert answer == {"data": {"unreserveNumbers": {"changedCount": 1, "userErrors": []}}}
    assert (show(bank, job["id"])["state"], bank.server.differences()) == ("SUCCEEDED", [])


def test_a_job_that_is_cancelled_during_its_commit_has_succeeded(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = queue(bank, "reserveNumbers", {"numberIds": bank.numbers("+14185550100"), "tag": "x"})
    succeed = JobRun.succeed

    async def succeed_and_be_cancelled(*arguments: Any, **options: Any) -> None:
        await succeed(*arguments, **options)
        task = asyncio.current_task()
        assert task is not None
        # In the next turn of the loop, the task waits for its COMMIT.
        asyncio.get_running_loop().call_soon(task.cancel)

    monkeypatch.setattr(JobRun, "succeed", succeed_and_be_cancelled)
    with caplog.at_level("INFO", "dialtree.jobs"):
        bank.server.run_jobs()
    assert [record.message for record in caplog.records] == ["job 1 (RESERVE) ended before it was cancelled"]
    found = show(bank, job["id"])
    assert (found["state"], found["done"], found["changedCount"]) == ("SUCCEEDED", 1, 1)
    assert bank.show("+14185550100")["status"] == "RESERVED"
    assert bank.server.differences() == []


def test_a_job_that_was_given_back_meanwhile_is_cancelled_all_the_same(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = unchanged_tables(bank)
    job = queue(bank, "reserveNumbers", {"numberIds": bank.numbers("+14185550100"), "tag": "x"})
    cancel_queued = jobs.cancel_queued

    async def claim_and_release(connection: DatabaseConnection, job_id: int, *, now: datetime) -> bool:
        claim = await jobs.claim(connection, now=now, until=now + LEASE)
        assert claim is not None
        is_cancelled = await cancel_queued(connection, job_id, now=now)
        await jobs.release(connection, claim, now=now)
        return is_cancelled

    monkeypatch.setattr("db.jobs.queue.cancel_queued", claim_and_release)
    assert cancel(bank, job["id"]) == {"job": {"state": "QUEUED"}, "userErrors": []}

    async def is_signalled() -> bool:
        async with bank.server.database.aside() as connection:
            return any(signal.cancel_requested for signal in (await signals.find(connection, [1])).values())

    assert bank.server.run(is_signalled())

    async def wait_for_ever(*_arguments: Any, **_options: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("resolvers.numbers.changes.complete_change", wait_for_ever)
    bank.server.run_jobs()
    assert show(bank, job["id"])["state"] == "CANCELLED"
    assert unchanged_tables(bank) == before


async def has_reported(server: Server, since: datetime) -> bool:
    """Whether a job has given a sign of life."""
    async with server.database.aside() as connection:
        found = await signals.find(connection, [1])
    return any(signal.reported_at is not None and signal.reported_at >= since for signal in found.values())


def sales(bank: Inventory) -> str:
    return bank.organization("Bank/Sales")
