"""Parsing telephone numbers and search texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.numbers import INPUT_LENGTH, SearchText, national_format, parse, parse_span, search_digits, search_text


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+14188984760", None),
        (" +1 418 898 4760 ", None),
        ("+1 (418) 898-4760", None),
        ("+1.418.898.4760", None),
        ("+1\u00a0418\u2011898\u20134760", None),
        ("(418) 898-4760", "US"),
        ("418.898.4760", "US"),
        ("1-418-898-4760", "US"),
        ("418/898 4760", "US"),
        ("011 1 418 898 4760", "US"),
        ("00 1 418 898 4760", "GB"),
    ],
)
def test_a_number_is_parsed_in_any_notation(text: str, region: str | None) -> None:
    assert parse(text, region=region) == "+14188984760"


@pytest.mark.parametrize(
    "text",
    ["", " ", "12ab", "+", "418 898 4760", "+1418", "+0123456789", "+1 418 898 4760 ext. 5", "1" * 41, "+999123456789"],
)
def test_an_invalid_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(text, path=("input", "number"))
    assert refused.value.path == ("input", "number")


@given(st.text(max_size=INPUT_LENGTH + 2))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        number = parse(text, region="US")
    except InvalidInput:
        return
    assert number[0] == "+"
    assert number[1:].isascii()
    assert number[1:].isdigit()


@given(st.integers(2_000_000, 9_999_999))
def test_a_number_round_trips_through_its_national_form(line: int) -> None:
    number = f"+1418{line}"
    assert parse(national_format(number), region="US") == number


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1418", SearchText("1418", None)),
        ("SALES_1", SearchText("sales_1", None)),
        ("(418) 898-4760", SearchText("(418) 898-4760", "4188984760")),
        ("+1 (418)", SearchText("+1 (418)", "+1418")),
        ("418-", SearchText("418-", "418")),
        ("+", SearchText("+", None)),
        ("-", SearchText("-", None)),
        ("%", SearchText("%", None)),
        ("a\nb", None),
        ("\x00", None),
    ],
)
def test_a_search_text_also_matches_the_digits_of_a_formatted_number(text: str, meaning: SearchText | None) -> None:
    assert search_text(text) == meaning


def test_a_prefix_is_parsed_with_or_without_the_plus() -> None:
    assert search_digits("+1 (418)") == search_digits("1418") == "1418"


def test_a_range_includes_its_first_and_last_number() -> None:
    span = parse_span("+1 418 898 4758", "+14188984761", path=())
    assert list(span) == ["+14188984758", "+14188984759", "+14188984760", "+14188984761"]
    assert len(span) == 4


@pytest.mark.parametrize(
    ("first", "last"), [("+14188984761", "+14188984760"), ("+4930123456", "+49301234567"), ("x", "+14188984760")]
)
def test_numbers_that_form_no_range_are_refused(first: str, last: str) -> None:
    with pytest.raises(InvalidInput):
        parse_span(first, last, path=("input",))
