"""Cursors and page slices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.core.keyset import LARGEST_PAGE, PageRequest, SortKey, check_size, decode, encode, to_page
from domain.errors import InvalidInput

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)
VALUES = st.one_of(
    st.tuples(st.just(str), st.text(st.characters(codec="utf-8", exclude_characters="\0"))),
    st.tuples(st.just(int), st.integers(0, 3)),
    st.tuples(st.just(datetime), MOMENTS),
    st.tuples(st.just(str), st.none()),
)


@given(VALUES, st.text("+0123456789", min_size=1, max_size=16))
def test_a_cursor_decodes_to_its_key(kind: tuple[type, object], tie: str) -> None:
    cursor = encode("order", SortKey(kind[1], tie))
    assert decode("order", cursor, name="after", types=((kind[0], type(None)), str)) == SortKey(kind[1], tie)


@given(VALUES, st.integers(1, 2**63 - 1))
def test_a_cursor_is_url_safe(kind: tuple[type, object], tie: int) -> None:
    cursor = encode("order", SortKey(kind[1], tie))
    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_time_is_decoded_in_utc() -> None:
    moment = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    key = decode("o", encode("o", SortKey(moment, 1)), name="after", types=((datetime,), int))
    assert key == SortKey(moment.astimezone(UTC), 1)


@pytest.mark.parametrize(("order", "types"), [("other", ((str,), int)), ("o", ((int,), int)), ("o", ((str,), str))])
def test_a_cursor_of_another_list_is_refused(order: str, types: tuple[tuple[type, ...], type]) -> None:
    cursor = encode("o", SortKey("a", 1))
    with pytest.raises(InvalidInput) as refused:
        decode(order, cursor, name="before", types=types)
    assert refused.value.path == ("before",)


@given(st.text(max_size=40))
def test_any_invalid_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        decode("order", text, name="after", types=((str,), str))


def test_a_page_size_out_of_range_is_refused() -> None:
    for size in (0, 1, LARGEST_PAGE):
        assert check_size(size, name="first") == size
    for size in (-1, LARGEST_PAGE + 1):
        with pytest.raises(InvalidInput) as refused:
            check_size(size, name="first")
        assert refused.value.path == ("first",)


HERE, THERE = SortKey(None, 1), SortKey(None, 9)


@pytest.mark.parametrize(
    ("page", "read", "rows", "has_next", "has_previous"),
    [
        (PageRequest(2), [1, 2, 3], [1, 2], True, False),
        (PageRequest(2), [1, 2], [1, 2], False, False),
        (PageRequest(2, after=HERE), [2, 3, 4], [2, 3], True, True),
        (PageRequest(2, after=HERE), [], [], False, True),
        (PageRequest(0), [1], [], True, False),
        (PageRequest(2, backward=True), [9, 8, 7], [8, 9], False, True),
        (PageRequest(2, backward=True), [9], [9], False, False),
        (PageRequest(2, before=THERE, backward=True), [8, 7, 6], [7, 8], True, True),
        (PageRequest(2, before=THERE, backward=True), [], [], True, False),
        (PageRequest(0, backward=True), [9], [], False, True),
    ],
)
def test_an_extra_row_means_that_there_is_a_next_page(
    page: PageRequest, read: list[int], rows: list[int], *, has_next: bool, has_previous: bool
) -> None:
    found = to_page(read, page)
    assert (found.rows, found.has_next, found.has_previous) == (rows, has_next, has_previous)
