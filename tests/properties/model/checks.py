"""The checks of every action, in this order: permission, existence, input, state."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tests.properties.model.entities import Actor, PhoneNumber
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Refusal
from tests.properties.model.search import NumberFilter, select
from tests.properties.model.vocabulary import CHANGERS, Code, Status

LONGEST_TAG = 64
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@dataclass(frozen=True)
class Selection:
    """The numbers that a bulk action is asked to change: named, or found by a filter."""

    numbers: tuple[str, ...] | None = None
    filter: NumberFilter | None = None
    expected: int | None = None


def may_change(actor: Actor) -> None:
    """Refuse a role that only reads, or not even that."""
    if actor.role not in CHANGERS:
        raise Refusal(Code.FORBIDDEN)


def acts_from_root(inventory: Inventory, actor: Actor) -> None:
    """Refuse what is only done from the root."""
    if actor.acting != inventory.root:
        raise Refusal(Code.FORBIDDEN)


def exist(inventory: Inventory, actor: Actor, *organizations: str) -> None:
    """Refuse organizations that don't exist for the actor."""
    if not all(inventory.in_scope(actor, organization) for organization in organizations):
        raise Refusal(Code.NOT_FOUND)


def series_exists(inventory: Inventory, actor: Actor, series: str) -> None:
    """Refuse a series that doesn't exist for the actor."""
    if series not in inventory.visible_series(actor):
        raise Refusal(Code.NOT_FOUND)


def named_numbers_exist(inventory: Inventory, actor: Actor, selection: Selection) -> None:
    """Refuse as a whole when one of the named numbers doesn't exist for the actor.

    Beside a filter nobody looks for them: a selection by both says nothing.
    """
    if selection.filter is None and not all(inventory.sees(actor, number) for number in selection.numbers or ()):
        raise Refusal(Code.NOT_FOUND)


def selected(inventory: Inventory, actor: Actor, selection: Selection) -> list[PhoneNumber]:
    """The numbers of a selection, lowest first; a selection that says nothing is refused."""
    named, found = bool(selection.numbers), selection.filter is not None
    if named == found or (selection.filter is not None and selection.filter.restricts_nothing()):
        raise Refusal(Code.INVALID_INPUT)
    wanted = selection.filter
    keys = set(selection.numbers or ()) if wanted is None else select(inventory, actor, wanted)
    return [inventory.numbers[key] for key in sorted(keys)]


def as_expected(selection: Selection, numbers: Collection[PhoneNumber]) -> None:
    """Refuse when the caller expected another count than there is."""
    if selection.expected is not None and selection.expected != len(numbers):
        raise Refusal(Code.CONFLICT)


def have_status(numbers: Iterable[PhoneNumber], *allowed: Status) -> None:
    """Refuse, naming every number whose status does not allow the action."""
    offending = frozenset(number.number for number in numbers if number.status not in allowed)
    if offending:
        raise Refusal(Code.INVALID_TRANSITION, offending)


def clean_tag(tag: str) -> str:
    """A tag as it is kept: trimmed, normalised, never blank, never long, no control characters."""
    clean = clean_name(tag)
    if len(clean) > LONGEST_TAG:
        raise Refusal(Code.INVALID_INPUT)
    return clean


def clean_name(name: str) -> str:
    """A name as it is kept: trimmed and normalised, never blank, no control characters."""
    clean = unicodedata.normalize("NFC", name).strip().strip("\u200b")
    unshowable = any(
        unicodedata.category(character) == "Cc" or unicodedata.bidirectional(character) in DIRECTIONS
        for character in clean
    )
    if not any(unicodedata.category(character)[0] in "LNPS" for character in clean) or unshowable:
        raise Refusal(Code.INVALID_INPUT)
    return clean


def positive(quantity: int) -> None:
    """Refuse a quantity below one."""
    if quantity < 1:
        raise Refusal(Code.INVALID_INPUT)


def touched(inventory: Inventory, actor: Actor, holders: Iterable[str]) -> frozenset[str]:
    """Holders and everything above them, as far as the actor sees."""
    return frozenset(
        above for holder in holders for above in inventory.chain(holder) if inventory.in_scope(actor, above)
    )
