"""Text that people type: normalised, trimmed, folded for comparison, and refused when it can't be shown.

Invisible characters are those that Unicode calls default ignorable, and a few more that show nothing. Joiners (ZWJ,
ZWNJ), variation selectors and marks of direction are among them: they are spelling, so a stored text keeps them, but
two texts that differ in nothing else are the same.
"""

import re
import unicodedata

from domain.errors import InvalidInput

TAG_LENGTH = 64
NAME_LENGTH = 100
NOTE_LENGTH = 2000
FOLDED_LENGTH = 3 * TAG_LENGTH
"""No folded tag is longer: folding makes three characters of one at most."""

TEXT_LENGTH = 10_000
"""Longer texts are refused, or found nowhere, without being read: a second would pass for millions of characters."""

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u2800\u3000"
"""White space outside ASCII, with the blank of Braille. Line and paragraph separators are refused inside a text."""

_INVISIBLE_CHARACTERS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{_INVISIBLE_CHARACTERS}]+")
_SPACE = re.compile(f"[{_SPACES}]")
_ASCII_EDGE = "\t\n\v\f\r "
_EDGE = f"{_ASCII_EDGE}\u0085{_SPACES}\u2028\u2029\u00ad\u180e\u200b\u2060\ufeff"
"""What is trimmed: white space, and the invisible characters that mean nothing at the ends of a text."""

_VISIBLE = re.compile(f"[^{_INVISIBLE_CHARACTERS}{_EDGE}]")

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def normalize(text: str) -> str:
    """Unicode NFC, without white space of any kind at either end, also between invisible characters."""
    if text.isascii():
        return text.strip(_ASCII_EDGE)
    trimmed = unicodedata.normalize("NFC", text).strip(_EDGE)
    if not _INVISIBLE.match(trimmed) and not _INVISIBLE.match(trimmed[-1:]):
        return trimmed
    return _trim_start(_trim_start(trimmed)[::-1])[::-1]


def _trim_start(text: str) -> str:
    """Remove white space before the first visible character, but not the other invisible characters there."""
    visible = _VISIBLE.search(text)
    start = visible.start() if visible else len(text)
    return "".join(character for character in text[:start] if character not in _EDGE) + text[start:]


def fold(text: str) -> str:
    """The form that search, sort and uniqueness compare. Both databases store it.

    NFC and case-folded, without invisible characters, with plain spaces; accents are kept. A line feed is kept: it
    separates the parts of a folded column.
    """
    if text.isascii():
        return text.lower()
    visible = _SPACE.sub(" ", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).casefold())


def fold_for_lookup(text: str) -> str:
    """The folded form of a text that is looked for, trimmed.

    No stored text holds a control character, so U+0000, which PostgreSQL refuses, may stand as another one, and one may
    stand for a text that is too long to be found.
    """
    if len(text) > TEXT_LENGTH:
        return "\1"
    return fold(normalize(text)).replace("\0", "\1")


def has_control_characters(text: str) -> bool:
    """Whether a character is a control, a line or paragraph separator, or a lone surrogate."""
    return _CONTROL.search(text) is not None


def has_direction_controls(text: str) -> bool:
    """Whether a character embeds, overrides or isolates the direction of text, so that it is shown in another order."""
    return _DIRECTION.search(text) is not None


def invisible_character(text: str) -> str | None:
    """The first invisible character of a text, or None."""
    found = None if text.isascii() else _INVISIBLE.search(text)
    return found and found[0][0]


def is_blank(text: str) -> bool:
    """Whether a text has no visible character. Marks that combine with nothing are not visible."""
    if text.isascii():
        return not text.strip(_ASCII_EDGE)
    return all(unicodedata.category(character)[0] in "MZ" for character in _INVISIBLE.sub("", text).strip(_EDGE))


def clean_tag(text: str, *, path: tuple[str, ...]) -> str:
    """A reserved tag, normalised. Raises InvalidInput for one that is blank, too long or can't be shown."""
    return _clean(text, noun="reserved tag", length=TAG_LENGTH, path=path)


def clean_name(text: str, *, noun: str, path: tuple[str, ...]) -> str:
    """A name, normalised. Raises InvalidInput for one that is blank, too long or can't be shown."""
    return _clean(text, noun=noun, length=NAME_LENGTH, path=path)


def clean_note(text: str, *, path: tuple[str, ...]) -> str:
    """A text of any lines, normalised; empty when blank. Raises InvalidInput as `clean_name` does."""
    _check_readable(text, noun="note", length=NOTE_LENGTH, path=path)
    cleaned = normalize(text.replace("\r\n", "\n"))
    _check_shown(cleaned.replace("\n", "").replace("\t", ""), noun="note", path=path)
    if is_blank(cleaned):
        return ""
    _check_length(cleaned, noun="note", length=NOTE_LENGTH, path=path)
    return cleaned


def _clean(text: str, *, noun: str, length: int, path: tuple[str, ...]) -> str:
    _check_readable(text, noun=noun, length=length, path=path)
    cleaned = normalize(text)
    _check_shown(cleaned, noun=noun, path=path)
    if is_blank(cleaned):
        raise InvalidInput(f"The {noun} is blank.", path=path)
    _check_length(cleaned, noun=noun, length=length, path=path)
    return cleaned


def _check_shown(text: str, *, noun: str, path: tuple[str, ...]) -> None:
    control = _CONTROL.search(text)
    if control is not None:
        raise InvalidInput(f"The {noun} holds a control character (U+{ord(control[0]):04X}).", path=path)
    direction = _DIRECTION.search(text)
    if direction is not None:
        raise InvalidInput(
            f"The {noun} holds U+{ord(direction[0]):04X}, which changes the direction of the text. Remove it.",
            path=path,
        )


def _check_readable(text: str, *, noun: str, length: int, path: tuple[str, ...]) -> None:
    if len(text) > TEXT_LENGTH:
        _check_length(text, noun=noun, length=length, path=path)


def _check_length(text: str, *, noun: str, length: int, path: tuple[str, ...]) -> None:
    if len(text) > length:
        raise InvalidInput(f"The {noun} has {len(text)} characters; {length} is the most.", path=path)
