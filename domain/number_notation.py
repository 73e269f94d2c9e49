"""The notation of telephone numbers: which characters a text may have, and the shape of a single number."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

NOTATION_LENGTH = 60
"""The longest text that is read as a number, without invisible characters."""

RIGHT_TO_LEFT_OVERRIDE = "\u202e"
"""Shows the digits that follow in reverse order, so it is not read through."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202d\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_EQUIVALENTS = {
    **dict.fromkeys("\uff0b\ufe62", "+"),
    **dict.fromkeys("\u2212\u2043\u30fc", "-"),
    **dict.fromkeys("\u301c\u3030\uff5e\u223c", "~"),
    **dict.fromkeys("\uff0e\u00b7\u2022\u2027\u2219\u22c5", "."),
    **dict.fromkeys("\uff0f\u2044\u2215", "/"),
    **dict.fromkeys("[\uff08\uff3b\ufe59", "("),
    **dict.fromkeys("]\uff09\uff3d\ufe5a", ")"),
    "\t": " ",
}
_EDGE = " \n\v\f\r\x85\u2028\u2029"
"""What is trimmed, after other white space became plain spaces."""

_BY_CATEGORY = {"Zs": " ", "Pd": "-"}

_SCHEME = re.compile(r"tel: ?", re.IGNORECASE)
_BRACKETED_CODE = re.compile(r"\( ?(\+ ?\d{1,3}) ?\)")
_BRACKETS = re.compile(r" ?\( ?(\d+(?:[ .-]\d+)*) ?\) ?")
_SPACES = re.compile(" {2,}")
_GROUPS = re.compile(r"\d+(?:(?: ?[./-] ?| )\d+)*")
_DIAL_TONE = re.compile(r"8~10\b")
"""The international prefix in Russian notation: 8, wait for the tone, 10."""

_WHOLE_FLOAT = re.compile(r"(\d{5,})\.0")
_DECIMAL = re.compile(r".*\d{5}\.\d{1,2}")
_NOT_DIGITS = re.compile(r"[^0-9]+")


class NotANumber(ValueError):
    """A text is not one number. The message says what it looks like, and follows the text itself."""


class Altered(NotANumber):
    """The text is a number in a notation whose digits are not all in the number."""


@dataclass(frozen=True, slots=True)
class Notation:
    """A text in the shape of one number.

    `groups` are ASCII digits with at most one of `-`, `.` and `/` between them; the brackets became spaces.
    """

    groups: str
    international: bool
    """It begins with a plus."""

    is_uri: bool = False
    """It is a `tel:` URI, in which every separator means nothing."""

    @property
    def digits(self) -> str:
        """All its digits."""
        return digits_of(self.groups)


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return _NOT_DIGITS.sub("", text)


def visible(text: str) -> str:
    """The text without invisible characters: zero-width ones, bidirectional marks, soft hyphens."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """The text trimmed, with ASCII digits and punctuation, and without invisible characters."""
    if text.isascii():
        return text.replace("[", "(").replace("]", ")").replace("\t", " ").strip(_EDGE)
    return "".join(map(_plain_character, visible(text))).strip(_EDGE)


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in _EQUIVALENTS:
        return _EQUIVALENTS[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in _BY_CATEGORY:
        return _BY_CATEGORY[category]
    # Letters of full width tell what a refused text looks like. A superscript 2 is no digit of a number.
    compatible = unicodedata.normalize("NFKC", character)
    return character if digits_of(compatible) else compatible


def read_notation(text: str) -> Notation | None:
    """The notation of a plain text (see `plain`); None if it is not in the shape of one number."""
    text = _SPACES.sub(" ", text)
    scheme = _SCHEME.match(text)
    if scheme:
        text = text[scheme.end() :]
    text = _DIAL_TONE.sub("8 10", text) if text.startswith("8~10") else text
    if whole := _WHOLE_FLOAT.fullmatch(text):
        text = whole[1]
    if text.startswith("("):
        text = _SPACES.sub(" ", _BRACKETED_CODE.sub(r"\1 ", text, count=1))
    # Brackets at the end hold a remark, not an area code.
    if text.endswith(")") or _DECIMAL.fullmatch(text):
        return None
    groups = _BRACKETS.sub(r" \1 ", text.removeprefix("+")).strip()
    if not _GROUPS.fullmatch(groups):
        return None
    return Notation(groups, international=text.startswith("+"), is_uri=scheme is not None)
