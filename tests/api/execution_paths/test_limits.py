"""What is too much is refused before there is a road to choose, with the same words."""

from __future__ import annotations

from typing import Any

import pytest

from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import AVAILABLE, World
from tests.api.execution_paths.paired_servers import Both

PAGES = """query ($first: Int!) {
  organizations(first: $first) {
    nodes { children(first: $first) { nodes { children(first: $first) { nodes { id } } } } }
  }
}"""


def only(message: str, code: str, **place: Any) -> dict[str, Any]:
    """The answer to what is not run: one error, and no data."""
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
def test_an_operation_that_is_too_much_in_itself_is_not_run(
    servers: Both, world: World, query: str, message: str
) -> None:
    found = servers.refused(query, token=world.owner, road=None)
    assert found == only(message, "GRAPHQL_VALIDATION_FAILED")


def test_a_document_with_too_many_tokens_is_not_parsed(servers: Both, world: World) -> None:
    (error,) = servers.refused("{ organization {" + " id" * 10_001 + "} }", token=world.owner, road=None)["errors"]
    assert error["message"] == "Syntax Error: Document contains more than 10000 tokens. Parsing aborted."
    assert error["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


def test_page_sizes_multiply_whenever_they_are_chosen(servers: Both, world: World) -> None:
    found = servers.send(PAGES, {"first": 2}, token=world.owner)
    assert [len(node["children"]["nodes"]) for node in found["data"]["organizations"]["nodes"]] == [1, 0]
    message = "The operation requests 250501001 fields (multiplied by page sizes); the maximum is 500000."
    assert servers.refused(PAGES, {"first": 500}, token=world.owner, road=None) == only(message, "LIMIT_EXCEEDED")
    assert servers.send(PAGES, {"first": 2}, token=world.owner) == found


@pytest.mark.parametrize("query", ["{ __schema { queryType { name } } }", '{ __type(name: "Query") { name } }'])
def test_the_schema_is_not_shown_to_nobody(servers: Both, query: str) -> None:
    message = "Sign in to use introspection."
    assert servers.refused(query, token=None, road=None) == only(message, "UNAUTHENTICATED")


def test_a_mutation_does_not_come_by_get(servers: Both, world: World) -> None:
    query = 'mutation { reserveNumbers(input: { filter: { text: "1" }, tag: "x" }) { changedCount } }'
    message = "Send queries with GET or POST, mutations with POST."
    found = servers.refused(query, token=world.owner, road=None, method="GET")
    assert found == only(message, "OPERATION_NOT_SUPPORTED")


def test_at_most_five_errors_are_told(servers: Both, world: World) -> None:
    names = [f"a{n}" for n in range(7)]
    query = "{ " + " ".join(f'{name}: phoneNumber(number: "{AVAILABLE}") {{ id }}' for name in names) + " }"
    found = servers.send(query, token=world.writer, road=ExecutionPath.FALLBACK)
    assert found["data"] == dict.fromkeys(names)
    assert [error["path"] for error in found["errors"]] == [[name] for name in names[:5]]
