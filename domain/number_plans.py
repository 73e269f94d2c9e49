"""Numbering plans: the number that digits stand for, with a country code or in the notation of a region.

phonenumbers knows the plans. It also corrects what it reads: it completes local numbers, moves digits and drops
carriers' codes. Here every digit has to be in the number, other than prefixes.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial

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
_BEGIN_WITH_PLUS = "begin with + and the country code."


def read_international(digits: str) -> PhoneNumber:
    """The number whose digits begin with a country code. Raises NotANumber."""
    if len(digits) > LONGEST + 1:
        raise NotANumber(f"has {len(digits)} digits; E.164 has {LONGEST} at most.")
    try:
        number = phonenumbers.parse(f"+{digits}")
    except NumberParseException:
        raise NotANumber("does not begin with a country code.") from None
    code = str(number.country_code)
    if _prefix(digits, number) not in _codes(number):
        raise Altered(f"has digits that are not part of a number of +{code}.")
    return _complete(number)


def read_domestic(digits: str, region: str | None) -> PhoneNumber:
    """The number that digits without a plus stand for in a region. Raises NotANumber, also where two can be meant."""
    readers: list[Callable[[], PhoneNumber]] = []
    if digits.startswith("00"):
        readers.append(partial(read_international, digits.removeprefix("00")))
    if region is not None:
        readers.append(partial(_read_in_region, digits, region))
    if not readers:
        raise NotANumber(f"has no country code: {_BEGIN_WITH_PLUS}")
    found: list[PhoneNumber] = []
    problems: list[NotANumber] = []
    for read in readers:
        try:
            found.append(read())
        except NotANumber as problem:
            problems.append(problem)
    if not found:
        raise problems[0]
    if any(e164(number) != e164(found[0]) for number in found):
        raise _ambiguous(*found)
    return found[0]


def _read_in_region(digits: str, region: str) -> PhoneNumber:
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
    number = _complete(number, hint=f" in {region}; for another country, {_BEGIN_WITH_PLUS}")
    if not prefix:
        _require_whole(number, plan)
    return number


def _require_whole(number: PhoneNumber, plan: PhoneMetadata) -> None:
    """Raise NotANumber if digits without the trunk prefix may lack an area code, or begin with the country code."""
    national = phonenumbers.national_significant_number(number)
    trunk = plan.national_prefix
    if trunk == str(number.country_code):
        return
    longest = max(_lengths(plan.fixed_line) or _lengths(plan.general_desc))
    is_whole = len(national) == longest or (len(national) > longest and is_assigned(number))
    if trunk and not is_whole and not _is_written_without_trunk(number, national):
        raise NotANumber(f"may have no area code: begin with {trunk}, or with + and the country code.")
    if national.startswith(str(number.country_code)):
        try:
            other = read_international(national)
        except NotANumber:
            return
        if not is_assigned(number) or is_assigned(other):
            raise _ambiguous(number, other)


def _is_written_without_trunk(number: PhoneNumber, national: str) -> bool:
    """Whether the plan formats the number in groups without a trunk prefix, as Australia does with 13 12 34."""
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return is_assigned(number) and formatted != national and digits_of(formatted) == national


def _formatted_prefix(number: PhoneNumber) -> str | None:
    """What the plan writes before the national digits at home, such as 0, or 8 0 in Belarus."""
    return _prefix(digits_of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)), number)


def _complete(number: PhoneNumber, *, hint: str = "") -> PhoneNumber:
    """The number itself. Raises NotANumber unless it can be called from abroad."""
    national = phonenumbers.national_significant_number(number)
    code = str(number.country_code)
    if national.startswith("0") and trunk_prefix(number.country_code) == "0" and not is_assigned(number):
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
    return number


def _ambiguous(*numbers: PhoneNumber) -> NotANumber:
    return NotANumber(f"can be {' and '.join(map(e164, numbers))}: {_BEGIN_WITH_PLUS}")


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


def e164(number: PhoneNumber) -> str:
    """The number in E.164 form."""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_assigned(number: PhoneNumber) -> bool:
    """Whether its range is assigned, as far as phonenumbers knows."""
    return phonenumbers.is_valid_number(number)
