"""How number searches are planned: by counters, by statements, and in how many reads."""

from __future__ import annotations

import pytest

from db.core.keyset import PageRequest, SortKey
from db.numbers import predicates
from db.numbers.relations import NONE
from db.numbers.search import CountMethod, CountRead, PageMethod, PageRead, SearchParts, SearchPlan, SearchRequest, plan
from domain.number_search import search_text
from domain.search import NumberFilter, Order, PhoneNumberOrderField
from domain.statuses import NumberStatus

WHOLE = NumberFilter(root_id=1, scopes=("1/",))
AVAILABLE = WHOLE._replace(statuses=(NumberStatus.AVAILABLE,))
TEXT = WHOLE._replace(text=search_text("1418"))
EVERYTHING = SearchParts(rows=NONE, total=True, facets=True)
AFTER_A_ROW = PageRequest(after=SortKey(None, "+14188984760"))


def planned(
    filter_: NumberFilter,
    parts: SearchParts = EVERYTHING,
    *,
    field: PhoneNumberOrderField = PhoneNumberOrderField.NUMBER,
    page: PageRequest | None = None,
) -> SearchPlan:
    return plan(SearchRequest(filter_, Order(field), page or PageRequest(), parts))


def test_a_part_that_is_not_requested_is_not_read() -> None:
    assert planned(AVAILABLE, SearchParts()) == SearchPlan(None, None, None)
    assert planned(AVAILABLE, SearchParts(facets=True)) == SearchPlan(
        None, None, CountRead(CountMethod.COUNTERS, generic_plan=True)
    )


def test_one_statement_serves_any_number_of_scopes() -> None:
    few, many, more = (
        predicates.shape(NumberFilter(root_id=1, scopes=tuple(f"1/{n}/" for n in range(2, count))))
        for count in (5, 100, 10_000)
    )
    assert few != many == more


def test_counters_answer_counts_by_the_columns_they_have() -> None:
    counted = CountRead(CountMethod.COUNTERS, generic_plan=True)
    for filter_ in (WHOLE, AVAILABLE, WHOLE._replace(series_ids=(1, 2)), NumberFilter(organization_ids=(3,))):
        assert planned(filter_)[1:] == (counted, counted)


@pytest.mark.parametrize("field", ["NUMBER", "STATUS", "UPDATED_AT"])
def test_the_first_page_of_a_text_search_counts_the_list_in_its_own_scan(field: str) -> None:
    found = planned(TEXT, field=PhoneNumberOrderField[field])
    assert found.page == PageRead(PageMethod.WITH_TOTAL, NONE, generic_plan=True)
    assert found.total is None
    assert found.facets == CountRead(CountMethod.STATEMENT, generic_plan=False)


def test_a_later_page_of_a_text_search_is_counted_in_a_separate_statement() -> None:
    found = planned(TEXT, page=AFTER_A_ROW)
    assert found.page == PageRead(PageMethod.ONE_STATEMENT, NONE, generic_plan=False)
    assert found.total == CountRead(CountMethod.STATEMENT, generic_plan=True)


@pytest.mark.parametrize(
    ("field", "method"),
    [("RESERVED_TAG", PageMethod.BY_TAG), ("SERIES", PageMethod.BY_NAME), ("ORGANIZATION", PageMethod.BY_NAME)],
)
def test_orders_by_tag_and_name_are_read_in_ranges(field: str, method: PageMethod) -> None:
    for filter_ in (AVAILABLE, TEXT):
        found = planned(filter_, field=PhoneNumberOrderField[field])
        assert found.page == PageRead(method, NONE, generic_plan=False)
        assert found.total is not None


@pytest.mark.parametrize(
    "filter_",
    [WHOLE, AVAILABLE, AVAILABLE._replace(series_ids=(1,)), NumberFilter(organization_ids=(3,))],
)
def test_a_generic_plan_serves_pages_that_one_index_holds_in_order(filter_: NumberFilter) -> None:
    page = planned(filter_, SearchParts(rows=NONE)).page
    assert page == PageRead(PageMethod.ONE_STATEMENT, NONE, generic_plan=True)


@pytest.mark.parametrize(
    "filter_",
    [
        AVAILABLE._replace(series_ids=(1, 2)),
        NumberFilter(root_id=1, scopes=("1/2/",)),
        WHOLE._replace(tagged=True),
        TEXT,
    ],
)
def test_other_pages_use_a_custom_plan(filter_: NumberFilter) -> None:
    page = planned(filter_, SearchParts(rows=NONE)).page
    assert page == PageRead(PageMethod.ONE_STATEMENT, NONE, generic_plan=False)


def test_a_text_with_a_trigram_is_counted_with_a_generic_plan() -> None:
    counts = {
        text: planned(WHOLE._replace(text=search_text(text)), SearchParts(total=True)).total
        for text in ("1418", "fox", "41", "a-b-c")
    }
    assert counts == {
        "1418": CountRead(CountMethod.STATEMENT, generic_plan=True),
        "fox": CountRead(CountMethod.STATEMENT, generic_plan=True),
        "41": CountRead(CountMethod.STATEMENT, generic_plan=False),
        "a-b-c": CountRead(CountMethod.STATEMENT, generic_plan=False),
    }
