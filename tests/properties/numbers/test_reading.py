"""No text is read as another number than the one that it is."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.numbers import parse, try_parse
from tests.properties.numbers.number_notations import around, has_all_digits, written

MANY = 1_000_000


def check_written(random: Random) -> None:
    number = written(random)
    read = try_parse(number.text, region=number.region)
    if read is None:
        with pytest.raises(InvalidInput, match=r"\.$"):
            parse(number.text, region=number.region)
    else:
        assert read == number.number, number


def check_around(random: Random) -> None:
    text = around(random)
    read = try_parse(text.text, region=text.region)
    assert read is None or has_all_digits(text.text, read, text.region), (text, read)


@given(st.integers(min_value=0))
def test_a_number_in_any_notation_is_read_as_itself_or_refused(seed: int) -> None:
    check_written(Random(seed))  # noqa: S311 - a failure can be repeated


@given(st.integers(min_value=0))
def test_a_text_around_a_number_is_read_only_with_all_its_digits(seed: int) -> None:
    check_around(Random(seed))  # noqa: S311 - a failure can be repeated


@pytest.mark.long
def test_a_million_texts_are_read_as_themselves_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # phonenumbers compiles its patterns again when the cache of `re` is full, as it is with all regions at once.
    monkeypatch.setattr(re, "_MAXCACHE", 200_000)
    random = Random(20261127)  # noqa: S311 - a failure can be repeated
    for _ in range(MANY // 2):
        check_written(random)
        check_around(random)
