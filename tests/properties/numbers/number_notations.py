"""Generated texts: numbers of all regions in every notation, and texts around numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from random import Random

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CODES = sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.RFC3966,
    PhoneNumberFormat.NATIONAL,
)
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u2060\u2066\u2068\u2069\ufeff\u00ad"
SPACES = " \u00a0\u2002\u2009\u202f\u3000\t"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
EXTENSIONS = (" x{}", " ext. {}", ";ext={}", " #{}", ", extension {}", " доб. {}")
JOINS = (" ", "  ", ", ", "/", " / ", ";", " or ", "-", " - ", "\u2013", "~", "..", "\n", " und ", "|", "\t")


@dataclass(frozen=True)
class Written:
    """A number, a text of it, and the region in which the text may be national."""

    number: str
    text: str
    region: str


@cache
def zeros() -> list[str]:
    """The digit zero of each script."""
    return [chr(code) for code in range(0x110000) if unicodedata.decimal(chr(code), None) == 0]


@cache
def numbers() -> list[tuple[PhoneNumber, str]]:
    """An example of each kind in each region, and of the numbers of no country."""
    kinds = PhoneNumberType.values()
    examples = [(phonenumbers.example_number_for_type(region, kind), region) for region in REGIONS for kind in kinds]
    examples += [(phonenumbers.example_number_for_non_geo_entity(code), "US") for code in CODES]
    return [(number, region) for number, region in examples if number is not None]


def other_number(random: Random) -> tuple[PhoneNumber, str]:
    """A number that is valid, with other digits at its end than the example."""
    example, region = random.choice(numbers())
    national = phonenumbers.national_significant_number(example)
    for _ in range(8):
        size = random.randint(1, 6)
        text = f"+{example.country_code}{national[:-size]}{random.randrange(10**size):0{size}}"
        number = phonenumbers.parse(text)
        if phonenumbers.is_valid_number(number):
            return number, region
    return example, region


def written(random: Random) -> Written:
    """A valid number in some notation, with other separators, digits and invisible characters."""
    number, region = other_number(random)
    # Numbers of no country have no national notation.
    formats = FORMATS[:-1] if number.country_code in CODES else FORMATS
    texts = [phonenumbers.format_number(number, format_) for format_ in formats]
    text = random.choice([*texts, phonenumbers.format_out_of_country_calling_number(number, region), None])
    if text is None:
        region = random.choice(REGIONS)
        text = phonenumbers.format_out_of_country_calling_number(number, region)
    return Written(e164(number), disguised(text, random), region)


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def disguised(text: str, random: Random) -> str:
    """The text with separators, digits and invisible characters of another kind."""
    if random.random() < 0.3:
        zero = ord(random.choice(zeros()))
        text = "".join(chr(zero + int(c)) if c in "0123456789" else c for c in text)
    if random.random() < 0.3:
        text = "".join(random.choice(SPACES) if c == " " else random.choice(HYPHENS) if c == "-" else c for c in text)
    if random.random() < 0.2:
        text = text.replace("-", random.choice(" ./")).replace(" ", random.choice(["", " ", "-", "."]))
    for _ in range(random.choice([0, 0, 1, 3])):
        place = random.randint(0, len(text))
        text = text[:place] + random.choice(INVISIBLE) + text[place:]
    return text


def around(random: Random) -> Written:
    """A text around a number: two numbers, a range, a decimal, an extension, more or fewer digits."""
    first, second = written(random), written(random)
    tail = str(random.randrange(10 ** random.randint(1, 4)))
    text = random.choice(
        [
            first.text + random.choice(JOINS) + second.text,
            first.text + random.choice(JOINS) + tail,
            first.text + random.choice([".", ","]) + tail,
            first.text + random.choice([".0", ".00", "E+10", "e9", ",0"]),
            digits(first.text) + random.choice([".0", ".5", ".00"]),
            first.text + random.choice(EXTENSIONS).format(tail),
            tail + random.choice(JOINS) + first.text,
            first.text[: random.randint(1, len(first.text))],
            first.text + tail,
            f"{first.text} ({tail})",
        ]
    )
    return Written(first.number, text, first.region)


def digits(text: str) -> str:
    """The decimal digits of a text in any script."""
    return "".join(str(unicodedata.decimal(c)) for c in text if unicodedata.category(c) == "Nd")


def has_all_digits(text: str, number: str, region: str) -> bool:
    """Whether the digits of a text are those of the number, apart from prefixes and a trailing `.0`."""
    parsed = phonenumbers.parse(number)
    code, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    home = phonenumbers.region_code_for_country_code(int(code))
    trunk = "|".join(filter(None, {_trunk(region), _trunk(home)})) or "0"
    abroad = f"00|{metadata.international_prefix}" if metadata and metadata.international_prefix else "00"
    prefix = re.compile(f"(?:{trunk})?|(?:{abroad})?{code}(?:{trunk})?")
    bare = digits(text)
    wholes = [bare, bare[:-1]] if text.endswith(".0") else [bare]
    return any(whole.endswith(national) and prefix.fullmatch(whole.removesuffix(national)) for whole in wholes)


def _trunk(region: str | None) -> str | None:
    """The trunk prefix of a region. In Belarus it is followed by another 0."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region) if region else None
    return "80?" if region == "BY" else metadata.national_prefix if metadata else None
