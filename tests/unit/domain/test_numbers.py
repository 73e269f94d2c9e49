"""Reading telephone numbers: each text is one number or refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.numbers import INPUT_LENGTH, is_assigned, national_format, parse, parse_span, try_parse
from tests.unit.domain.number_texts import READ, REFUSED


@pytest.mark.parametrize(("text", "region", "number"), READ)
def test_a_number_is_read_in_any_notation(text: str, region: str | None, number: str) -> None:
    assert parse(text, region=region) == number


@pytest.mark.parametrize(("text", "region", "reason"), REFUSED)
def test_a_text_that_is_not_one_number_is_refused_with_a_reason(text: str, region: str | None, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(text, region=region, path=("input", "number"))
    assert reason in refused.value.message
    assert refused.value.message.endswith(".")
    assert refused.value.path == ("input", "number")
    assert try_parse(text, region=region) is None


@given(st.text(max_size=INPUT_LENGTH + 2))
def test_any_text_is_read_or_refused(text: str) -> None:
    number = try_parse(text, region="US")
    assert number is None or (number[0] == "+" and number[1:].isascii() and number[1:].isdigit())


@given(st.integers(2_000_000, 9_999_999))
def test_a_number_round_trips_through_its_national_form(line: int) -> None:
    number = f"+1418{line}"
    assert parse(national_format(number), region="US") == number


def test_a_number_of_the_right_shape_is_read_before_its_range_is_assigned() -> None:
    assert parse("(418) 555-0100", region="US") == "+14185550100"
    assert not is_assigned("+12995550100")
    assert parse("299 555 0100", region="US") == "+12995550100"
    assert is_assigned("+14188984760")


def test_a_range_includes_its_first_and_last_number() -> None:
    span = parse_span("+1 418 898 4758", "(418) 898-4761", region="US", path=())
    assert list(span) == ["+14188984758", "+14188984759", "+14188984760", "+14188984761"]
    assert len(span) == 4


@pytest.mark.parametrize(
    ("first", "last"), [("+14188984761", "+14188984760"), ("+4930123456", "+49301234567"), ("x", "+14188984760")]
)
def test_numbers_that_form_no_range_are_refused(first: str, last: str) -> None:
    with pytest.raises(InvalidInput):
        parse_span(first, last, path=("input",))
