"""The separators inside a number: the ones of ranges and of two numbers side by side."""

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumber, ValidationResult

from domain.number_notation import NotANumber, Notation, digits_of
from domain.number_plans import E164Number, is_assigned, trunk_prefix
from domain.number_shapes import RANGE, TWO_NUMBERS

_SEPARATOR = re.compile(r" ?([./-]) ?| ")
_LONGEST_AREA_CODE = 5
_SHORTEST_SUBSCRIBER = 4
_SHORTEST_WITHOUT_TRUNK = 6
_SHORTEST_WHOLE = 7
"""Digits that are fewer may be any group of a number, even if they begin like a number of their own."""


def check_groups(notation: Notation, number: E164Number) -> None:
    """Raise NotANumber if a separator stands between two numbers, or between the ends of a range."""
    if notation.is_uri or notation.groups.isdigit():
        return
    national = number.national
    prefix = len(notation.digits) - len(national)
    for separator, before in _separators(notation.groups):
        first, second = national[: max(before - prefix, 0)], national[max(before - prefix, 0) :]
        if separator == "/":
            shortest = _SHORTEST_SUBSCRIBER if prefix else _SHORTEST_WITHOUT_TRUNK
            if len(first) > _LONGEST_AREA_CODE or len(second) < shortest:
                raise NotANumber(RANGE)
        elif separator == "-" and _continues(first, second):
            _refuse_range(number, first, has_prefix=prefix > 0)
        elif separator == " ":
            _refuse_two(number, first, second)


def _separators(groups: str) -> Iterator[tuple[str, int]]:
    """Each separator, and how many digits stand before it."""
    for match in _SEPARATOR.finditer(groups):
        yield match[1] or " ", len(digits_of(groups[: match.start()]))


def _continues(first: str, second: str) -> bool:
    """Whether the second can replace the last digits of the first, as in 5551000-1099."""
    return len(second) <= len(first) and second > first[-len(second) :]


def _refuse_range(number: E164Number, first: str, *, has_prefix: bool) -> None:
    beginning = _beginning(number, first)
    possible = beginning and phonenumbers.is_possible_number_with_reason(beginning)
    is_local = possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY and not has_prefix
    if beginning is None or not (possible == ValidationResult.IS_POSSIBLE or is_local):
        return
    if phonenumbers.is_valid_number(beginning) or not is_assigned(number):
        raise NotANumber(RANGE)


def _refuse_two(number: E164Number, first: str, second: str) -> None:
    trunk = trunk_prefix(number.code)
    if trunk and second.startswith(trunk) and min(len(first), len(second)) >= _SHORTEST_WHOLE:
        beginning, other = _beginning(number, first), _beginning(number, second.removeprefix(trunk))
        if beginning and other and all(map(phonenumbers.is_possible_number, (beginning, other))):
            raise NotANumber(TWO_NUMBERS)


def _beginning(number: E164Number, national: str) -> PhoneNumber | None:
    """The number of the same country with these national digits."""
    try:
        return phonenumbers.parse(f"+{number.code}{national}")
    except phonenumbers.NumberParseException:
        return None


def describe_parts(notation: Notation, region: str | None) -> str | None:
    """What a text looks like that has the shape of one number but is none: a range, two numbers, or None."""
    for separator, before in _separators(notation.groups):
        first, second = notation.digits[:before], notation.digits[before:]
        if len(second) > len(first) or not _stands_alone(notation.international, first, region):
            continue
        if separator in {"-", "/"}:
            return RANGE
        if len(second) >= _SHORTEST_WHOLE and _stands_alone(notation.international, second, region):
            return TWO_NUMBERS
    return None


def _stands_alone(international: bool, digits: str, region: str | None) -> bool:  # noqa: FBT001 - read at one place
    try:
        number = phonenumbers.parse(f"+{digits}" if international else digits, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)
