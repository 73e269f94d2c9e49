"""Paging: the pages together are the whole list, in both directions and in every order."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.databases import Databases
from tests.support.expected_listings import DIRECTIONS, FIELDS, folded, inside, matching, ordered
from tests.support.listing_inventories import Inventory, running_inventory
from tests.support.paging import PAGE_INFO, Walker

COUNT = 66
SIZES = (3, 7, 50)
NUMBERS = f"""query (
  $filter: PhoneNumberFilter, $order: PhoneNumberOrder, $first: Int, $after: String, $last: Int, $before: String
) {{
  phoneNumbers(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before) {{
    edges {{ cursor node {{ number }} }} {PAGE_INFO}
  }}
}}"""


@pytest.fixture(scope="module")
def inventory(databases: Databases) -> Iterator[Inventory]:
    with running_inventory(databases, COUNT) as made:
        yield made


def numbers(inventory: Inventory, *, acting: str | None = None, **variables: Any) -> Walker:
    return Walker(inventory.server, inventory.token, NUMBERS, ("phoneNumbers",), variables=variables, acting=acting)


def walked(walker: Walker, size: int, *, backwards: bool) -> list[str]:
    return [node["number"] for node in walker.all(size, backwards=backwards)]


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("size", [pytest.param(1, marks=pytest.mark.long), *SIZES])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("field", FIELDS)
def test_the_pages_of_every_order_are_the_whole_list(
    inventory: Inventory, field: str, direction: str, size: int, *, backwards: bool
) -> None:
    walker = numbers(inventory, order={"field": field, "direction": direction})
    expected = ordered(matching(inventory.facts, {}, scope="Acme"), field, direction)
    assert walked(walker, size, backwards=backwards) == expected


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "asked",
    [
        {"text": "418"},
        {"statuses": ["RESERVED", "IN_USE"]},
        {"organizations": ["Acme/Support/Team", "Acme/Zürich/team"]},
        {"tagged": False, "organizations": ["Acme/Sales", "Acme/Support"], "includeDescendants": True},
        {"text": "no such text"},
    ],
    ids=["text", "statuses", "organizations", "combined", "nothing"],
)
def test_the_pages_of_a_filtered_list_are_the_whole_list(
    inventory: Inventory, asked: dict[str, Any], field: str, *, backwards: bool
) -> None:
    wanted = {name: value for name, value in asked.items() if name != "organizations"}
    if "organizations" in asked:
        wanted["organizationIds"] = [inventory.organizations[path] for path in asked["organizations"]]
    for direction in DIRECTIONS:
        walker = numbers(inventory, order={"field": field, "direction": direction}, filter=wanted)
        expected = ordered(matching(inventory.facts, asked, scope="Acme"), field, direction)
        assert walked(walker, 6, backwards=backwards) == expected


@pytest.mark.parametrize("text", ["418", "4", "no such text"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("field", FIELDS)
def test_counting_the_list_does_not_change_the_page(
    inventory: Inventory, field: str, direction: str, text: str
) -> None:
    expected = ordered(matching(inventory.facts, {"text": text}, scope="Acme"), field, direction)
    asked = {"filter": {"text": text}, "order": {"field": field, "direction": direction}}
    for page, rows in (({"first": 5}, expected[:5]), ({"last": 5}, expected[-5:])):
        query = NUMBERS.replace("edges", "totalCount edges")
        found = inventory.server.ask(query, asked | page, token=inventory.token)["phoneNumbers"]
        assert [edge["node"]["number"] for edge in found["edges"]] == rows
        assert found["totalCount"] == len(expected)
        assert found["pageInfo"]["hasNextPage"] is ("first" in page and len(expected) > 5)
        assert found["pageInfo"]["hasPreviousPage"] is ("last" in page and len(expected) > 5)


def test_the_nodes_of_a_page_are_those_of_its_edges(inventory: Inventory) -> None:
    query = "{ phoneNumbers(last: 5) { nodes { id number } edges { node { id number } } } }"
    found = inventory.server.ask(query, token=inventory.token)["phoneNumbers"]
    assert found["nodes"] == [edge["node"] for edge in found["edges"]]
    assert [node["number"] for node in found["nodes"]] == ordered(matching(inventory.facts, {}, scope="Acme"))[-5:]


@pytest.mark.parametrize("field", FIELDS)
def test_a_lower_organization_pages_through_its_own_scope(inventory: Inventory, field: str) -> None:
    walker = numbers(inventory, acting=inventory.organizations["Acme/Sales"], order={"field": field})
    expected = ordered(matching(inventory.facts, {}, scope="Acme/Sales"), field)
    for backwards in (False, True):
        assert walked(walker, 1, backwards=backwards) == expected


def test_a_page_has_the_fifty_lowest_numbers_by_default(inventory: Inventory) -> None:
    page = numbers(inventory).page()
    expected = ordered(matching(inventory.facts, {}, scope="Acme"))
    assert [edge["node"]["number"] for edge in page["edges"]] == expected[:50]
    assert page["pageInfo"]["hasNextPage"] is (len(expected) > 50)


def test_an_empty_page_reports_a_next_page(inventory: Inventory) -> None:
    page = numbers(inventory).page(first=0)
    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("field", FIELDS)
def test_after_and_before_together_select_a_range(inventory: Inventory, field: str, direction: str) -> None:
    walker = numbers(inventory, order={"field": field, "direction": direction})
    edges = walker.page(first=500)["edges"]
    whole = [edge["node"]["number"] for edge in edges]
    for start, end in ((0, len(whole) - 1), (10, len(whole) // 2), (5, 6)):
        cut = {"after": edges[start]["cursor"], "before": edges[end]["cursor"]}
        forwards = [edge["node"]["number"] for edge in walker.page(first=500, **cut)["edges"]]
        backwards = [edge["node"]["number"] for edge in walker.page(last=500, **cut)["edges"]]
        assert forwards == backwards == whole[start + 1 : end]
        assert [edge["node"]["number"] for edge in walker.page(last=2, **cut)["edges"]] == whole[start + 1 : end][-2:]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("field", FIELDS)
def test_every_cursor_of_a_page_works(inventory: Inventory, field: str, direction: str) -> None:
    walker = numbers(inventory, order={"field": field, "direction": direction})
    edges = walker.page(first=500)["edges"]
    whole = [edge["node"]["number"] for edge in edges]
    for index in range(0, len(edges), 9):
        after = walker.page(first=2, after=edges[index]["cursor"])
        before = walker.page(last=2, before=edges[index]["cursor"])
        assert [edge["node"]["number"] for edge in after["edges"]] == whole[index + 1 : index + 3]
        assert [edge["node"]["number"] for edge in before["edges"]] == whole[max(0, index - 2) : index]


# What is refused


def refusal(inventory: Inventory, arguments: str, *, list_: str = "phoneNumbers") -> dict[str, Any]:
    query = f"{{ {list_}({arguments}) {{ edges {{ cursor }} }} }}"
    answer = inventory.server.execute(query, token=inventory.token)
    assert len(answer["errors"]) == 1
    extensions: dict[str, Any] = answer["errors"][0]["extensions"]
    return extensions


def crafted(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ("first: 2, last: 2", "last"),
        ("first: -1", "first"),
        ("first: 501", "first"),
        ("last: -1", "last"),
        ("last: 501", "last"),
    ],
)
def test_an_invalid_page_size_is_refused_by_the_list_of_numbers(
    inventory: Inventory, arguments: str, argument: str
) -> None:
    assert refusal(inventory, arguments) == {"code": "INVALID_INPUT", "argument": [argument]}


@pytest.mark.parametrize("list_", ["organizations", "series"])
@pytest.mark.parametrize("arguments", ["first: -1", "first: 501", 'first: 2, after: "no-cursor"'])
def test_an_invalid_page_size_or_cursor_is_refused_by_every_list(
    inventory: Inventory, list_: str, arguments: str
) -> None:
    assert refusal(inventory, arguments, list_=list_)["code"] == "INVALID_INPUT"


@pytest.mark.parametrize("argument", ["after", "before"])
@pytest.mark.parametrize(
    "cursor",
    [
        "no-cursor",
        "é",
        "AAAA",
        crafted(),
        crafted("NUMBER ASC", None),
        crafted("NUMBER ASC", None, 7),
        crafted("NUMBER ASC", None, None),
        crafted("NUMBER ASC", 5, "+14188980000"),
        crafted("NUMBER ASC", None, "+1418\x00"),
        crafted("NUMBER DESC", None, "+14188980000"),
        crafted("STATUS ASC", 1, "+14188980000"),
        base64.urlsafe_b64encode(b'{"order": "NUMBER ASC"}').decode(),
    ],
)
def test_an_invalid_cursor_is_refused(inventory: Inventory, argument: str, cursor: str) -> None:
    asked = f"first: 2, {argument}: {json.dumps(cursor, ensure_ascii=False)}"
    assert refusal(inventory, asked) == {"code": "INVALID_INPUT", "argument": [argument]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("STATUS", 2**40),
        ("STATUS", 2**63),
        ("STATUS", None),
        ("STATUS", True),
        ("STATUS", "1"),
        ("SERIES", None),
        ("SERIES", 1),
        ("SERIES", "\x00"),
        ("ORGANIZATION", None),
        ("RESERVED_TAG", 1),
        ("RESERVED_TAG", "\x00"),
        ("UPDATED_AT", None),
        ("UPDATED_AT", {"at": "yesterday"}),
        ("UPDATED_AT", {"at": 7}),
        ("UPDATED_AT", {}),
        ("UPDATED_AT", {"at": "0001-01-01T00:00:00+14:00"}),
    ],
)
def test_a_cursor_with_an_invalid_value_is_refused(inventory: Inventory, field: str, value: Any) -> None:
    cursor = crafted(f"{field} ASC", value, "+14188980000")
    asked = f'first: 2, orderBy: {{field: {field}}}, after: "{cursor}"'
    assert refusal(inventory, asked) == {"code": "INVALID_INPUT", "argument": ["after"]}


@pytest.mark.parametrize("cursor_of", FIELDS)
def test_a_cursor_of_another_order_is_refused(inventory: Inventory, cursor_of: str) -> None:
    cursor = numbers(inventory, order={"field": cursor_of}).page(first=1)["pageInfo"]["endCursor"]
    for field in FIELDS:
        for direction in DIRECTIONS:
            if (field, direction) != (cursor_of, "ASC"):
                asked = f'first: 1, orderBy: {{field: {field}, direction: {direction}}}, after: "{cursor}"'
                assert refusal(inventory, asked) == {"code": "INVALID_INPUT", "argument": ["after"]}


@pytest.mark.parametrize("tie", [2**63, "7", None, -(2**63) - 1])
@pytest.mark.parametrize("list_", ["organizations", "series"])
def test_a_cursor_with_an_invalid_id_is_refused(inventory: Inventory, list_: str, tie: Any) -> None:
    cursor = crafted(f"{list_} by name", "a", tie)
    assert refusal(inventory, f'first: 1, after: "{cursor}"', list_=list_)["code"] == "INVALID_INPUT"


# The other lists


def other_list(arguments: str, field: str, wrap: str = "%s", *, node: str = "name") -> str:
    connection = f"{field}({arguments}first: $first, after: $after) {{ edges {{ cursor node {{ {node} }} }}"
    connection += f" nodes {{ {node} }} totalCount {PAGE_INFO} }}"
    return "query ($first: Int, $after: String) { " + wrap % connection + " }"


def test_organizations_are_ordered_by_name_on_any_page_size(inventory: Inventory) -> None:
    names = [path.rpartition("/")[2] for path in inventory.organizations if inside(path, "Acme")]
    walker = Walker(inventory.server, inventory.token, other_list("", "organizations"), ("organizations",))
    for size in (1, 2, 4, 500):
        found = [node["name"] for node in walker.all(size)]
        assert sorted(found) == sorted(names)
        assert [folded(name) for name in found] == sorted(map(folded, names))
    assert walker.page(first=1)["totalCount"] == len(names)


@pytest.mark.parametrize(
    ("field", "arguments", "expected"),
    [
        ("children", "", ["Sales", "Support", "zulu", "Zürich"]),
        ("children", 'search: "S", ', ["Sales", "Support"]),
        ("descendants", 'search: "TEAM", ', ["Team", "Team", "team"]),
        ("descendants", "", ["Night", "Sales", "Support", "Team", "Team", "team", "zulu", "Zürich"]),
        ("descendants", "holdingNumbers: false, ", []),
    ],
)
def test_descendants_are_paged_by_name(inventory: Inventory, field: str, arguments: str, expected: list[str]) -> None:
    walker = Walker(
        inventory.server,
        inventory.token,
        other_list(arguments, field, "organization { %s }"),
        ("organization", field),
    )
    for size in (1, 2, 3):
        found = [node["name"] for node in walker.all(size)]
        assert [folded(name) for name in found] == [folded(name) for name in expected]
        assert sorted(found) == sorted(expected)
    assert walker.page(first=1)["totalCount"] == len(expected)


def test_series_are_ordered_by_name_on_any_page_size(inventory: Inventory) -> None:
    names = [name for root, name in inventory.series if root == "Acme"]
    walker = Walker(inventory.server, inventory.token, other_list("", "series"), ("series",))
    for size in (1, 2, 500):
        found = [node["name"] for node in walker.all(size)]
        assert sorted(found) == sorted(names)
        assert [folded(name) for name in found] == sorted(map(folded, names))
    assert walker.page(first=1)["totalCount"] == len(names)
