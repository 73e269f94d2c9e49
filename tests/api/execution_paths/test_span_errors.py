"""Refusals and errors in traces: the status of spans, and nothing confidential."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.trace import StatusCode

from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import ADA, ASSIGNED, AVAILABLE, Bank
from tests.api.execution_paths.paired_servers import REQUEST_ID
from tests.api.execution_paths.spans import SECRET, Traced, described, fail
from tests.support.server import Server

REPOSITORY = Path(__file__).parents[3]
TRACE, CALLER = 0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7
PARENT = {"traceparent": f"00-{TRACE:032x}-{CALLER:016x}-01"}
NUMBER = "query Who($number: E164!) { phoneNumber(number: $number) { number organization { name } } }"
RESERVE = """mutation ($ids: [ID!]!, $tag: String!) {
  reserveNumbers(input: { numberIds: $ids, tag: $tag }) { changedCount organizations { name } }
}"""


def ask_viewer(server: Server, *, token: str) -> Any:
    """Return the response to a request with the same id for every server, which errors repeat."""
    headers = {"Authorization": f"Bearer {token}", "X-Request-Id": REQUEST_ID}
    body = {"query": "{ viewer { role } }"}
    return server.run(server.client.post("/graphql", json=body, headers=headers)).json()


def test_a_refusal_is_recorded_without_error_status(traced: Traced, bank: Bank) -> None:
    traced.servers.refused(RESERVE, {"ids": [bank.ids[AVAILABLE]], "tag": " "}, token=bank.owner)
    name, attributes, status, _ = described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.COMPILED)
    assert (name, status) == ("mutation", StatusCode.UNSET)
    assert attributes == {"graphql.operation.type": "mutation", "dialtree.refusals": ("INVALID_INPUT",)}


@pytest.mark.parametrize(
    ("query", "variables", "code", "execution_path"),
    [
        (
            "query ($n: Int) { organizations(first: $n) { totalCount } }",
            {"n": "x"},
            "BAD_USER_INPUT",
            ExecutionPath.INTERPRETED,
        ),
        (
            "query ($n: Int) { organizations(first: $n) { totalCount } }",
            {"n": 501},
            "INVALID_INPUT",
            ExecutionPath.FALLBACK,
        ),
    ],
)
def test_a_client_error_is_recorded_without_error_status(
    traced: Traced, bank: Bank, query: str, variables: dict[str, Any], code: str, execution_path: ExecutionPath
) -> None:
    traced.servers.send(query, variables, token=bank.owner, execution_path=execution_path)
    name, attributes, status, _ = described(traced.operations(), ExecutionPath.INTERPRETED, execution_path)
    assert (name, status) == ("query", StatusCode.UNSET)
    assert attributes == {"graphql.operation.type": "query", "dialtree.errors": (code,)}
    assert [list(span.events) for span in traced.operations()] == [[], []]


@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_a_server_error_is_recorded_in_the_operation_span(
    traced: Traced, bank: Bank, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("resolvers.organizations.queries.organization_count", fail)
    monkeypatch.setattr("schema.organizations.payloads.load_existing", fail)
    query = "{ organizations { totalCount } }" if kind == "query" else RESERVE
    variables = None if kind == "query" else {"ids": [bank.ids[AVAILABLE]], "tag": "desk"}
    traced.servers.send(query, variables, token=bank.owner, execution_path=ExecutionPath.FALLBACK)
    assert described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.FALLBACK) == (
        kind,
        {
            "graphql.operation.type": kind,
            "dialtree.errors": ("INTERNAL_SERVER_ERROR",),
            "error.type": "builtins.RuntimeError",
        },
        StatusCode.ERROR,
        "INTERNAL_SERVER_ERROR",
    )
    for operation in traced.operations():
        (event,) = operation.events
        noted = dict(event.attributes or {})
        assert (event.name, noted.pop("exception.type")) == ("exception", "builtins.RuntimeError")
        assert "raise RuntimeError(SECRET)" in str(noted.pop("exception.stacktrace"))
        assert noted == {}
    assert SECRET not in traced.text()


def test_a_server_error_outside_of_fields_is_recorded_in_the_operation_span(
    traced: Traced, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("execution.documents.DocumentCache.find", break_down)
    traced.servers.alike(partial(ask_viewer, token=bank.owner))
    for spans in traced.spans():
        request, operation = spans[-1], spans[-2]
        assert (operation.name, operation.status.status_code) == ("GraphQL Operation", StatusCode.ERROR)
        assert [dict(event.attributes or {})["exception.type"] for event in operation.events] == [
            "builtins.RuntimeError"
        ]
        assert (request.name, request.status.status_code) == ("POST /graphql", StatusCode.ERROR)
    assert SECRET not in traced.text()


def test_a_server_error_before_the_operation_is_recorded_in_the_request_span(
    traced: Traced, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.endpoint.authenticate", fail)
    traced.servers.alike(partial(ask_viewer, token=bank.owner))
    for spans in traced.spans():
        (request,) = spans
        assert (request.name, request.status.status_code) == ("POST /graphql", StatusCode.ERROR)
        assert [dict(event.attributes or {})["exception.type"] for event in request.events] == ["builtins.RuntimeError"]
    assert SECRET not in traced.text()


def test_an_exception_in_a_request_sets_error_status(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pages.routes.acceptance.find_offer", fail)
    for server in traced.servers.each(lambda server: server):
        with pytest.raises(RuntimeError, match=SECRET):
            server.run(server.client.get("/invitation?token=dti_abc"))
    for spans in traced.spans():
        (span,) = spans
        assert (span.name, span.status.status_code) == ("GET /invitation", StatusCode.ERROR)
        assert dict(span.attributes or {})["http.response.status_code"] == 500
        assert [event.name for event in span.events] == ["exception"]
    assert SECRET not in traced.text()
    assert "dti_abc" not in traced.text()


def test_a_failed_statement_span_has_the_error_type_without_parameters(traced: Traced, bank: Bank) -> None:
    query = """mutation ($email: String!, $id: ID!) {
      inviteUser(input: { firstName: "Eve", lastName: "Hale", email: $email, numberId: $id }) { userErrors { code } }
    }"""
    found = traced.servers.refused(query, {"email": ADA, "id": bank.ids[AVAILABLE]}, token=bank.owner)
    assert found["data"]["inviteUser"]["userErrors"] == [{"code": "ALREADY_EXISTS"}]
    assert ADA not in traced.text()


def test_traces_contain_no_secrets(traced: Traced, bank: Bank) -> None:
    sign_in = """mutation SignIn($email: String!, $password: String!) {
      signIn(input: { email: $email, password: $password }) { userErrors { code } }
    }"""
    invite = """mutation Invite {
      inviteUser(input: { firstName: "Mallory", lastName: "Penhaligon", email: "mallory@bank.test" }) {
        user { id } userErrors { code }
      }
    }"""
    search = "query Find($text: String!) { phoneNumbers(filter: { text: $text }) { totalCount nodes { reservedTag } } }"
    servers = traced.servers
    servers.send(RESERVE, {"ids": [bank.ids[AVAILABLE]], "tag": "zanzibar"}, token=bank.owner)
    assert servers.send(search, {"text": "zanzibar"}, token=bank.owner)["data"]["phoneNumbers"]["totalCount"] == 1
    servers.send(NUMBER, {"number": ASSIGNED}, token=bank.owner, headers={"Cookie": "session=tamarind"})
    servers.send(f'query Get {{ phoneNumber(number: "{AVAILABLE}") {{ id }} }}', token=bank.owner, method="GET")
    servers.send(invite, token=bank.owner)
    servers.each(lambda server: server.execute(sign_in, {"email": ADA, "password": "correct horse"}, token=None))
    secrets = (
        bank.owner,
        "dtk_",
        "Bearer",
        "tamarind",
        "zanzibar",
        "correct horse",
        "Mallory",
        "Penhaligon",
        "bank.test",
        AVAILABLE,
        ASSIGNED,
        bank.ids[AVAILABLE],
    )
    text = traced.text()
    assert [secret for secret in secrets if secret in text] == []
    assert all(
        operation in text
        for operation in ("mutation SignIn", "mutation Invite", "query Find", "query Who", "query Get")
    )
