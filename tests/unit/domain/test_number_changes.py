"""Which changes concern a filter."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.number_changes import (
    MatchedChanges,
    NumberChange,
    NumberState,
    OperationChanges,
    matched_changes,
    with_sets,
)
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberStatus

AVAILABLE = NumberState("1/", 1, 1, NumberStatus.AVAILABLE)
RESERVED = AVAILABLE._replace(status=NumberStatus.RESERVED)
CHANGES = tuple(NumberChange(n, f"+1418555{n:04}", AVAILABLE, RESERVED) for n in range(1_000))
OPERATION = OperationChanges(1, EventKind.RESERVED, datetime(2026, 11, 21, tzinfo=UTC), ("1/",), CHANGES)


def test_a_filter_with_sets_has_the_same_values() -> None:
    filter_ = NumberFilter(root_id=1, scopes=("1/",), series_ids=(1, 2), numbers=("+1", "+2"), organization_ids=(3,))
    assert with_sets(filter_) == filter_._replace(
        series_ids=frozenset({1, 2}), numbers=frozenset({"+1", "+2"}), organization_ids=frozenset({3})
    )


def test_sets_match_what_the_lists_match() -> None:
    filter_ = NumberFilter(root_id=1, scopes=("1/",), series_ids=(1, 2), numbers=("+14185550007", "+14185550003"))
    assert matched_changes(OPERATION, with_sets(filter_), scope="1/") == MatchedChanges((3, 7), 2)
    assert with_sets(NumberFilter()) == NumberFilter()
