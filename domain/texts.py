"""Text that people type: normalised, trimmed, folded for comparison, and refused when it can't be shown."""

import unicodedata

from domain.errors import InvalidInput

TAG_LENGTH = 64
NAME_LENGTH = 100
NOTE_LENGTH = 2000
FOLDED_LENGTH = 3 * TAG_LENGTH
"""No folded tag is longer: folding makes three characters of one at most."""


def normalize(text: str) -> str:
    """Unicode NFC, without white space at either end."""
    return unicodedata.normalize("NFC", text).strip()


def fold(text: str) -> str:
    """The form that search and sort compare: NFC and case-folded, accents kept. Both databases store it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def fold_for_lookup(text: str) -> str:
    """The folded form of a text that is looked for.

    No stored text holds a control character, so U+0000, which PostgreSQL refuses, may stand as another one.
    """
    return fold(text).replace("\0", "\1")


def has_control_characters(text: str) -> bool:
    """Whether a character is a control, a line or paragraph separator, or a lone surrogate."""
    return any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text)


def clean_tag(text: str, *, path: tuple[str, ...]) -> str:
    """A reserved tag, trimmed; refused when blank, over 64 characters, or with control characters."""
    return _clean(text, noun="reserved tag", length=TAG_LENGTH, path=path)


def clean_name(text: str, *, noun: str, path: tuple[str, ...]) -> str:
    """A name, trimmed; refused when blank, over 100 characters, or with control characters."""
    return _clean(text, noun=noun, length=NAME_LENGTH, path=path)


def clean_note(text: str, *, path: tuple[str, ...]) -> str:
    """A text of any lines, trimmed; refused over 2,000 characters, or with other control characters than line ends."""
    cleaned = normalize(text.replace("\r\n", "\n"))
    if len(cleaned) > NOTE_LENGTH:
        raise InvalidInput(f"The note has {len(cleaned)} characters; {NOTE_LENGTH} is the most.", path=path)
    if has_control_characters(cleaned.replace("\n", "").replace("\t", "")):
        raise InvalidInput("The note holds a control character.", path=path)
    return cleaned


def _clean(text: str, *, noun: str, length: int, path: tuple[str, ...]) -> str:
    cleaned = normalize(text)
    if not cleaned:
        raise InvalidInput(f"The {noun} is blank.", path=path)
    if len(cleaned) > length:
        raise InvalidInput(f"The {noun} has {len(cleaned)} characters; {length} is the most.", path=path)
    if has_control_characters(cleaned):
        raise InvalidInput(f"The {noun} holds a control character.", path=path)
    return cleaned
