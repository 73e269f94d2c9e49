"""Limits are enforced before an execution path is chosen, with the same messages."""

from __future__ import annotations

from typing import Any

import pytest

from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import AVAILABLE, Bank
from tests.api.execution_paths.paired_servers import PairedServers

PAGES = """query ($first: Int!) {
  organizations(first: $first) {
    nodes { children(first: $first) { nodes { children(first: $first) { nodes { id } } } } }
  }
}"""


def only(message: str, code: str, **place: Any) -> dict[str, Any]:
    """Return the response to an operation that is not run: one error and no data."""
    return {"errors": [{"message": message, **place, "extensions": {"code": code}}]}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "{ organization " + "{ parent " * 20 + "{ id }" + " }" * 21,
            "The operation has 22 levels of fields; the maximum is 20.",
        ),
        (
            "{ organization { " + " ".join(f"a{n}: id" for n in range(101)) + " } }",
            "The operation has 101 aliases; the maximum is 100.",
        ),
    ],
    ids=["depth", "aliases"],
)
def test_an_operation_over_a_limit_is_not_run(servers: PairedServers, bank: Bank, query: str, message: str) -> None:
    found = servers.refused(query, token=bank.owner, execution_path=None)
    assert found == only(message, "GRAPHQL_VALIDATION_FAILED")


def test_a_document_with_too_many_tokens_is_not_parsed(servers: PairedServers, bank: Bank) -> None:
    (error,) = servers.refused("{ organization {" + " id" * 10_001 + "} }", token=bank.owner, execution_path=None)[
        "errors"
    ]
    assert error["message"] == "Syntax Error: Document contains more than 10000 tokens. Parsing aborted."
    assert error["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


def test_page_sizes_multiply_whenever_they_are_chosen(servers: PairedServers, bank: Bank) -> None:
    found = servers.send(PAGES, {"first": 2}, token=bank.owner)
    assert [len(node["children"]["nodes"]) for node in found["data"]["organizations"]["nodes"]] == [1, 0]
    message = "The operation costs 1030811620 points; the maximum is 100000. Select less or smaller pages."
    assert servers.refused(PAGES, {"first": 500}, token=bank.owner, execution_path=None) == only(
        message, "LIMIT_EXCEEDED"
    )
    assert servers.send(PAGES, {"first": 2}, token=bank.owner) == found


@pytest.mark.parametrize("query", ["{ __schema { queryType { name } } }", '{ __type(name: "Query") { name } }'])
def test_introspection_is_refused_for_anonymous_callers(servers: PairedServers, query: str) -> None:
    message = "Sign in to use introspection."
    assert servers.refused(query, token=None, execution_path=None) == only(message, "UNAUTHENTICATED")


def test_a_mutation_sent_by_get_is_refused(servers: PairedServers, bank: Bank) -> None:
    query = 'mutation { reserveNumbers(input: { filter: { text: "1" }, tag: "x" }) { changedCount } }'
    message = (
        "Send queries with GET or POST, mutations with POST, and subscriptions over WebSocket or with"
        " `Accept: text/event-stream`."
    )
    found = servers.refused(query, token=bank.owner, execution_path=None, method="GET")
    assert found == only(message, "OPERATION_NOT_SUPPORTED")


def test_at_most_five_errors_are_returned(servers: PairedServers, bank: Bank) -> None:
    names = [f"a{n}" for n in range(7)]
    query = "{ " + " ".join(f'{name}: phoneNumber(number: "{AVAILABLE}") {{ id }}' for name in names) + " }"
    found = servers.send(query, token=bank.writer, execution_path=ExecutionPath.FALLBACK)
    assert found["data"] == dict.fromkeys(names)
    assert [error["path"] for error in found["errors"]] == [[name] for name in names[:5]]


def test_an_answer_tells_what_its_operation_cost_when_asked(servers: PairedServers, bank: Bank) -> None:
    asks = {"Dialtree-Cost": "1"}
    found = servers.send("{ viewer { role } }", token=bank.owner, headers=asks)
    assert found == {
        "data": {"viewer": {"role": "OWNER"}},
        "extensions": {"cost": {"requested": 11, "maximum": 100000}},
    }
    assert servers.send("{ viewer { role } }", token=bank.owner, headers={"Dialtree-Cost": "0"}) == {
        "data": found["data"]
    }
    found = servers.refused(PAGES, {"first": 500}, token=bank.owner, execution_path=None, headers=asks)
    assert found["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    assert found["extensions"] == {"cost": {"requested": 1030811620, "maximum": 100000}}
    found = servers.refused("{ nothing }", token=bank.owner, execution_path=None, headers=asks)
    assert "extensions" not in found


def test_many_ids_with_pages_of_their_own_are_not_run(servers: PairedServers, bank: Bank) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Organization { users(first: 500) { nodes { id } } } } }"
    found = servers.refused(query, {"ids": [bank.ids["Bank"]] * 500}, token=bank.owner, execution_path=None)
    assert [error["extensions"]["code"] for error in found["errors"]] == ["LIMIT_EXCEEDED"]
    found = servers.send(query, {"ids": [bank.ids["Bank"]]}, token=bank.owner)
    assert [len(node["users"]["nodes"]) for node in found["data"]["nodes"]] == [1]


RECORD = "mutation ($records: [UsageRecordInput!]!) { recordUsage(input: { records: $records }) { recordedCount } }"


@pytest.mark.parametrize("records", [[], [{"recordId": "1"}], [{"nothing": [[]] * 9}] * 2_000, "wrong"])
def test_variables_of_nobody_are_not_looked_at(servers: PairedServers, records: Any) -> None:
    message = "Sign in first: send `Authorization: Bearer TOKEN`."
    found = servers.refused(RECORD, {"records": records}, token=None, execution_path=None)
    assert found == only(message, "UNAUTHENTICATED")


def test_what_a_message_quotes_is_cut(servers: PairedServers, bank: Bank) -> None:
    found = servers.refused("{ " + "x" * 100_000 + " }", token=bank.owner, execution_path=None)
    message = "Cannot query field '" + "x" * 59 + "… on type 'Query'."
    place = {"locations": [{"line": 1, "column": 3}]}
    assert found == only(message, "GRAPHQL_VALIDATION_FAILED", **place)
    found = servers.refused(
        "{ organizations(first: " + "9" * 5_000 + ") { totalCount } }", token=bank.owner, execution_path=None
    )
    place = {"locations": [{"line": 1, "column": 24}]}
    assert found == only("An integer has 5000 digits; the maximum is 30.", "GRAPHQL_VALIDATION_FAILED", **place)
