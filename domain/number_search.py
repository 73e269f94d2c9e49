"""What a search text means: part of a number in any notation, or part of a tag."""

import re
from dataclasses import dataclass

import phonenumbers

from domain.number_notation import NotANumber, digits_of, plain
from domain.number_plans import read_domestic, trunk_prefix
from domain.texts import TEXT_LENGTH, fold, has_control_characters, normalize

_NOTATION = re.compile(r"(?:tel: ?)?(\+? ?[0-9 ()./-]*)", re.IGNORECASE)
_CODE_AND_ZERO = re.compile(r"\+ ?(\d{1,3})\)?[ .-]*\( ?0 ?\)")
_DOUBLE_ZERO = re.compile(r"[( ]*00 ?(?=[1-9 ])")
_TRUNKS = {"0", "8"}
"""The first digits of trunk prefixes, other than the 1 of North America, which is also the country code."""

_WHOLE = 7
"""Fewer digits without separators are the middle or the end of a number rather than its beginning."""


@dataclass(frozen=True, slots=True)
class SearchText:
    """What a search text means: `folded` is looked for in the number and in the tag, `digits` in the number alone.

    `digits` is set where the text is written otherwise than the number is stored, such as `(418) 898-4760`.
    """

    folded: str
    digits: str | None


def search_text(text: str, region: str | None = None) -> SearchText | None:
    """What the text asks for; None when it can match nothing: it is too long, or no tag holds its control character.

    A national notation is read in `region`. Invisible characters and white space at the ends mean nothing.
    """
    if len(text) > TEXT_LENGTH:
        return None
    folded = normalize(fold(text))
    written = _notation(text)
    digits = _digits(written, region) if written else None
    if has_control_characters(folded):
        # A number with a tab between its digits.
        return SearchText(digits, None) if digits else None
    # A number that contains `digits` also contains a part of them.
    return SearchText(folded, digits if digits and folded not in digits else None)


def is_blank(text: str) -> bool:
    """Whether a search text asks for nothing: it has no visible character."""
    return len(text) <= TEXT_LENGTH and not normalize(fold(text))


def depends_on_region(text: str) -> bool:
    """Whether a search text means something else where its first digits are a trunk prefix."""
    written = _notation(text)
    return written is not None and _may_have_trunk(written)


def search_digits(text: str) -> str:
    """The digits that a number starts or ends with, without a leading plus; none if the text is too long."""
    return digits_of(plain(text)) if len(text) <= TEXT_LENGTH else ""


def _notation(text: str) -> str | None:
    """The text in plain characters if it may be part of a number."""
    match = _NOTATION.fullmatch(plain(text)) if len(text) <= TEXT_LENGTH else None
    return match[1] if match else None


def _may_have_trunk(written: str) -> bool:
    bare = digits_of(written)
    return not written.startswith("+") and bare[:1] in _TRUNKS and (len(bare) >= _WHOLE or not written.isdigit())


def _digits(written: str, region: str | None) -> str | None:
    """What stored numbers contain that match the notation; None if it has no digits."""
    bare = digits_of(written)
    if not bare:
        return None
    if written.startswith("+"):
        return f"+{_without_zero(written)}"
    if len(bare) > _WHOLE and _DOUBLE_ZERO.match(written):
        return f"+{_without_zero(_DOUBLE_ZERO.sub('+', written))}"
    if region is None or not _may_have_trunk(written):
        return bare
    whole = _whole_number(bare, region) or _without_trunk(written, region)
    return bare if whole is None or bare in whole else whole


def _without_zero(written: str) -> str:
    """The digits after a plus, without the trunk prefix in brackets."""
    match = _CODE_AND_ZERO.match(written)
    if match and trunk_prefix(int(match[1])) == "0":
        return match[1] + digits_of(written[match.end() :])
    return digits_of(written)


def _whole_number(bare: str, region: str) -> str | None:
    """The number that digits stand for, also in formats that move digits, such as the mobile numbers of Argentina."""
    try:
        return read_domestic(bare, region).text
    except NotANumber:
        pass
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    # A number that keeps its leading zero is the beginning of a longer one.
    if digits_of(formatted) != bare or number.italian_leading_zero:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _without_trunk(written: str, region: str) -> str | None:
    """The beginning of the numbers whose national notation begins with these digits."""
    code = phonenumbers.country_code_for_region(region)
    trunk, bare = trunk_prefix(code), digits_of(written)
    if not trunk or not bare.startswith(trunk):
        return None
    # Some plans have area codes that begin like the trunk prefix, such as 8 800 in Russia.
    is_trunk = trunk == "0" or re.match(rf"{trunk}(?!\d)", written)
    return f"+{code}{bare.removeprefix(trunk)}" if is_trunk else None
