"""The history of a number, the events of an operation and the activity of an organization, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.databases import Databases
from tests.support.paging import PAGE_INFO, Walker
from tests.support.server import Server, opened

TAGS = [f"tag {n}" for n in range(8)]
BLOCK = [f"+1418898{n:04}" for n in range(11)]
SIZES = (1, 3, 4, 50)

RESERVE = """mutation ($filter: PhoneNumberFilter, $tag: String!) {
  reserveNumbers(input: {filter: $filter, tag: $tag}) { operationId changedCount userErrors { message } }
}"""
EDIT = """mutation ($id: ID!, $tag: String!) {
  editReservedTag(input: {numberId: $id, tag: $tag}) { operationId userErrors { message } }
}"""


@pytest.fixture(scope="module")
def told(databases: Databases) -> Iterator[tuple[Server, str, str, list[str]]]:
    """A server, a key, the number with the long history, and the operations after its import in their order."""
    with opened(databases) as server:
        server.import_organizations("path\nAcme\nAcme/Sales\n")
        server.import_numbers("number,series,organization\n" + "".join(f"{number},+1 418,Acme\n" for number in BLOCK))
        token = server.create_key(organization="Acme", role="OWNER")
        number = server.ask(f'{{ phoneNumber(number: "{BLOCK[0]}") {{ id }} }}', token=token)["phoneNumber"]["id"]
        done = server.ask(RESERVE, {"filter": {"startsWith": "1418"}, "tag": TAGS[0]}, token=token)["reserveNumbers"]
        assert (done["changedCount"], done["userErrors"]) == (len(BLOCK), [])
        operations = [done["operationId"]]
        for tag in TAGS[1:]:
            server.advance(1)
            done = server.ask(EDIT, {"id": number, "tag": tag}, token=token)["editReservedTag"]
            assert done["userErrors"] == []
            operations.append(done["operationId"])
        yield server, token, number, operations


def document(place: str, connection: str, node: str) -> str:
    return f"""query ($id: ID!, $first: Int, $after: String) {{ {place} {{ ... on Node {{ id }}
      {connection}(first: $first, after: $after) {{
        edges {{ cursor node {{ {node} }} }} totalCount {PAGE_INFO} }} }} }}"""


def walker(told: tuple[Server, str, str, list[str]], text: str, path: tuple[str, ...], id_: str | None) -> Walker:
    return Walker(told[0], told[1], text, path, variables={"id": id_})


def history(told: tuple[Server, str, str, list[str]]) -> Walker:
    text = document("phoneNumber(id: $id)", "history", "reservedTagAfter action")
    return walker(told, text, ("phoneNumber", "history"), told[2])


@pytest.mark.parametrize("size", SIZES)
def test_the_history_of_a_number_is_newest_first(told: tuple[Server, str, str, list[str]], size: int) -> None:
    nodes = history(told).all(size)
    assert [node["reservedTagAfter"] for node in nodes] == [*TAGS[::-1], None]
    assert [node["action"] for node in nodes] == ["TAG_EDITED"] * 7 + ["RESERVED", "IMPORTED"]
    assert history(told).page(first=1)["totalCount"] == 9


@pytest.mark.parametrize("size", SIZES)
def test_the_events_of_an_operation_show_each_number_once(told: tuple[Server, str, str, list[str]], size: int) -> None:
    text = document("node(id: $id)", "... on Operation { events", "number reservedTagBefore reservedTagAfter") + " }"
    events = walker(told, text, ("node", "events"), told[3][0])
    nodes = events.all(size)
    assert sorted(node["number"] for node in nodes) == BLOCK
    assert {(node["reservedTagBefore"], node["reservedTagAfter"]) for node in nodes} == {(None, TAGS[0])}
    assert nodes == events.all(50)
    assert events.page(first=1)["totalCount"] == len(BLOCK)


@pytest.mark.parametrize("size", SIZES)
def test_the_activity_of_an_organization_is_newest_first(told: tuple[Server, str, str, list[str]], size: int) -> None:
    place = told[0].ask("{ organization { id } }", token=told[1])["organization"]["id"]
    text = document("organization(id: $id)", "activity", "id action")
    activity = walker(told, text, ("organization", "activity"), place)
    nodes = activity.all(size)
    # Before its own operations: it was created, its child was created, and numbers were imported.
    assert [node["id"] for node in nodes[: len(TAGS)]] == told[3][::-1]
    before = ["IMPORTED", "ORGANIZATION_CREATED", "ORGANIZATION_CREATED"]
    assert [node["action"] for node in nodes] == ["TAG_EDITED"] * 7 + ["RESERVED", *before]
    assert activity.page(first=1)["totalCount"] == len(nodes)


def test_events_added_between_two_pages_repeat_no_event(server: Server) -> None:
    server.import_organizations("path\nAcme\n")
    server.import_numbers("number,series,organization,status,reserved_tag\n+14188980000,+1 418,Acme,RESERVED,tag\n")
    token = server.create_key(organization="Acme", role="OWNER")
    number = server.ask('{ phoneNumber(number: "+14188980000") { id } }', token=token)["phoneNumber"]["id"]

    def edit(tag: str) -> None:
        assert server.ask(EDIT, {"id": number, "tag": tag}, token=token)["editReservedTag"]["userErrors"] == []

    for tag in TAGS:
        edit(tag)
    later = iter(f"later {n}" for n in range(100))
    text = document("phoneNumber(id: $id)", "history", "reservedTagAfter")
    walk = Walker(
        server, token, text, ("phoneNumber", "history"), variables={"id": number}, between=lambda: edit(next(later))
    )
    assert [node["reservedTagAfter"] for node in walk.all(2)] == [*TAGS[::-1], "tag"]


@pytest.mark.parametrize("arguments", ["first: -1", "first: 501", 'after: "no-cursor"', 'after: "WyJhIixudWxsLDFd"'])
@pytest.mark.parametrize(
    "place",
    [
        "organization {{ activity({0}) {{ totalCount edges {{ cursor }} }} }}",
        "organization {{ children({0}) {{ totalCount edges {{ cursor }} }} }}",
        "organization {{ descendants({0}) {{ totalCount edges {{ cursor }} }} }}",
        "phoneNumber(id: $number) {{ history({0}) {{ totalCount edges {{ cursor }} }} }}",
        "node(id: $operation) {{ ... on Operation {{ events({0}) {{ totalCount edges {{ cursor }} }} }} }}",
    ],
    ids=["activity", "children", "descendants", "history", "events"],
)
def test_an_invalid_page_is_refused_by_every_history_list(
    told: tuple[Server, str, str, list[str]], place: str, arguments: str
) -> None:
    declared = ", ".join(f"${name}: ID!" for name in ("number", "operation") if f"${name}" in place)
    query = (f"query ({declared}) " if declared else "") + "{ " + place.format(arguments) + " }"
    variables: dict[str, Any] = {"number": told[2], "operation": told[3][0]}
    answer = told[0].execute(query, variables, token=told[1])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]
