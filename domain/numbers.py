"""E.164 telephone numbers: one reader of texts, formats for people, and ranges."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from domain.errors import InvalidInput, LimitExceeded
from domain.number_groups import check_groups, describe_parts
from domain.number_notation import NOTATION_LENGTH, Altered, NotANumber, plain, read_notation, visible
from domain.number_plans import E164Number, read_domestic, read_international
from domain.number_shapes import describe_shape

INPUT_LENGTH = 40
"""The longest text taken for a number by the API, in characters."""

OPERATION_LIMIT = 100_000
"""How many numbers one operation changes at most, unless it runs as a job."""

JOB_LIMIT = 10_000_000
"""How many numbers a job changes at most."""

DEFAULT_REGION = "US"
"""The region in which national numbers are read, unless another one is set."""

_PLAIN = re.compile(r"\+[0-9]{1,15}")
_SHOWN = 40
_TEXT_LENGTH = 500


def parse(text: str, *, region: str | None = None, path: tuple[str, ...] = ()) -> str:
    """The number that all of a text is, in E.164 form (`+14188984760`).

    A national number is read in `region` (two letters, such as US); without a region the number must begin with its
    country code. Raises InvalidInput that says what the text looks like; no text is guessed at.
    """
    try:
        return _read(text, region).text
    except NotANumber as reason:
        raise InvalidInput(f"{visible(text).strip()[:_SHOWN]!r} {reason}", path=path) from None


def try_parse(text: str, *, region: str | None = None) -> str | None:
    """As `parse`, with None for what is not a number."""
    try:
        return _read(text, region).text
    except NotANumber:
        return None


def _read(text: str, region: str | None) -> E164Number:
    if _PLAIN.fullmatch(text):
        return read_international(text[1:])
    if len(text) > _TEXT_LENGTH or len(visible(text).strip()) > NOTATION_LENGTH:
        raise NotANumber(f"is longer than {NOTATION_LENGTH} characters.")
    written = plain(text)
    notation = read_notation(written)
    if notation is None:
        raise NotANumber(describe_shape(written))
    try:
        if notation.international:
            number = read_international(notation.digits)
        else:
            number = read_domestic(notation.digits, region)
    except Altered:
        raise
    except NotANumber as reason:
        raise NotANumber(describe_parts(notation, region) or str(reason)) from None
    check_groups(notation, number)
    return number


def is_assigned(number: str) -> bool:
    """Whether the range of a number in E.164 form is assigned, as far as is known: new ranges appear all the time."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def national_format(number: str) -> str:
    """The number as people of its country write it, such as `(418) 898-4760`."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)


def international_format(number: str) -> str:
    """The number as people of other countries write it, such as `+1 418-898-4760`."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def needs_region(text: str) -> bool:
    """Whether a number is read in a region: it does not begin with a plus."""
    return not text.startswith("+") and "+" not in plain(text)


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


def limit_text(limit: int) -> str:
    """How a refusal words the limit of an operation, which is higher for a job."""
    hint = " A job can do more: set `asJob` to true." if limit < JOB_LIMIT else ""
    return f"The limit of one operation is {limit} numbers.{hint}"


def parse_span(
    first: str, last: str, *, region: str | None = None, limit: int = OPERATION_LIMIT, path: tuple[str, ...]
) -> NumberSpan:
    """The range between two numbers. Raises InvalidInput where there is none, LimitExceeded where it is too long."""
    span = NumberSpan(
        parse(first, region=region, path=(*path, "first")), parse(last, region=region, path=(*path, "last"))
    )
    if len(span.first) != len(span.last):
        raise InvalidInput("A range runs between two numbers of the same length.", path=path)
    if span.first > span.last:
        raise InvalidInput("A range runs from the lower number to the higher one.", path=path)
    if len(span) > limit:
        raise LimitExceeded(f"The range holds {len(span)} numbers. {limit_text(limit)}", path=path)
    return span
