"""Search results and counts for filters of every kind, compared with filtering all rows in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.databases import Databases
from tests.support.expected_listings import STATUSES, folded, matching, ordered
from tests.support.listing_inventories import SERIES, TAGS, TREE, Inventory, running_inventory

COUNT = 240
LIST = """query ($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter, first: 500) {
  totalCount statusCounts { status count } seriesCounts { series { name } count } nodes { number }
} }"""


@pytest.fixture(scope="module")
def inventory(databases: Databases) -> Iterator[Inventory]:
    with running_inventory(databases, COUNT) as made:
        yield made


def pieces(text: str) -> st.SearchStrategy[str]:
    """A part of a text, one character or more."""
    return st.integers(0, len(text) - 1).flatmap(
        lambda start: st.integers(start + 1, min(len(text), start + 6)).map(lambda end: text[start:end])
    )


DIGITS = st.text("0123456789", min_size=1, max_size=5) | st.sampled_from(["1418", "418898", "+1418", "+", "44189", "9"])
FORMATTED = st.sampled_from(
    ["(418) 898", "418-898", "418.555", "+1 (418)", "1 514 555-", " 418 ", "(", "-", "4-1", "+33 1", "418/898"]
)
TEXT = st.one_of(
    DIGITS,
    FORMATTED,
    st.sampled_from(TAGS),
    st.sampled_from(TAGS).flatmap(pieces),
    st.sampled_from(TAGS).map(str.upper),
    st.sampled_from(TAGS).map(str.swapcase),
    st.sampled_from(
        ["%", "_", "\\", "'", '"', "%%", "__", "\\\\", "''", '""', "%_", "a_", "*", "?", "^", "-", "AND", "NEAR("]
    ),
    st.sampled_from(
        ["ß", "ss", "SS", "fi", "ﬁ", "É", "e\u0301", "́", "日", "日本", "本 東", "\U0001d4b3", "\x00", "\n", "a\nb", " "]
    ),
    st.text(min_size=1, max_size=4),
)
VISIBLE = st.characters(codec="utf-8", exclude_categories=["Cc"])
TAG_TEXT = st.one_of(
    st.sampled_from(TAGS), st.sampled_from(TAGS).flatmap(pieces), st.text(VISIBLE, min_size=1, max_size=3)
)
NUMBER = st.builds(
    "{}{:04}".format, st.sampled_from(["+1418898", "+1514555", "+3314418", "+4930418"]), st.integers(0, 9999)
)
FILTER = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXT,
        "tag": TAG_TEXT,
        "tagContains": TAG_TEXT,
        "series": st.lists(st.sampled_from(SERIES), max_size=3),
        "organizations": st.lists(st.sampled_from(TREE), max_size=3),
        "includeDescendants": st.booleans(),
        "statuses": st.lists(st.sampled_from(STATUSES), max_size=3),
        "tagged": st.booleans(),
        "startsWith": st.builds(
            "{}{}".format, st.sampled_from(["", "+"]), st.sampled_from(["1", "1418", "33", "14188"])
        ),
        "endsWith": st.text("0123456789", min_size=1, max_size=3),
        "from": NUMBER,
        "to": NUMBER,
        "numbers": st.lists(st.integers(0, COUNT - 1), max_size=6),
        "updatedSince": st.integers(-1, 4),
    },
)
SCOPES = st.sampled_from(["Acme", "Acme/Sales", "Acme/Support", "Acme/Zürich"])


def complete(inventory: Inventory, drawn: dict[str, Any]) -> dict[str, Any]:
    """The drawn filter with numbers for their places in the list, and moments for those of the import."""
    asked = dict(drawn)
    if "numbers" in asked:
        # As they would be pasted: every second one with spaces.
        numbers = [inventory.facts[index].number for index in asked["numbers"]]
        asked["numbers"] = [f"{n[:2]} {n[2:5]} {n[5:]}" if int(n[-1]) % 2 else n for n in numbers]
    if "updatedSince" in asked:
        first = min(fact.updated_at for fact in inventory.facts if fact.updated_at)
        asked["updatedSince"] = first + timedelta(minutes=asked["updatedSince"])
    return asked


def variables(inventory: Inventory, asked: dict[str, Any]) -> dict[str, Any]:
    """The filter as the API takes it: ids for names."""
    sent = {name: value for name, value in asked.items() if name not in {"series", "organizations"}}
    if "series" in asked:
        sent["seriesIds"] = [
            inventory.series[root, name]
            for name in asked["series"]
            for root in ("Acme", "Rival")
            if (root, name) in inventory.series
        ]
    if "organizations" in asked:
        sent["organizationIds"] = [inventory.organizations[path] for path in asked["organizations"]]
    if "updatedSince" in asked:
        sent["updatedSince"] = asked["updatedSince"].isoformat()
    return sent


def check(inventory: Inventory, asked: dict[str, Any], scope: str) -> None:
    acting = inventory.organizations[scope]
    data = inventory.server.ask(LIST, {"filter": variables(inventory, asked)}, token=inventory.token, acting=acting)
    found = data["phoneNumbers"]
    wanted = matching(inventory.facts, asked, scope=scope)
    assert [node["number"] for node in found["nodes"]] == ordered(wanted)
    assert found["totalCount"] == len(wanted)
    by_status = Counter(fact.status for fact in wanted)
    assert found["statusCounts"] == [{"status": status, "count": by_status[status]} for status in STATUSES]
    by_series = Counter(fact.series for fact in wanted)
    assert {row["series"]["name"]: row["count"] for row in found["seriesCounts"]} == by_series
    names = [folded(row["series"]["name"]) for row in found["seriesCounts"]]
    assert names == sorted(names)


@given(drawn=FILTER, scope=SCOPES)
def test_any_filter_finds_and_counts_the_expected_numbers(
    inventory: Inventory, drawn: dict[str, Any], scope: str
) -> None:
    check(inventory, complete(inventory, drawn), scope)


@given(text=TEXT, scope=SCOPES)
def test_any_text_is_found_literally(inventory: Inventory, text: str, scope: str) -> None:
    check(inventory, {"text": text}, scope)


@given(data=st.data(), scope=SCOPES)
def test_a_partial_number_finds_exactly_the_numbers_that_contain_it(
    inventory: Inventory, data: st.DataObject, scope: str
) -> None:
    number = data.draw(st.sampled_from(inventory.facts)).number
    start = data.draw(st.integers(0, len(number) - 8))
    text = number[start : data.draw(st.integers(start + 8, len(number)))]
    check(inventory, {"text": text}, scope)
    place = data.draw(st.integers(int(text.startswith("+")), len(text) - 1))
    check(inventory, {"text": f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"}, scope)
    check(inventory, {"text": f"{text[:3]}-{text[3:6]} {text[6:]}"}, scope)


@given(
    drawn=st.fixed_dictionaries(
        {
            "organizations": st.lists(st.sampled_from(TREE), min_size=1, max_size=4),
            "includeDescendants": st.booleans(),
        },
        optional={
            "series": st.lists(st.sampled_from(SERIES), max_size=2),
            "statuses": st.lists(st.sampled_from(STATUSES), max_size=2),
        },
    ),
    scope=SCOPES,
)
def test_a_list_counted_from_counters_has_the_exact_total(
    inventory: Inventory, drawn: dict[str, Any], scope: str
) -> None:
    check(inventory, drawn, scope)


@pytest.mark.parametrize("name", ["text", "tag", "tagContains"])
@pytest.mark.parametrize(
    "text",
    ["\x00", "sales\x00", "a\nb", "x" * 60_000, "%" * 60_000, '"' * 999, "\U0010ffff", "\ufffe"],
    ids=range(8),
)
def test_a_text_that_is_no_valid_tag_finds_nothing(inventory: Inventory, name: str, text: str) -> None:
    check(inventory, {name: text}, "Acme")


@pytest.mark.parametrize("list_", ["organizations", "series"])
@pytest.mark.parametrize("text", ["\x00", "Te\x00am", "%", "_", "\\", "'", "x" * 60_000], ids=range(7))
def test_an_unknown_name_finds_nothing(inventory: Inventory, list_: str, text: str) -> None:
    query = f"query ($search: String) {{ {list_}(search: $search) {{ totalCount nodes {{ name }} }} }}"
    data = inventory.server.ask(query, {"search": text}, token=inventory.token)
    assert data == {list_: {"totalCount": 0, "nodes": []}}


def test_an_empty_filter_list_matches_all_and_one_of_unknown_ids_matches_none(inventory: Inventory) -> None:
    check(inventory, {"series": [], "organizations": [], "statuses": [], "numbers": []}, "Acme")
    check(inventory, {"organizations": ["Rival", "Rival/Team"], "includeDescendants": True}, "Acme")
    check(inventory, {"organizations": ["Acme", "Acme/Support"]}, "Acme/Sales")
    for name, value in (("seriesIds", ["nothing"]), ("organizationIds", ["nothing"]), ("numbers", ["no number"])):
        query = (
            f"query ($value: [{'E164' if name == 'numbers' else 'ID'}!]) {{ phoneNumbers(filter: {{{name}: $value}})"
        )
        query += " { totalCount nodes { id } } }"
        data = inventory.server.ask(query, {"value": value}, token=inventory.token)
        assert data == {"phoneNumbers": {"totalCount": 0, "nodes": []}}
