"""Paging during writes: an unchanged row is neither skipped nor repeated."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.databases import Databases
from tests.support.expected_listings import DIRECTIONS, FIELDS
from tests.support.listing_inventories import Inventory, facts, inventory_of
from tests.support.paging import PAGE_INFO, Walker
from tests.support.server import opened

COUNT = 44
LIST = f"""query ($order: PhoneNumberOrder, $first: Int, $after: String, $last: Int, $before: String) {{
  phoneNumbers(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {{
    edges {{ cursor node {{ id number status }} }} {PAGE_INFO}
  }}
}}"""
WRITES = {
    "tag": """mutation ($id: ID!, $tag: String!) {
      editReservedTag(input: {numberId: $id, tag: $tag}) { userErrors { code } } }""",
    "reserve": """mutation ($id: ID!, $tag: String!) {
      reserveNumbers(input: {numberIds: [$id], tag: $tag}) { userErrors { code } } }""",
    "unreserve": "mutation ($id: ID!) { unreserveNumbers(input: {numberIds: [$id]}) { userErrors { code } } }",
    "retire": "mutation ($id: ID!) { retireNumbers(input: {numberIds: [$id]}) { userErrors { code } } }",
    "move": """mutation ($id: ID!, $organization: ID!) {
      moveNumbers(input: {numberIds: [$id], organizationId: $organization}) { userErrors { code } } }""",
    "add": """mutation ($series: ID!, $organization: ID!, $number: E164!) {
      addNumbers(input: {seriesId: $series, organizationId: $organization, numbers: [$number]}) {
        userErrors { code } } }""",
}
TAG = st.sampled_from(["a", "M", "sales", "Sales", "zz", "émile", "~~", "%"])
WRITE = st.tuples(
    st.sampled_from(sorted(WRITES)),
    st.integers(min_value=0, max_value=COUNT - 1),
    TAG,
    st.integers(min_value=0, max_value=7),
    st.integers(min_value=0, max_value=9999),
)


class Other:
    """The other client: it carries out one planned batch whenever it is called, and remembers whom it touched."""

    def __init__(self, inventory: Inventory, rows: list[dict[str, Any]], plan: list[list[tuple[Any, ...]]]) -> None:
        self.touched: set[str] = set()
        self._inventory = inventory
        self._rows = rows
        self._plan = iter(plan)
        self._places = [id_ for path, id_ in inventory.organizations.items() if path.startswith("Acme")]
        self._series = [id_ for (root, _), id_ in inventory.series.items() if root == "Acme"]

    def __call__(self) -> None:
        self._inventory.server.advance(1)
        for kind, index, tag, place, fresh in next(self._plan, []):
            row = self._rows[index % len(self._rows)]
            number = f"+1418600{fresh:04}" if kind == "add" else row["number"]
            variables = {
                "id": row["id"],
                "tag": tag,
                "organization": self._places[place % len(self._places)],
                "series": self._series[place % len(self._series)],
                "number": number,
            }
            used = {name: value for name, value in variables.items() if f"${name}:" in WRITES[kind]}
            ((_, payload),) = self._inventory.server.ask(WRITES[kind], used, token=self._inventory.token).items()
            # What the lifecycle refuses stays untouched, and so must be seen like every other row.
            if not payload["userErrors"]:
                self.touched.add(number)


@settings(max_examples=12)
@given(
    field=st.sampled_from(FIELDS),
    direction=st.sampled_from(DIRECTIONS),
    size=st.sampled_from([2, 3, 7]),
    backwards=st.booleans(),
    plan=st.lists(st.lists(WRITE, min_size=1, max_size=5), min_size=1, max_size=8),
)
def test_an_unchanged_row_is_listed_exactly_once(
    databases: Databases,
    field: str,
    direction: str,
    size: int,
    *,
    backwards: bool,
    plan: list[list[tuple[Any, ...]]],
) -> None:
    with opened(databases) as server:
        inventory = inventory_of(server, facts(COUNT))
        order = {"order": {"field": field, "direction": direction}}
        before = Walker(server, inventory.token, LIST, ("phoneNumbers",), variables=order).all(500)
        other = Other(inventory, before, plan)
        walker = Walker(server, inventory.token, LIST, ("phoneNumbers",), variables=order, between=other)
        seen = [node["number"] for node in walker.all(size, backwards=backwards)]

        untouched = [row["number"] for row in before if row["number"] not in other.touched]
        counted = Counter(seen)
        assert {number: counted[number] for number in untouched} == dict.fromkeys(untouched, 1)
        assert [number for number in seen if number in set(untouched)] == untouched
        assert set(seen) <= {row["number"] for row in before} | other.touched
        assert server.differences() == []
