"""Which numbers a filter finds, and in what order they come."""

import unicodedata
from dataclasses import dataclass

from tests.properties.model.entities import Actor, PhoneNumber
from tests.properties.model.inventory import Inventory
from tests.properties.model.vocabulary import Status

# What people put between the digits of a number.
PUNCTUATION = frozenset(" ()-./+")


@dataclass(frozen=True)
class NumberFilter:
    """The conditions of a search: all must hold, of a list one; an empty list says nothing."""

    text: str | None = None
    tag: str | None = None
    tag_contains: str | None = None
    numbers: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    include_descendants: bool = False
    statuses: tuple[Status, ...] = ()
    tagged: bool | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    first: str | None = None
    last: str | None = None

    def restricts_nothing(self) -> bool:
        """Whether it would find everything."""
        return self in {NumberFilter(), NumberFilter(include_descendants=True)}


def fold(text: str) -> str:
    """The form in which texts are compared: accents count, case and characters that format do not."""
    text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def select(inventory: Inventory, actor: Actor, wanted: NumberFilter) -> set[str]:
    """The numbers in an actor's scope that a filter finds."""
    # An organization above or beside the scope matches nothing, though the scope may be below it.
    holders = {key for key in wanted.organizations if inventory.in_scope(actor, key)}
    if wanted.include_descendants:
        holders = {below for key in holders for below in inventory.subtree(key)}
    return {key for key in inventory.visible_numbers(actor) if _matches(inventory.numbers[key], wanted, holders)}


def _matches(number: PhoneNumber, wanted: NumberFilter, holders: set[str]) -> bool:
    digits, tag = number.number.removeprefix("+"), fold(number.tag or "")
    return all(
        (
            wanted.text is None or _says(digits, tag, wanted.text),
            wanted.tag is None or (number.tag is not None and fold(wanted.tag) == tag),
            wanted.tag_contains is None or fold(wanted.tag_contains) in tag,
            not wanted.numbers or number.number in wanted.numbers,
            not wanted.series or number.series in wanted.series,
            not wanted.organizations or number.holder in holders,
            not wanted.statuses or number.status in wanted.statuses,
            wanted.tagged is None or wanted.tagged == (number.tag is not None),
            wanted.starts_with is None or digits.startswith(wanted.starts_with),
            wanted.ends_with is None or digits.endswith(wanted.ends_with),
            wanted.first is None or number.number >= wanted.first,
            wanted.last is None or number.number <= wanted.last,
        )
    )


def _says(digits: str, tag: str, text: str) -> bool:
    if fold(text) in tag:
        return True
    plain = "".join(character for character in text if character not in PUNCTUATION)
    return plain.isascii() and plain.isdigit() and plain in digits


def sort_key(inventory: Inventory, number: PhoneNumber, column: str) -> tuple[bool, str]:
    """What a column sorts by; the first part keeps blank tags last."""
    match column:
        case "SERIES":
            return False, fold(number.series)
        case "ORGANIZATION":
            return False, fold(inventory.organizations[number.holder].name)
        case "STATUS":
            return False, str(list(Status).index(number.status))
        case "RESERVED_TAG":
            return number.tag is None, fold(number.tag or "")
        case _:
            return False, number.number
