"""On both execution paths, a server error is masked, logged once, and repeats no change."""

from __future__ import annotations

import logging
from typing import Any

import orjson
import pytest

from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import AVAILABLE, Bank
from tests.api.execution_paths.paired_servers import REQUEST_ID, PairedServers
from tests.support.database_dump import dump

SECRET = "the secret of the database"
MASKED = {
    "message": "Something went wrong on the server.",
    "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": REQUEST_ID},
}
HISTORY = """query ($number: E164!) {
  phoneNumber(number: $number) { status reservedTag history { nodes { action reservedTagAfter } } }
}"""


async def fail(*_arguments: Any, **_more: Any) -> None:
    raise RuntimeError(SECRET)


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return the logged errors, each with its exception."""
    return [
        (record.getMessage(), str(record.exc_info[1]))
        for record in caplog.records
        if record.levelno >= logging.ERROR and record.exc_info
    ]


def test_a_server_error_in_a_query_is_masked(
    servers: PairedServers, bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("resolvers.organizations.queries.organization_count", fail)
    found = servers.refused("{ organizations { totalCount } }", token=bank.owner, execution_path=ExecutionPath.FALLBACK)
    place = {"locations": [{"line": 1, "column": 19}], "path": ["organizations", "totalCount"]}
    assert found == {"errors": [MASKED | place], "data": None}
    assert logged(caplog) == [("a field failed", SECRET)] * 2


def test_fields_without_errors_are_still_returned(
    servers: PairedServers, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.organizations.queries.organization_count", fail)
    query = "query ($number: E164!) { phoneNumber(number: $number) { organization { children { totalCount } } } }"
    found = servers.refused(query, {"number": AVAILABLE}, token=bank.owner, execution_path=ExecutionPath.FALLBACK)
    path = ["phoneNumber", "organization", "children", "totalCount"]
    assert found == {
        "errors": [MASKED | {"locations": [{"line": 1, "column": 83}], "path": path}],
        "data": {"phoneNumber": None},
    }


def test_a_server_error_in_a_payload_keeps_the_change_made_once(
    servers: PairedServers, bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    query = """mutation ($ids: [ID!]!) {
      reserveNumbers(input: { numberIds: $ids, tag: "desk" }) { changedCount organizations { name } }
    }"""
    with monkeypatch.context() as broken:
        broken.setattr("schema.organizations.payloads.load_existing", fail)
        found = servers.send(
            query, {"ids": [bank.ids[AVAILABLE]]}, token=bank.owner, execution_path=ExecutionPath.FALLBACK
        )
    place = {"locations": [{"line": 2, "column": 78}], "path": ["reserveNumbers", "organizations"]}
    assert found == {"errors": [MASKED | place], "data": {"reserveNumbers": None}}
    assert logged(caplog) == [("a field failed", SECRET)] * 2
    events = [
        {"action": "RESERVED", "reservedTagAfter": "desk"},
        {"action": "IMPORTED", "reservedTagAfter": None},
    ]
    number = {"status": "RESERVED", "reservedTag": "desk", "history": {"nodes": events}}
    assert servers.send(HISTORY, {"number": AVAILABLE}, token=bank.owner) == {"data": {"phoneNumber": number}}
    assert servers.alike(lambda server: server.differences()) == []
    servers.alike(dump)


def test_a_server_error_inside_a_mutation_rolls_it_back(
    servers: PairedServers, bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # The last step of every transaction. With an organization, it is not a single statement on PostgreSQL.
    monkeypatch.setattr("resolvers.core.transactions.settle_counters", fail)
    query = """mutation ($ids: [ID!]!, $to: ID!) {
      reserveNumbers(input: { numberIds: $ids, tag: "desk", organizationId: $to }) { changedCount }
    }"""
    variables = {"ids": [bank.ids[AVAILABLE]], "to": bank.ids["Bank/Sales"]}
    found = servers.refused(query, variables, token=bank.owner, execution_path=ExecutionPath.FALLBACK)
    place = {"locations": [{"line": 2, "column": 7}], "path": ["reserveNumbers"]}
    assert found == {"errors": [MASKED | place], "data": {"reserveNumbers": None}}
    assert logged(caplog) == [("a field failed", SECRET)] * 2


def test_a_server_error_outside_of_fields_is_masked(
    servers: PairedServers, bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.endpoint.authenticate", fail)

    def answer(server: Any) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {bank.owner}", "X-Request-Id": REQUEST_ID}
        body = {"query": "{ viewer { role } }"}
        response = server.run(server.client.post("/graphql", json=body, headers=headers))
        return response.status_code, response.content

    status, content = servers.alike(answer)
    assert (status, orjson.loads(content)) == (500, {"errors": [MASKED]})
    assert logged(caplog) == [("a request failed", SECRET)] * 2
