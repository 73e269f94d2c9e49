"""Which changes concern a filter."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

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


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("numbers", [f"+1514{n:07}" for n in range(100_000)]),
        ("series_ids", range(1_000, 100_000)),
        ("organization_ids", range(1_000, 100_000)),
    ],
)
def test_many_changes_are_compared_with_a_long_list_at_once(name: str, values: Any) -> None:
    wanted: Any = {name: tuple(values)}
    filter_ = with_sets(NumberFilter(root_id=1, scopes=("1/",), **wanted))
    started_at = time.thread_time()
    assert matched_changes(OPERATION, filter_, scope="1/") is None
    assert time.thread_time() - started_at < 0.1


def test_sets_match_what_the_lists_match() -> None:
    filter_ = NumberFilter(root_id=1, scopes=("1/",), series_ids=(1, 2), numbers=("+14185550007", "+14185550003"))
    assert matched_changes(OPERATION, with_sets(filter_), scope="1/") == MatchedChanges((3, 7), 2)
    assert with_sets(NumberFilter()) == NumberFilter()
