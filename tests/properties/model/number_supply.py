"""Actions of the root: series, and adding and retiring numbers."""

from collections.abc import Sequence

from tests.properties.model.checks import (
    Selection,
    acts_from_root,
    as_expected,
    clean_name,
    exist,
    have_status,
    may_change,
    named_numbers_exist,
    selected,
    series_exists,
    touched,
)
from tests.properties.model.entities import Actor, PhoneNumber
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Change, Refusal
from tests.properties.model.search import fold
from tests.properties.model.vocabulary import Code, Kind, Status


def create_series(inventory: Inventory, actor: Actor, name: str) -> Change:
    """Name a new series (A12)."""
    may_change(actor)
    acts_from_root(inventory, actor)
    name = clean_name(name)
    if fold(name) in map(fold, inventory.series):
        raise Refusal(Code.ALREADY_EXISTS)
    inventory.series.add(name)
    return Change(series=name)


def add_numbers(
    inventory: Inventory,
    actor: Actor,
    *,
    series: str,
    numbers: Sequence[str] | None,
    to: str | None = None,
    skip: bool = False,
) -> Change:
    """Add numbers, which `None` says cannot be read; one that was retired comes back (A12)."""
    may_change(actor)
    acts_from_root(inventory, actor)
    to = actor.acting if to is None else to
    series_exists(inventory, actor, series)
    exist(inventory, actor, to)
    if not numbers:
        raise Refusal(Code.INVALID_INPUT)
    known = {number.number for number in inventory.live()}
    duplicates = frozenset(numbers) & known
    if duplicates and not skip:
        raise Refusal(Code.ALREADY_EXISTS, duplicates)
    new = frozenset(numbers) - known
    if not new:
        return Change(skipped=duplicates)
    operation = inventory.operation()
    for number in sorted(new):
        _add(inventory, number, series, to, operation)
    return Change(numbers=new, organizations=touched(inventory, actor, {to}), skipped=duplicates)


def _add(inventory: Inventory, number: str, series: str, to: str, operation: int) -> None:
    added = PhoneNumber(number, series, to, Status.AVAILABLE, None, available_since=inventory.now)
    if number in inventory.numbers:
        added.history = inventory.numbers[number].history
    inventory.numbers[number] = added
    inventory.record(added, Kind.ADDED, None, operation)


def retire_numbers(inventory: Inventory, actor: Actor, selection: Selection) -> Change:
    """Take available numbers out of the inventory; their history stays (A12)."""
    may_change(actor)
    acts_from_root(inventory, actor)
    named_numbers_exist(inventory, actor, selection)
    numbers = selected(inventory, actor, selection)
    as_expected(selection, numbers)
    have_status(numbers, Status.AVAILABLE)
    if not numbers:
        return Change()
    operation = inventory.operation()
    for number in numbers:
        before = number.snapshot()
        number.retired = True
        inventory.record(number, Kind.RETIRED, before, operation)
    return Change(
        numbers=frozenset(number.number for number in numbers),
        organizations=touched(inventory, actor, {number.holder for number in numbers}),
    )
