"""Whether a changed number matches a filter is decided in Python as the search decides it in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.core.database import Database
from db.core.keyset import PageRequest
from db.numbers import search
from db.numbers.queries import NumberRecord
from db.numbers.relations import Relation
from db.numbers.search import SearchParts, SearchRequest
from db.organizations import queries as organizations
from db.organizations.queries import OrganizationRecord
from domain.number_changes import NumberState, matches
from domain.search import NumberFilter, Order
from domain.statuses import NumberStatus
from domain.texts import fold
from resolvers.numbers.filters import FilterInput, narrow
from tests.support.databases import Databases
from tests.support.listing_inventories import PREFIXES, TAGS, running_inventory
from tests.support.server import Server

COUNT = 66
EXAMPLES = 30


class Numbers(NamedTuple):
    """All numbers of a root, with what they are filtered by."""

    server: Server
    scope: str
    organizations: dict[int, OrganizationRecord]
    records: list[NumberRecord]


@pytest.fixture(scope="module")
def numbers(databases: Databases) -> Iterator[Numbers]:
    with running_inventory(databases, COUNT) as inventory:
        yield inventory.server.run(_read(inventory.server.database, inventory.server))


async def _read(database: Database, server: Server) -> Numbers:
    async with database.read() as connection:
        found = await organizations.by_ids(connection, range(1, 100), within="1/")
    every = await _search(database, NumberFilter(root_id=1, scopes=("1/",)))
    return Numbers(server, "1/", found, every)


async def _search(database: Database, filter_: NumberFilter) -> list[NumberRecord]:
    parts = SearchParts(rows=frozenset({Relation.WITHOUT_TIMESTAMPS}))
    result = await search.search(database, SearchRequest(filter_, Order(), PageRequest(500), parts))
    assert result.page is not None
    return result.page.rows


def filters(numbers: Numbers) -> st.SearchStrategy[FilterInput]:
    """Filters whose conditions are met by some of the numbers."""
    texts = [record.number for record in numbers.records] + [*TAGS, *PREFIXES, "(418) 898-4760", "0", "É"]
    parts = st.sampled_from(texts).flatmap(
        lambda text: st.tuples(st.integers(0, len(text) - 1), st.integers(1, 8)).map(
            lambda cut: text[cut[0] : cut[0] + cut[1]]
        )
    )
    ids = st.sampled_from(sorted(numbers.organizations))
    series = st.sampled_from(sorted({record.series_id for record in numbers.records}))
    e164 = st.sampled_from([record.number for record in numbers.records])
    return st.builds(
        FilterInput,
        text=st.none() | parts,
        tag=st.none() | st.none() | st.sampled_from(TAGS),
        tag_contains=st.none() | st.none() | parts,
        numbers=st.none() | st.lists(e164, max_size=40).map(tuple),
        series_ids=st.none() | st.lists(series, max_size=3).map(tuple),
        organization_ids=st.none() | st.lists(ids, max_size=3).map(tuple),
        include_descendants=st.booleans(),
        statuses=st.none() | st.lists(st.sampled_from(NumberStatus), max_size=3).map(tuple),
        tagged=st.none() | st.none() | st.booleans(),
        starts_with=st.none() | st.none() | st.sampled_from(PREFIXES),
        ends_with=st.none() | st.none() | st.integers(0, 99).map(str),
        lowest=st.none() | st.none() | e164,
        highest=st.none() | st.none() | e164,
    )


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_filter_matches_the_numbers_that_a_search_finds(numbers: Numbers, data: st.DataObject) -> None:
    wanted = data.draw(filters(numbers))

    async def load(_ids: object) -> list[OrganizationRecord | None]:
        return [numbers.organizations.get(organization_id) for organization_id in wanted.organization_ids or ()]

    async def region() -> str:
        return "US"

    async def found() -> tuple[NumberFilter, list[NumberRecord]]:
        filter_ = await narrow(load, wanted, scope=numbers.scope, load_region=region)
        return filter_, await _search(numbers.server.database, filter_)

    filter_, rows = numbers.server.run(found())
    matching = [
        record for record in numbers.records if matches(filter_, record.number, state(numbers, record), updated_at=None)
    ]
    assert [record.number for record in matching] == [record.number for record in rows]


def state(numbers: Numbers, record: NumberRecord) -> NumberState:
    path = numbers.organizations[record.organization_id].path
    tag = record.reserved_tag
    return NumberState(path, record.organization_id, record.series_id, record.status, tag and fold(tag))
