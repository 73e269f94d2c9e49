"""The utilization alerts of a change (T2), derived from the states before and after it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.properties.model.inventory import Inventory
from tests.properties.model.queries import figures
from tests.properties.model.vocabulary import Status

FREE = {Status.AVAILABLE, Status.RESERVED}


@dataclass(frozen=True)
class Alert:
    """One mail: to whom, about which organization, with its use; `reached` the first time, else for an assignment."""

    to: tuple[str, ...]
    organization: str
    reached: bool
    assigned: int
    in_use: int
    total: int


def alerts(before: Inventory, after: Inventory) -> set[Alert]:
    """The mails that a change causes: one for each organization at most."""
    return {alert for key in after.organizations if (alert := _alert(before, after, key)) is not None}


def _alert(before: Inventory, after: Inventory, key: str) -> Alert | None:
    if not after.exists(key) or not before.exists(key):
        # What is gone tells nobody; what is new has no numbers yet.
        return None
    now = figures(after, key)
    assigned = _assigned(before, after, key)
    reached = not _is_high(before, key)
    if not _is_high(after, key) or not (reached or (assigned and figures(before, key).available)):
        return None
    to = next((taking for taking in _taking_alerts(after, key) if taking), ())
    name = after.organizations[key].name
    return Alert(tuple(sorted(to)), name, reached, assigned, now.inUse, now.total) if to else None


def _is_high(inventory: Inventory, key: str) -> bool:
    counts = figures(inventory, key)
    return counts.total > 0 and 100 * counts.inUse >= inventory.organizations[key].threshold * counts.total


def _assigned(before: Inventory, after: Inventory, key: str) -> int:
    """How many of an organization's numbers were given to users."""
    return sum(
        number.holder == key
        and number.status not in FREE
        and (found := before.numbers.get(number.number)) is not None
        and found.status in FREE
        for number in after.live()
    )


def _taking_alerts(inventory: Inventory, key: str) -> Iterator[tuple[str, ...]]:
    """Those who take alerts at an organization, then at each one above it."""
    return (inventory.organizations[above].alerted for above in inventory.chain(key))
