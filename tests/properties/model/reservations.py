"""Reservations: reserve, edit the tag, unreserve."""

from tests.properties.model.checks import (
    Selection,
    as_expected,
    clean_tag,
    exist,
    have_status,
    may_change,
    named_numbers_exist,
    selected,
    touched,
)
from tests.properties.model.entities import Actor
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Change
from tests.properties.model.vocabulary import Kind, Status


def reserve_numbers(
    inventory: Inventory, actor: Actor, selection: Selection, *, tag: str, to: str | None = None
) -> Change:
    """Reserve available numbers, optionally for an organization (A2)."""
    may_change(actor)
    named_numbers_exist(inventory, actor, selection)
    if to is not None:
        exist(inventory, actor, to)
    tag = clean_tag(tag)
    numbers = selected(inventory, actor, selection)
    as_expected(selection, numbers)
    have_status(numbers, Status.AVAILABLE)
    if not numbers:
        return Change()
    holders = {number.holder for number in numbers} | ({to} if to is not None else set())
    operation = inventory.operation()
    for number in numbers:
        before = number.snapshot()
        number.status, number.tag = Status.RESERVED, tag
        number.holder = number.holder if to is None else to
        inventory.record(number, Kind.RESERVED, before, operation)
    return Change(
        numbers=frozenset(number.number for number in numbers),
        organizations=touched(inventory, actor, holders),
    )


def edit_reserved_tag(inventory: Inventory, actor: Actor, number: str, tag: str) -> Change:
    """Give a reserved number another tag (A2)."""
    may_change(actor)
    named_numbers_exist(inventory, actor, Selection((number,)))
    tag = clean_tag(tag)
    found = inventory.numbers[number]
    have_status([found], Status.RESERVED)
    if found.tag == tag:
        return Change()
    before = found.snapshot()
    found.tag = tag
    inventory.record(found, Kind.TAG_EDITED, before, inventory.operation())
    return Change(numbers=frozenset({number}))


def unreserve_numbers(inventory: Inventory, actor: Actor, selection: Selection) -> Change:
    """Make reserved numbers available again (A2)."""
    may_change(actor)
    named_numbers_exist(inventory, actor, selection)
    numbers = selected(inventory, actor, selection)
    as_expected(selection, numbers)
    have_status(numbers, Status.RESERVED)
    if not numbers:
        return Change()
    operation = inventory.operation()
    for number in numbers:
        before = number.snapshot()
        number.status, number.tag, number.forwarding = Status.AVAILABLE, None, None
        number.available_since = inventory.now
        inventory.record(number, Kind.UNRESERVED, before, operation)
    return Change(
        numbers=frozenset(number.number for number in numbers),
        organizations=touched(inventory, actor, {number.holder for number in numbers}),
    )
