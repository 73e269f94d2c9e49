"""What every job has in common: who sees it, when it is refused, and how long it stays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from db.core.database import DatabaseConnection, LockTimeout
from db.core.statements import Statement
from db.core.worker import LEASE
from db.jobs.queue import claim as claim_job
from domain.jobs import MAX_FAILURES, RETENTION
from resolvers.numbers import changes
from schema.core.ids import encode
from tests.api.jobs.actions import LIST, QUEUED, queue, report, run, show
from tests.support.database_dump import dump
from tests.support.inventory import Inventory

AVAILABLE = "+14185550100"


def reservation(bank: Inventory, **more: Any) -> dict[str, Any]:
    return {"numberIds": bank.numbers(AVAILABLE), "tag": "front desk", **more}


def test_what_can_be_checked_at_once_makes_no_job(bank: Inventory) -> None:
    bank.add("+14185550109,Other,Bank,AVAILABLE,,,,\n")
    series, sales = bank.series("+1 418"), bank.organization("Bank/Sales")
    cases: list[tuple[str, dict[str, Any], list[str], str]] = [
        ("reserveNumbers", {**reservation(bank), "tag": " "}, ["input", "tag"], "INVALID_INPUT"),
        ("reserveNumbers", reservation(bank, dryRun=True), ["input", "dryRun"], "INVALID_INPUT"),
        ("reserveNumbers", reservation(bank, organizationId="x"), ["input", "organizationId"], "NOT_FOUND"),
        ("unreserveNumbers", {}, ["input", "numberIds"], "INVALID_INPUT"),
        ("retireNumbers", {"filter": {}}, ["input", "filter"], "INVALID_INPUT"),
        (
            "allocateNumbers",
            {"seriesId": "x", "quantity": 1, "toOrganizationId": sales},
            ["input", "seriesId"],
            "NOT_FOUND",
        ),
        (
            "withdrawNumbers",
            {"seriesId": series, "quantity": 0, "organizationId": sales},
            ["input", "quantity"],
            "INVALID_INPUT",
        ),
        ("addNumbers", {"seriesId": series}, ["input", "numbers"], "INVALID_INPUT"),
        ("addNumbers", {"seriesId": series, "uploadId": "x"}, ["input", "uploadId"], "NOT_FOUND"),
        ("inviteUsers", {}, ["input", "rows"], "INVALID_INPUT"),
    ]
    bank.token(role="VIEWER")
    before = dump(bank.server)
    for name, values, path, code in cases:
        payload = bank.mutate(name, QUEUED, {**values, "asJob": True})
        (error,) = payload["userErrors"]
        assert (payload["job"], error["path"], error["code"]) == (None, path, code), name
    for name, values in [("reserveNumbers", reservation(bank)), ("inviteUsers", {"csv": "A,B,a@b.test"})]:
        payload = bank.mutate(name, QUEUED, {**values, "asJob": True}, role="VIEWER")
        assert (payload["job"], payload["userErrors"][0]["code"]) == (None, "FORBIDDEN")
    payload = bank.mutate("addNumbers", QUEUED, {"seriesId": series, "uploadId": "x"})
    assert payload["userErrors"][0]["path"] == ["input", "uploadId"]
    assert dump(bank.server) == before


def test_an_idempotency_key_returns_the_same_job(bank: Inventory) -> None:
    first = queue(bank, "reserveNumbers", reservation(bank, idempotencyKey="k"))
    assert queue(bank, "reserveNumbers", reservation(bank, idempotencyKey="k"))["id"] == first["id"]
    bank.server.run_jobs()
    again = bank.mutate("reserveNumbers", QUEUED, reservation(bank, idempotencyKey="k", asJob=True))
    assert (again["job"]["id"], again["job"]["state"]) == (first["id"], "SUCCEEDED")
    refused = bank.mutate("reserveNumbers", QUEUED, reservation(bank, idempotencyKey="k"))
    assert refused["userErrors"][0]["code"] == "IDEMPOTENCY_MISMATCH"
    assert bank.ask(LIST)["jobs"]["totalCount"] == 1


@pytest.mark.parametrize("loss", ["revoked", "expired", "deleted", "role"])
def test_a_job_may_do_what_its_caller_may_do_when_it_runs(bank: Inventory, loss: str) -> None:
    server = bank.server
    if loss in {"revoked", "expired"}:
        token = server.create_key(organization="Bank", role="ADMIN", name="Shop", days=1)
    else:
        server.create_administrator(
            organization="Bank", role="ADMIN", email="a@bank.test", password="cobalt lantern 41"
        )
        sign_in = 'mutation { signIn(input: {email: "a@bank.test", password: "cobalt lantern 41"}) { token } }'
        token = server.ask(sign_in, token=None)["signIn"]["token"]
    query = f"mutation ($input: ReserveNumbersInput!) {{ reserveNumbers(input: $input) {{ {QUEUED} }} }}"
    payload = server.ask(query, {"input": reservation(bank, asJob=True)}, token=token)["reserveNumbers"]
    if loss == "revoked":
        server.revoke_key("Shop")
    elif loss == "expired":
        server.advance(2 * 86_400)
    else:
        people = bank.ask("{ administrators { nodes { id } } }")["administrators"]["nodes"]
        change = {"administratorId": people[0]["id"]}
        name, more = ("deleteAdministrator", {}) if loss == "deleted" else ("updateAdministrator", {"role": "VIEWER"})
        assert bank.mutate(name, "userErrors { code }", change | more)["userErrors"] == []
    before = dump(server)
    server.run_jobs()
    after = dump(server)
    assert {name for name in after if after[name] != before[name]} == {"jobs"}
    job = show(bank, payload["job"]["id"])
    message = {
        "revoked": "The API key that asked for this was revoked or has expired.",
        "expired": "The API key that asked for this was revoked or has expired.",
        "deleted": "The administrator was deleted.",
        "role": "Your role VIEWER may not change numbers.",
    }[loss]
    assert (job["state"], [error["code"] for error in job["errors"]]) == ("FAILED", ["FORBIDDEN"])
    assert (job["errors"][0]["message"], job["done"], job["changedCount"]) == (message, 0, 0)
    assert report(bank, job)[1:] == [f',"","FORBIDDEN","{message}",,,,,,']


def test_the_report_shows_no_organization_that_has_left_the_scope(bank: Inventory) -> None:
    bank.add("+14185550106,+1 418,Bank/Sales/Trading,AVAILABLE,,,,\n")
    reserved = {"filter": {"statuses": "AVAILABLE"}, "tag": "spare"}
    job = run(bank, "reserveNumbers", reserved, at="Bank/Sales")
    sales = ',"+14185550105","CHANGED","","Available","Reserved","","spare","Sales","Sales"'
    assert report(bank, job)[1:] == [sales, sales.replace("0105", "0106").replace("Sales", "Trading")]
    move = {"organizationId": bank.organization("Bank/Sales/Trading"), "parentId": bank.organization("Bank/Retail")}
    assert bank.mutate("moveOrganization", "userErrors { code }", move)["userErrors"] == []
    assert report(bank, show(bank, job["id"], at="Bank/Sales"))[1:] == [sales]


def test_a_job_whose_organization_was_deleted_fails(bank: Inventory) -> None:
    trading = bank.organization("Bank/Sales/Trading")
    headers = {"token": bank.token(), "acting": trading}
    query = f"mutation ($input: MoveNumbersInput!) {{ moveNumbers(input: $input) {{ {QUEUED} }} }}"
    values = {"filter": {"text": "418"}, "organizationId": trading, "asJob": True}
    payload = bank.server.ask(query, {"input": values}, **headers)["moveNumbers"]
    deleted = bank.mutate("deleteOrganization", "userErrors { code }", {"organizationId": trading})
    assert deleted["userErrors"] == []
    bank.server.run_jobs()
    job = show(bank, payload["job"]["id"])
    assert (job["state"], job["errors"][0]["code"]) == ("FAILED", "NOT_FOUND")


def test_jobs_are_seen_from_their_organization_and_above_and_paged(bank: Inventory) -> None:
    sales = [queue(bank, "unreserveNumbers", {"filter": {"tag": f"{n}"}}, at="Bank/Sales")["id"] for n in range(3)]
    top = queue(bank, "unreserveNumbers", {"filter": {"tag": "x"}})["id"]
    assert [job["id"] for job in bank.ask(LIST)["jobs"]["nodes"]] == [top, *reversed(sales)]
    for place, count in [("Bank/Sales", 3), ("Bank/Sales/Trading", 0), ("Bank/Retail", 0)]:
        assert bank.ask(LIST, at=place)["jobs"]["totalCount"] == count
    assert show(bank, sales[0], at="Bank/Retail") is None
    assert show(bank, top, at="Bank/Sales") is None
    query = (
        "query ($after: String) { jobs(first: 3, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
    )
    page = bank.ask(query)["jobs"]
    rest = bank.ask(query, {"after": page["pageInfo"]["endCursor"]})["jobs"]
    assert [node["id"] for node in (*page["nodes"], *rest["nodes"])] == [top, *reversed(sales)]
    bank.server.run_jobs()
    assert bank.ask(LIST, {"states": ["QUEUED", "RUNNING"]})["jobs"]["totalCount"] == 0
    assert bank.ask(LIST, {"states": ["SUCCEEDED"]})["jobs"]["totalCount"] == 4
    bank.server.advance(RETENTION.total_seconds())
    bank.server.tidy()
    assert dump(bank.server)["jobs"] == []


def test_a_job_that_fails_unexpectedly_is_retried_and_then_given_up(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue(bank, "reserveNumbers", reservation(bank))
    before = {name: rows for name, rows in dump(bank.server).items() if name != "jobs"}
    attempts = []

    async def fail(*_: Any, **__: Any) -> None:
        attempts.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(changes, "complete_change", fail)
    for _ in range(MAX_FAILURES + 2):
        bank.server.run_jobs()
        bank.server.advance(3_600)
    found = show(bank, job["id"])
    assert (found["state"], found["errors"][0]["code"], len(attempts)) == ("FAILED", "LIMIT_EXCEEDED", MAX_FAILURES)
    assert {name: rows for name, rows in dump(bank.server).items() if name != "jobs"} == before


def test_two_jobs_of_a_root_are_not_claimed_at_the_same_moment(bank: Inventory) -> None:
    database, now = bank.server.database, bank.server.clock()
    first, second = (queue(bank, "reserveNumbers", reservation(bank))["id"] for _ in range(2))

    async def claim(connection: DatabaseConnection) -> int | None:
        found = await claim_job(connection, now=now, until=now + LEASE)
        return None if found is None else found.id

    async def claim_in_between() -> tuple[int | None, int | BaseException | None]:
        async with database.write() as connection:
            claimed = await claim(connection)
            other = asyncio.create_task(database.transact(claim, None, bulk=False))
            # The other one could end only without the lock; with it, it waits.
            await asyncio.wait([other], timeout=0.5)
        return claimed, (await asyncio.gather(other, return_exceptions=True))[0]

    claimed, other = bank.server.run(claim_in_between())
    assert claimed is not None
    assert encode("Job", claimed) == first
    assert other is None or isinstance(other, LockTimeout)
    assert (show(bank, first)["state"], show(bank, second)["state"]) == ("RUNNING", "QUEUED")


def test_the_check_finds_jobs_that_disagree_with_their_operation(bank: Inventory) -> None:
    run(bank, "reserveNumbers", reservation(bank))
    changes_of_rows = {
        "changed_count = 7": "job 1 has changed 7 numbers, its operation 1",
        "changed_count = 1, operation_id = 99": "job 1 names an operation that does not exist",
        "operation_id = (SELECT max(id) FROM operations), done = 0": "job 1 has SUCCEEDED but is not done",
        "done = 1, command = '{}'": "job 1 has ended but keeps its command",
        "state = 1, done = 1": "job 1 is RUNNING but not claimed",
    }

    async def change(values: str) -> None:
        async with bank.server.database.write() as connection:
            await connection.execute(Statement(text(f"UPDATE jobs SET {values}")))  # noqa: S608 - of this test

    assert bank.server.differences() == []
    for values, difference in changes_of_rows.items():
        bank.server.run(change(values))
        assert difference in bank.server.differences()
