"""Changes of holder: move, allocate, withdraw."""

from collections import Counter

from tests.properties.model.checks import (
    Selection,
    as_expected,
    exist,
    have_status,
    may_change,
    named_numbers_exist,
    positive,
    selected,
    series_exists,
    touched,
)
from tests.properties.model.entities import Actor, PhoneNumber
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Change, Refusal
from tests.properties.model.vocabulary import Code, Kind, Status, Strategy


def move_numbers(inventory: Inventory, actor: Actor, selection: Selection, to: str) -> Change:
    """Move numbers to an organization; an in-use number takes its user along (A1)."""
    may_change(actor)
    named_numbers_exist(inventory, actor, selection)
    exist(inventory, actor, to)
    numbers = selected(inventory, actor, selection)
    as_expected(selection, numbers)
    # Whatever its status, a number that is there already does not have to be moved.
    movers = [number for number in numbers if number.holder != to]
    have_status(movers, Status.AVAILABLE, Status.RESERVED, Status.IN_USE)
    _mails_stay_unique(inventory, movers, to)
    return _change_holder(inventory, actor, movers, to, Kind.MOVED)


def allocate_numbers(
    inventory: Inventory,
    actor: Actor,
    *,
    series: str,
    quantity: int,
    to: str,
    source: str | None = None,
    strategy: Strategy = Strategy.LOWEST,
) -> Change:
    """Give a quantity of a series to an organization below (A4)."""
    may_change(actor)
    source = actor.acting if source is None else source
    series_exists(inventory, actor, series)
    exist(inventory, actor, source, to)
    positive(quantity)
    if to not in inventory.below(source):
        raise Refusal(Code.INVALID_INPUT)
    numbers = _pick(_available(inventory, source, series), quantity, strategy)
    return _change_holder(inventory, actor, numbers, to, Kind.ALLOCATED)


def withdraw_numbers(inventory: Inventory, actor: Actor, *, organization: str, series: str, quantity: int) -> Change:
    """Take a quantity of a series back to the immediate parent (A5)."""
    may_change(actor)
    exist(inventory, actor, organization)
    series_exists(inventory, actor, series)
    parent = inventory.organizations[organization].parent
    if organization == actor.acting or parent is None:
        raise Refusal(Code.FORBIDDEN)
    positive(quantity)
    numbers = _pick(_available(inventory, organization, series), quantity, Strategy.LOWEST)
    return _change_holder(inventory, actor, numbers, parent, Kind.WITHDRAWN)


def _change_holder(inventory: Inventory, actor: Actor, numbers: list[PhoneNumber], to: str, kind: Kind) -> Change:
    if not numbers:
        return Change()
    holders = {number.holder for number in numbers} | {to}
    inventory.hand_over(numbers, to, kind)
    return Change(
        numbers=frozenset(number.number for number in numbers),
        organizations=touched(inventory, actor, holders),
    )


def _mails_stay_unique(inventory: Inventory, movers: list[PhoneNumber], to: str) -> None:
    users = {number.number: inventory.users[number.user] for number in movers if number.user is not None}
    coming = Counter(user.mail for user in users.values())
    there = {user.mail for user in inventory.users_of(to)}
    conflicts = {mail for mail, count in coming.items() if count > 1 or mail in there}
    offending = frozenset(number for number, user in users.items() if user.mail in conflicts)
    if offending:
        raise Refusal(Code.CONFLICT, offending)


def _available(inventory: Inventory, holder: str, series: str) -> list[PhoneNumber]:
    return [
        number for number in inventory.held(holder) if number.series == series and number.status is Status.AVAILABLE
    ]


def _pick(available: list[PhoneNumber], quantity: int, strategy: Strategy) -> list[PhoneNumber]:
    if strategy is Strategy.CONTIGUOUS:
        return _lowest_block(available, quantity)
    if quantity > len(available):
        raise Refusal(Code.INSUFFICIENT_NUMBERS)
    if strategy is Strategy.LONGEST_UNUSED:
        # The sort is stable, so those that became available together stay lowest first.
        available = sorted(available, key=lambda number: number.available_since)
    return available[:quantity]


def _lowest_block(available: list[PhoneNumber], quantity: int) -> list[PhoneNumber]:
    for start in available:
        first = int(start.number)
        wanted = {f"+{value}" for value in range(first, first + quantity)}
        block = [number for number in available if number.number in wanted]
        if len(block) == quantity:
            return block
    raise Refusal(Code.INSUFFICIENT_NUMBERS)
