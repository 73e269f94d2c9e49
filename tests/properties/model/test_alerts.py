"""The model's own alerts, on the examples of the requirement (T2)."""

from copy import deepcopy
from functools import partial

import pytest

from tests.properties.model.alerts import Alert, alerts
from tests.properties.model.checks import Selection
from tests.properties.model.entities import Actor
from tests.properties.model.inventory import Inventory
from tests.properties.model.moves import move_numbers
from tests.properties.model.organizations import set_threshold
from tests.properties.model.reservations import reserve_numbers, unreserve_numbers
from tests.properties.model.vocabulary import Role, Status

NUMBERS = [f"+141855501{line:02}" for line in range(10)]
CHIEF, NORA = "chief@harbour.example", "nora@harbour.example"


@pytest.fixture
def harbour() -> Inventory:
    """Harbour with North, which holds ten numbers, seven of them reserved; one more administrator is at North."""
    inventory = Inventory()
    inventory.plant_organization("Harbour", None)
    inventory.plant_organization("North", inventory.root)
    (north,) = inventory.children(inventory.root)
    plant = partial(inventory.plant_numbers, series="+1 418", holder=north)
    plant(NUMBERS[:3])
    plant(NUMBERS[3:], status=Status.RESERVED, tag="Sales")
    inventory.plant_administrator(inventory.root, CHIEF, takes_alerts=True)
    inventory.plant_administrator(north, NORA, takes_alerts=True)
    return inventory


def north_of(inventory: Inventory) -> str:
    return next(iter(inventory.children(inventory.root)))


def told(inventory: Inventory, change: object) -> set[Alert]:
    before = deepcopy(inventory)
    change(inventory, Actor(Role.OWNER, inventory.root))  # type: ignore[operator]
    return alerts(before, inventory)


def give(inventory: Inventory, *numbers: str) -> set[Alert]:
    """Give numbers to users."""
    before = deepcopy(inventory)
    for number in numbers:
        found = inventory.numbers[number]
        found.status, found.tag = Status.ASSIGNED, None
    return alerts(before, inventory)


def test_alerts_are_sent_on_reaching_the_threshold_and_on_every_later_assignment(
    harbour: Inventory,
) -> None:
    def north(*, reached: bool, assigned: int, in_use: int) -> set[Alert]:
        return {Alert((NORA,), "North", reached, assigned, in_use, 10)}

    reserve = partial(reserve_numbers, selection=Selection(tuple(NUMBERS[:1])), tag="Soon", to=None)
    unreserve = partial(unreserve_numbers, selection=Selection(tuple(NUMBERS[:1])))
    assert told(harbour, reserve) == north(reached=True, assigned=0, in_use=8)
    assert give(harbour, NUMBERS[3]) == north(reached=False, assigned=1, in_use=8)
    assert told(harbour, unreserve) == set()
    assert give(harbour, NUMBERS[0]) == north(reached=True, assigned=1, in_use=8)
    assert give(harbour, NUMBERS[1], NUMBERS[2]) == north(reached=False, assigned=2, in_use=10)
    assert give(harbour, NUMBERS[4]) == set()


def test_ancestors_get_alerts_for_their_own_counts_and_in_place_of_missing_recipients(harbour: Inventory) -> None:
    north = north_of(harbour)
    harbour.organizations[north].alerted = ()
    take = partial(move_numbers, selection=Selection(tuple(NUMBERS[:2])), to=harbour.root)
    assert told(harbour, take) == {Alert((CHIEF,), "North", reached=True, assigned=0, in_use=7, total=8)}
    lower = partial(set_threshold, percent=80, organization=harbour.root)
    assert told(harbour, lower) == set()
    back = partial(move_numbers, selection=Selection(tuple(NUMBERS[:1])), to=north)
    assert told(harbour, back) == set()
    harbour.organizations[harbour.root].threshold = 95
    last = partial(move_numbers, selection=Selection((NUMBERS[1],)), to=north)
    assert told(harbour, last) == {Alert((CHIEF,), "Harbour", reached=True, assigned=0, in_use=10, total=10)}


def test_without_recipients_no_alert_is_sent(harbour: Inventory) -> None:
    for organization in harbour.organizations.values():
        organization.alerted = ()
    assert give(harbour, *NUMBERS[:3]) == set()
