"""Numbering plans: the number that digits stand for, with a country code or in the notation of a region.

phonenumbers knows the plans. It also corrects what it reads: it completes local numbers, moves digits and drops
carriers' codes. Here every digit has to be in the number, other than prefixes.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberDesc,
    ValidationResult,
)

from domain.number_notation import Altered, NotANumber, digits_of

LONGEST = 15
"""How many digits an E.164 number has at most."""

_NORTH_AMERICAN = re.compile(r"[2-9]\d\d[2-9]\d{6}")
_NORTH_AMERICAN_AT_HOME = re.compile(r"1?([2-9]\d\d[2-9]\d{6})")
_NORTH_AMERICA = 1
_BEGIN_WITH_PLUS = "begin with + and the country code."


class E164Number(NamedTuple):
    """A number: its country code and its national digits, without a trunk prefix."""

    code: int
    national: str

    @property
    def text(self) -> str:
        """The number in E.164 form."""
        return f"+{self.code}{self.national}"


def read_international(digits: str) -> E164Number:
    """The number whose digits begin with a country code. Raises NotANumber."""
    if len(digits) > LONGEST + 1:
        raise NotANumber(f"has {len(digits)} digits; E.164 has {LONGEST} at most.")
    direct = _read_without_prefix(digits)
    if direct is not None:
        return direct
    try:
        number = phonenumbers.parse(f"+{digits}")
    except NumberParseException:
        raise NotANumber("does not begin with a country code.") from None
    if _prefix(digits, number) not in _codes(number):
        raise Altered(f"has digits that are not part of a number of +{number.country_code}.")
    complete = _complete(number)
    return complete if complete.text[1:] == digits else _stable(complete)


def _stable(number: E164Number) -> E164Number:
    """The number. Raises NotANumber if its own digits begin like a trunk prefix, so that they are read otherwise."""
    if read_international(number.text[1:]) != number:
        raise Altered(f"begins with a trunk prefix twice: {_BEGIN_WITH_PLUS}")
    return number


def _read_without_prefix(digits: str) -> E164Number | None:
    """The number whose digits are a country code and a number of the plan's length, which is read twenty times faster.

    None if there may be a prefix after the code, or something wrong.
    """
    if digits[:1] in {"", "0"}:
        return None
    for size in (1, 2, 3):
        code = int(digits[:size])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            lengths, prefix = _shape(code)
            national = digits[size:]
            fits = len(national) in lengths and len(digits) <= LONGEST and not (prefix and prefix.match(national))
            is_shaped = code != _NORTH_AMERICA or _NORTH_AMERICAN.fullmatch(national)
            return E164Number(code, national) if fits and is_shaped and national[0] != "0" else None
    return None


@lru_cache(maxsize=512)
def _shape(code: int) -> tuple[frozenset[int], re.Pattern[str] | None]:
    """The lengths of a country's numbers, and the prefixes that they may have at home."""
    plan = PhoneMetadata.metadata_for_region_or_calling_code(code, phonenumbers.region_code_for_country_code(code))
    if plan is None or plan.general_desc is None:
        return frozenset(), None
    local = plan.general_desc.possible_length_local_only
    prefix = plan.national_prefix_for_parsing
    lengths = frozenset(plan.general_desc.possible_length) - frozenset(local)
    return lengths, re.compile(prefix) if prefix else None


def read_domestic(digits: str, region: str | None) -> E164Number:
    """The number that digits without a plus stand for in a region. Raises NotANumber, also where two can be meant."""
    if region and phonenumbers.country_code_for_region(region) == _NORTH_AMERICA:
        match = _NORTH_AMERICAN_AT_HOME.fullmatch(digits)
        if match:
            return E164Number(_NORTH_AMERICA, match[1])
    readers: list[Callable[[], E164Number]] = []
    if digits.startswith("00"):
        readers.append(partial(read_international, digits.removeprefix("00")))
    if region is not None:
        readers.append(partial(_read_in_region, digits, region))
    if not readers:
        raise NotANumber(f"has no country code: {_BEGIN_WITH_PLUS}")
    found: list[E164Number] = []
    problems: list[NotANumber] = []
    for read in readers:
        try:
            found.append(read())
        except NotANumber as problem:
            problems.append(problem)
    if not found:
        raise problems[0]
    if len(set(found)) > 1:
        raise _ambiguous(*found)
    return _stable(found[0])


def _read_in_region(digits: str, region: str) -> E164Number:
    try:
        number = phonenumbers.parse(digits, region, keep_raw_input=True)
    except NumberParseException:
        raise NotANumber(f"is too short or too long for a number of {region}.") from None
    plan = _plan(region)
    code = str(number.country_code)
    prefix = _prefix(digits, number)
    source = number.country_code_source
    if source == CountryCodeSource.FROM_NUMBER_WITH_IDD:
        codes = "|".join(_codes(number))
        if prefix is None or not re.fullmatch(f"(?:{plan.international_prefix})(?:{codes})", prefix):
            raise Altered(f"has digits that are not part of a number of +{code}: {_BEGIN_WITH_PLUS}")
        return _complete(number)
    if source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN:
        if prefix not in _codes(number) or len(digits) <= max(_lengths(plan.general_desc)):
            raise NotANumber(f"may be a number of {region} with or without its country code: {_BEGIN_WITH_PLUS}")
        return _complete(number)
    if prefix is None or prefix not in {"", plan.national_prefix, _formatted_prefix(number)}:
        raise Altered(f"is written in a way that adds or leaves out digits: {_BEGIN_WITH_PLUS}")
    complete = _complete(number, hint=f" in {region}; for another country, {_BEGIN_WITH_PLUS}")
    if not prefix:
        _require_whole(complete, number, plan)
    return complete


def _require_whole(complete: E164Number, number: PhoneNumber, plan: PhoneMetadata) -> None:
    """Raise NotANumber if digits without the trunk prefix may lack an area code, or begin with the country code."""
    national = complete.national
    trunk = plan.national_prefix
    if trunk == str(complete.code):
        return
    longest = max(_lengths(plan.fixed_line) or _lengths(plan.general_desc))
    is_whole = len(national) == longest or (len(national) > longest and is_assigned(complete))
    if trunk and not is_whole and not _is_written_without_trunk(number, national):
        raise NotANumber(f"may have no area code: begin with {trunk}, or with + and the country code.")
    if national.startswith(str(complete.code)):
        try:
            other = read_international(national)
        except NotANumber:
            return
        if not is_assigned(complete) or is_assigned(other):
            raise _ambiguous(complete, other)


def _is_written_without_trunk(number: PhoneNumber, national: str) -> bool:
    """Whether the plan formats the number in groups without a trunk prefix, as Australia does with 13 12 34."""
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.is_valid_number(number) and formatted != national and digits_of(formatted) == national


def _formatted_prefix(number: PhoneNumber) -> str | None:
    """What the plan writes before the national digits at home, such as 0, or 8 0 in Belarus."""
    return _prefix(digits_of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)), number)


def _complete(number: PhoneNumber, *, hint: str = "") -> E164Number:
    """The number in E.164. Raises NotANumber unless it can be called from abroad."""
    national = phonenumbers.national_significant_number(number)
    country = number.country_code or 0
    code = str(country)
    if national.startswith("0") and trunk_prefix(country) == "0" and not phonenumbers.is_valid_number(number):
        raise NotANumber(f"is too short for a number of +{code}.")
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise NotANumber("has no area code.")
    if len(code) + len(national) > LONGEST:
        raise NotANumber(f"has {len(code) + len(national)} digits; E.164 has {LONGEST} at most.")
    if possible == ValidationResult.TOO_SHORT:
        raise NotANumber(f"is too short for a number of +{code}, or has no area code.")
    if possible == ValidationResult.TOO_LONG:
        raise NotANumber(f"has too many digits{hint or f' for a number of +{code}.'}")
    if possible != ValidationResult.IS_POSSIBLE:
        raise NotANumber(f"has a length that no number has{hint or f' in +{code}.'}")
    if code == "1" and not _NORTH_AMERICAN.fullmatch(national):
        raise NotANumber("is no number of +1: area code and exchange begin with 2 to 9.")
    return E164Number(country, national)


def _ambiguous(*numbers: E164Number) -> NotANumber:
    return NotANumber(f"can be {' and '.join(number.text for number in numbers)}: {_BEGIN_WITH_PLUS}")


def _prefix(digits: str, number: PhoneNumber) -> str | None:
    """What stands before the number's national digits; None if they are not the last ones."""
    national = phonenumbers.national_significant_number(number)
    return digits.removesuffix(national) if digits.endswith(national) else None


def _codes(number: PhoneNumber) -> tuple[str, ...]:
    """The number's country code, and the code followed by the trunk prefix, as in +44 (0)20."""
    code = str(number.country_code)
    trunk = trunk_prefix(number.country_code)
    return (code, code + trunk) if trunk and trunk != code else (code,)


@lru_cache
def trunk_prefix(country_code: int) -> str | None:
    """The digits that a country writes before the area code at home, such as 0; None if there are none."""
    region = phonenumbers.region_code_for_country_code(country_code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    prefix: str | None = metadata.national_prefix if metadata else None
    return prefix


def _plan(region: str) -> PhoneMetadata:
    plan = PhoneMetadata.metadata_for_region(region)
    if plan is None:
        raise ValueError(f"{region!r} is not a region")
    return plan


def _lengths(kind: PhoneNumberDesc | None) -> tuple[int, ...]:
    """How many national digits the numbers of a kind have."""
    return kind.possible_length if kind else ()


def is_assigned(number: E164Number) -> bool:
    """Whether its range is assigned, as far as phonenumbers knows."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number.text))
