"""GraphQL over HTTP: valid and invalid requests, and the code and status of each response."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.server import Server

ME = "{ viewer { role } }"
MEDIA = "application/graphql-response+json"
TWO = "query One { viewer { role } } query Two { viewer { name } }"
RESERVE = 'mutation { reserveNumbers(input: {filter: {text: "1"}, tag: "x"}) { changedCount } }'


def send(bank: Inventory, method: str = "POST", **request: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {bank.token()}"} | request.pop("headers", {})
    return bank.server.run(bank.server.client.request(method, "/graphql", headers=headers, **request))


def post(bank: Inventory, **body: Any) -> httpx.Response:
    return send(bank, json=body)


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def test_a_response_is_json_and_must_not_be_cached(shared: Inventory) -> None:
    response = post(shared, query=ME)
    assert (response.status_code, response.json()) == (200, {"data": {"viewer": {"role": "OWNER"}}})
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "xapplication/json"],
)
def test_a_content_type_other_than_json_is_415(shared: Inventory, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = send(shared, content=b'{"query": "{ viewer { role } }"}', headers=headers)
    assert (response.status_code, codes(response)) == (415, ["BAD_REQUEST"])


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_json_content_type_is_accepted_with_parameters_and_in_any_case(shared: Inventory, content_type: str) -> None:
    response = send(shared, content=b'{"query": "{ viewer { role } }"}', headers={"Content-Type": content_type})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"5",
        b"null",
        b"[]",
        b'"query"',
        b"{}",
        b'{"query": null}',
        b'{"query": 5}',
        b'{"query": ""}',
        b'{"query": "  "}',
        b'{"query": ["{ viewer { role } }"]}',
        b'[{"query": "{ viewer { role } }"}]',
        b'{"query": "{ viewer { role } }", "variables": []}',
        b'{"query": "{ viewer { role } }", "variables": "{}"}',
        b'{"query": "{ viewer { role } }", "operationName": 5}',
        b'{"query": "{ viewer { role } }", "extensions": 5}',
        b'{"query": "{ viewer { role } }", "variables": {"x": NaN}}',
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b"[" * 100_000,
        b'{"query": "{ viewer { role } }", "variables": {"x": ' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"query": "{ viewer { role } }", "variables": {"x": ' + b"9" * 6000 + b"}}",
    ],
    ids=lambda body: f"{len(body)} {body[:40]!r}",
)
def test_an_invalid_request_is_refused_without_a_traceback(shared: Inventory, body: bytes) -> None:
    response = send(shared, content=body, headers={"Content-Type": "application/json"})
    assert "Traceback" not in response.text
    assert 'File "' not in response.text
    if b"[[[" in body or b"999" in body:
        # Unused variables may be ignored; the request must not fail.
        assert response.status_code in {200, 400}
    else:
        assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


def test_a_body_over_10_megabytes_is_413(shared: Inventory) -> None:
    padding = " " * (10 * 1024 * 1024)
    response = post(shared, query=ME + padding)
    assert (response.status_code, codes(response)) == (413, ["BAD_REQUEST"])


def test_queries_can_be_sent_by_get(shared: Inventory) -> None:
    query = "query Who($number: E164!) { phoneNumber(number: $number) { number } }"
    parameters = {"query": query, "variables": '{"number": "+14185550100"}', "operationName": "Who"}
    response = send(shared, "GET", params=parameters)
    assert response.json() == {"data": {"phoneNumber": {"number": "+14185550100"}}}


@pytest.mark.parametrize(
    "accept",
    ["application/json", "Application/GraphQL-Response+JSON, application/json;q=0.9", "*/*, application/json"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_guest_who_names_a_media_type_can_query_by_get(shared: Inventory, accept: str, method: str) -> None:
    response = _send_as_guest(shared, accept, method)
    assert response.status_code == 200
    assert response.text == ('{"data":{"__typename":"Query"}}' if method == "GET" else "")


def test_a_guest_can_ask_for_events_by_get(shared: Inventory) -> None:
    assert '{"data":{"__typename":"Query"}}' in _send_as_guest(shared, "text/event-stream").text


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "image/avif,image/webp,*/*;q=0.8", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
    ids=["none", "scripts and styles", "images", "links and forms"],
)
def test_what_foreign_pages_send_by_get_is_not_answered(shared: Inventory, accept: str) -> None:
    response = _send_as_guest(shared, accept)
    assert (response.status_code, codes(response)) == (200, ["BAD_REQUEST"])
    assert "data" not in response.json()


def _send_as_guest(bank: Inventory, accept: str, method: str = "GET") -> httpx.Response:
    server = bank.server
    request = server.client.build_request(method, "/graphql", params={"query": "{ __typename }"})
    request.headers["accept"] = accept
    return server.run(server.client.send(request))


def test_mutations_sent_by_get_are_refused(shared: Inventory) -> None:
    before = dump(shared.server)
    response = send(shared, "GET", params={"query": RESERVE})
    assert codes(response) == ["OPERATION_NOT_SUPPORTED"]
    assert "data" not in response.json()
    both = send(
        shared,
        "GET",
        params={"query": f"query Q {ME} {RESERVE.replace('mutation', 'mutation M', 1)}", "operationName": "M"},
    )
    assert codes(both) == ["OPERATION_NOT_SUPPORTED"]
    assert dump(shared.server) == before


@pytest.mark.parametrize(
    "parameters", [{}, {"query": ""}, {"query": ME, "variables": "{"}, {"query": ME, "variables": "5"}]
)
def test_an_invalid_get_request_is_400(shared: Inventory, parameters: dict[str, str]) -> None:
    response = send(shared, "GET", params=parameters)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(shared: Inventory, method: str) -> None:
    response = send(shared, method, json={"query": ME})
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("name", [None, ""])
def test_several_operations_without_a_name_are_refused(shared: Inventory, name: str | None) -> None:
    before = dump(shared.server)
    for query in (TWO, f"mutation A {RESERVE[9:]} query B {ME}"):
        response = post(shared, query=query, operationName=name)
        assert len(codes(response)) == 1
        assert response.json().get("data") is None
        assert "OWNER" not in response.text
    assert dump(shared.server) == before


def test_the_named_operation_of_several_is_run(shared: Inventory) -> None:
    assert post(shared, query=TWO, operationName="One").json() == {"data": {"viewer": {"role": "OWNER"}}}


def test_an_unknown_operation_name_is_refused(shared: Inventory) -> None:
    for query in (ME, TWO):
        response = post(shared, query=query, operationName="Three")
        assert codes(response) == ["OPERATION_RESOLUTION_FAILURE"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("viewer", "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { role } } }", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ organizations(first: "x") { totalCount } }', "GRAPHQL_VALIDATION_FAILED"),
        ("{ phoneNumber(number: 5) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Viewer { role } { viewer { ...F } } fragment F on Viewer { id }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($x: Int!) { organizations(first: $x) { totalCount } }", "BAD_USER_INPUT"),
        ("{ organizations(first: 501) { totalCount } }", "INVALID_INPUT"),
        ('{ organizations(after: "x") { totalCount } }', "INVALID_INPUT"),
        ("{ phoneNumbers(first: 1, last: 1) { totalCount } }", "INVALID_INPUT"),
        ('{ phoneNumbers(filter: {from: "nonsense"}) { totalCount } }', "INVALID_INPUT"),
        ('{ phoneNumbers(filter: {updatedSince: "yesterday"}) { totalCount } }', "GRAPHQL_VALIDATION_FAILED"),
        (
            '{ phoneNumbers(filter: {updatedSince: "0001-01-01T00:00:00+14:00"}) { totalCount } }',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            '{ phoneNumbers(filter: {updatedSince: "9999-12-31T23:59:59-14:00"}) { totalCount } }',
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ],
)
def test_every_error_has_its_code(shared: Inventory, query: str, code: str) -> None:
    response = post(shared, query=query)
    assert response.status_code == 200
    assert codes(response)[0] == code
    assert set(codes(response)) == {code}


@pytest.mark.parametrize(
    ("query", "token", "status"),
    [
        (ME, True, 200),
        (ME, False, 401),
        ("{", True, 400),
        ("{ nothing }", True, 400),
        ('{ phoneNumber(number: "nonsense") { id } }', True, 200),
        # Nothing and something beside errors.
        ("{ organizations(first: 501) { totalCount } }", True, 294),
        ("{ viewer { role } mailDeliveries(first: 501) { totalCount } }", True, 294),
    ],
)
def test_the_newer_media_type_has_http_statuses(shared: Inventory, query: str, token: bool, status: int) -> None:  # noqa: FBT001
    headers = {"Accept": MEDIA} | ({} if token else {"Authorization": ""})
    response = send(shared, json={"query": query}, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == f"{MEDIA}; charset=utf-8"


@pytest.mark.parametrize(
    "query",
    [
        "{" * 5000,
        "{ organization " * 2000 + "{ id }" + "}" * 2000,
        "{ organizations(search: " + "[" * 3000 + "]" * 3000 + ") { totalCount } }",
        "query ($x: " + "[" * 3000 + "Int" + "]" * 3000 + ") { viewer { role } }",
        "{ viewer { role } " + "viewer { role } " * 6000 + "}",
    ],
    ids=["open", "deep", "list", "type", "wide"],
)
def test_a_huge_document_is_refused_without_a_traceback(shared: Inventory, query: str) -> None:
    response = post(shared, query=query)
    assert response.status_code == 200
    assert set(codes(response)) <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
    assert "Traceback" not in response.text
    assert "recursion" not in response.text.lower()


def test_a_server_error_is_masked(shared: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError("the secret of the database")

    monkeypatch.setattr("resolvers.organizations.queries.organization_count", fail)
    response = post(shared, query="{ organizations { totalCount } }")
    (error,) = response.json()["errors"]
    assert error["message"] == "Something went wrong on the server."
    assert codes(response) == ["INTERNAL_SERVER_ERROR"]
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_at_most_five_errors_are_shown(shared: Inventory) -> None:
    query = "{ " + " ".join(f"nothing{n}" for n in range(30)) + " }"
    assert len(codes(post(shared, query=query))) == 5


INTROSPECTION = "{ __schema { queryType { name } } }"


def test_with_graphiql_anonymous_callers_may_introspect(shared: Inventory) -> None:
    response = send(shared, json={"query": INTROSPECTION}, headers={"Authorization": ""})
    assert response.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


def test_without_graphiql_only_signed_in_callers_may_introspect(closed: Server) -> None:
    bank = Inventory(closed, "Bank\n")
    for query in (INTROSPECTION, '{ __type(name: "Query") { name } }'):
        found = closed.execute(query, token=None)
        assert found.get("data") is None
        assert {error["extensions"]["code"] for error in found["errors"]} == {"UNAUTHENTICATED"}
        assert closed.execute(query, token="dtk_wrong").get("data") is None
        assert "errors" not in closed.execute(query, token=bank.token())
    assert closed.execute("{ __typename }", token=None) == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "query",
    [
        "{ viewr { id } }",
        "{ viewer { rol } }",
        "{ organizations(frst: 1) { totalCount } }",
        '{ phoneNumbers(filter: {txt: "x"}) { totalCount } }',
        "{ phoneNumbers(orderBy: {field: NUMBR}) { totalCount } }",
        "query ($x: PhoneNumberFilte) { phoneNumbers(filter: $x) { totalCount } }",
        '{ node(id: "x") { ... on PhoneNumbe { id } } }',
    ],
)
def test_anonymous_callers_get_no_suggestions(closed: Server, query: str) -> None:
    found = closed.execute(query, token=None)
    assert found.get("data") is None
    assert "Did you mean" not in str(found["errors"])
