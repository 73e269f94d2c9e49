"""E.164 telephone numbers: reading any common notation, showing them, ranges, and what a search text means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from domain.errors import InvalidInput, LimitExceeded
from domain.texts import fold, has_control_characters

INPUT_LENGTH = 40
"""The longest text taken for a number, in characters."""

LONGEST = 15
"""How many digits an E.164 number has at most."""

OPERATION_LIMIT = 100_000
"""How many numbers one operation changes at most, unless it runs as a job."""

_NOTATION = re.compile(r"[+0-9()\[\]./\-\s\u00a0\u2010-\u2015]*")
_NOT_DIGITS = re.compile(r"[^0-9]+")


def parse(text: str, *, region: str | None = None, path: tuple[str, ...] = ()) -> str:
    """The number in E.164 form (`+14188984760`).

    Takes any common notation; a national one is read in `region` (two letters, such as US), and without a region
    the number must carry its country code. Raises InvalidInput when it is not a possible telephone number.
    """
    number = try_parse(text, region=region)
    if number is None:
        raise InvalidInput(
            f"{text.strip()[:INPUT_LENGTH]!r} is not a telephone number in E.164 form, such as +14188984760.", path=path
        )
    return number


def try_parse(text: str, *, region: str | None = None) -> str | None:
    """As `parse`, with None for what is not a number."""
    text = text.strip()
    if len(text) > INPUT_LENGTH or not _NOTATION.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def try_parse_national_first(text: str, region: str) -> str | None:
    """As `try_parse`, but digits that are no number of the region are retried as international, without the plus."""
    number = try_parse(text, region=region)
    if number is None and text.strip()[:1].isdigit():
        number = try_parse("+" + text.strip())
    return number


def national_format(number: str) -> str:
    """The number as people of its country write it, such as `(418) 898-4760`."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)


def international_format(number: str) -> str:
    """The number as people of other countries write it, such as `+1 418-898-4760`."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def is_assigned(number: str) -> bool:
    """Whether the number (in E.164 form) is in a range that is known to be in use, as new ones may not be yet."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def is_region(code: str) -> bool:
    """Whether the code is a region that numbers can be read in, such as US."""
    return code in phonenumbers.SUPPORTED_REGIONS


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """All numbers from `first` to `last`, both included: the same country and the same length."""

    first: str
    last: str

    def __len__(self) -> int:
        return int(self.last) - int(self.first) + 1

    def __iter__(self) -> Iterator[str]:
        for value in range(int(self.first), int(self.last) + 1):
            yield f"+{value}"


def parse_span(first: str, last: str, *, path: tuple[str, ...]) -> NumberSpan:
    """The range between two numbers. Raises InvalidInput where there is none, LimitExceeded where it is too long."""
    span = NumberSpan(parse(first, path=(*path, "first")), parse(last, path=(*path, "last")))
    if len(span.first) != len(span.last):
        raise InvalidInput("A range runs between two numbers of the same length.", path=path)
    if span.first > span.last:
        raise InvalidInput("A range runs from the lower number to the higher one.", path=path)
    if len(span) > OPERATION_LIMIT:
        raise LimitExceeded(
            f"The range holds {len(span)} numbers; {OPERATION_LIMIT} is the most that one operation takes.", path=path
        )
    return span


@dataclass(frozen=True, slots=True)
class SearchText:
    """What a search text means: `folded` is looked for in the number and in the tag, `digits` in the number alone.

    `digits` is set where the text is a formatted number that differs from its digits, such as `(418) 898-4760`.
    """

    folded: str
    digits: str | None


def search_text(text: str) -> SearchText | None:
    """What the text asks for; None when it can match nothing (no tag holds a control character)."""
    if has_control_characters(text):
        return None
    folded = fold(text)
    digits = None
    if _NOTATION.fullmatch(text):
        bare = _NOT_DIGITS.sub("", text)
        plus = "+" if text.strip().startswith("+") else ""
        digits = plus + bare if bare and plus + bare != folded else None
    return SearchText(folded, digits)


def search_digits(text: str) -> str:
    """The digits of a text that a number starts or ends with; a leading plus is dropped."""
    return _NOT_DIGITS.sub("", text)
