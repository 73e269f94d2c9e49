"""The examples of the requirements, checked against the model."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from tests.properties.model.checks import Selection
from tests.properties.model.entities import Actor
from tests.properties.model.inventory import Inventory
from tests.properties.model.moves import allocate_numbers, move_numbers, withdraw_numbers
from tests.properties.model.number_supply import add_numbers, create_series, retire_numbers
from tests.properties.model.organizations import (
    create_organization,
    delete_organization,
    move_organization,
    set_threshold,
    update_organization,
)
from tests.properties.model.outcomes import Change, Refusal, attempt
from tests.properties.model.queries import (
    figures,
    number_actions,
    organization_actions,
    threshold_reached,
    visible_history,
)
from tests.properties.model.reservations import edit_reserved_tag, reserve_numbers, unreserve_numbers
from tests.properties.model.search import NumberFilter, select
from tests.properties.model.vocabulary import Code, Kind, Role, Status, Strategy

QUEBEC = "+1 418"
NUMBERS = [f"+1418555{line}" for line in ("0101", "0102", "0103", "0105", "0106", "0107")]
OF_STATUS = {
    Status.AVAILABLE: NUMBERS[0],
    Status.RESERVED: "+14185550201",
    Status.ASSIGNED: "+14185550301",
    Status.IN_USE: "+14185550401",
}


@dataclass
class Scenario:
    """An inventory of a root, a child, a grandchild and a second child; the root holds numbers."""

    inventory: Inventory
    root: str
    child: str
    grandchild: str
    other: str

    def at(self, organization: str, role: Role = Role.OWNER) -> Actor:
        return Actor(role, organization)

    def does(self, action: Callable[[Inventory], Change]) -> Change | Refusal:
        self.inventory.now += 1
        self.inventory, outcome = attempt(self.inventory, action)
        return outcome

    def is_refused(self, action: Callable[[Inventory], Change]) -> Code:
        before = self.inventory
        outcome = self.does(action)
        assert isinstance(outcome, Refusal)
        assert self.inventory is before
        return outcome.code


@pytest.fixture
def scenario() -> Scenario:
    inventory = Inventory()
    root = inventory.plant_organization("Harbour", None)
    child = inventory.plant_organization("North", root)
    grandchild = inventory.plant_organization("Lab", child)
    other = inventory.plant_organization("South", root)
    plant = partial(inventory.plant_numbers, series=QUEBEC, holder=root)
    plant(NUMBERS)
    plant([OF_STATUS[Status.RESERVED]], status=Status.RESERVED, tag="Sales")
    plant([OF_STATUS[Status.ASSIGNED]], status=Status.ASSIGNED, mail="ann@harbour.example")
    plant([OF_STATUS[Status.IN_USE]], status=Status.IN_USE, mail="bob@harbour.example")
    return Scenario(inventory, root, child, grandchild, other)


def moved(inventory: Inventory, actor: Actor, number: str) -> Change:
    return move_numbers(inventory, actor, Selection((number,)), "organization-2")


def reserved(inventory: Inventory, actor: Actor, number: str) -> Change:
    return reserve_numbers(inventory, actor, Selection((number,)), tag="Spare")


def tag_edited(inventory: Inventory, actor: Actor, number: str) -> Change:
    return edit_reserved_tag(inventory, actor, number, "Spare")


def unreserved(inventory: Inventory, actor: Actor, number: str) -> Change:
    return unreserve_numbers(inventory, actor, Selection((number,)))


def retired(inventory: Inventory, actor: Actor, number: str) -> Change:
    return retire_numbers(inventory, actor, Selection((number,)))


Verb = Callable[[Inventory, Actor, str], Change]

# What may be done in which status, and the status afterwards where it is another one.
LIFECYCLE: dict[Verb, tuple[set[Status], Status | None]] = {
    moved: ({Status.AVAILABLE, Status.RESERVED, Status.IN_USE}, None),
    reserved: ({Status.AVAILABLE}, Status.RESERVED),
    tag_edited: ({Status.RESERVED}, None),
    unreserved: ({Status.RESERVED}, Status.AVAILABLE),
    retired: ({Status.AVAILABLE}, None),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", LIFECYCLE)
def test_exactly_the_transitions_of_the_table_are_allowed(scenario: Scenario, verb: Verb, status: Status) -> None:
    allowed, then = LIFECYCLE[verb]
    number = OF_STATUS[status]
    outcome = scenario.does(lambda now: verb(now, scenario.at(scenario.root), number))
    if status in allowed:
        assert isinstance(outcome, Change)
        assert outcome.numbers == {number}
        assert scenario.inventory.numbers[number].status is (then or status)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code is Code.INVALID_TRANSITION
        assert outcome.numbers == {number}
        assert scenario.inventory.numbers[number].status is status


def test_a_total_is_available_plus_in_use(scenario: Scenario) -> None:
    allocate = partial(
        allocate_numbers, actor=scenario.at(scenario.root), series=QUEBEC, quantity=2, to=scenario.grandchild
    )
    scenario.does(allocate)
    assert figures(scenario.inventory, scenario.root).named() == {
        "total": 9,
        "inUse": 5,
        "available": 4,
        "reserved": 1,
        "assigned": 1,
        "registered": 1,
        "allocatedToSubOrganizations": 2,
    }
    assert figures(scenario.inventory, scenario.child).named() == {
        "total": 2,
        "inUse": 2,
        "available": 0,
        "reserved": 0,
        "assigned": 0,
        "registered": 0,
        "allocatedToSubOrganizations": 2,
    }
    assert figures(scenario.inventory, scenario.grandchild).available == 2
    assert figures(scenario.inventory, scenario.other).total == 0


def test_a_threshold_is_reached_at_its_percentage_and_never_without_numbers(scenario: Scenario) -> None:
    # 3 of 9 are in use: a third, which no rounded percent says exactly.
    at_root = scenario.at(scenario.root)
    for percent, reached in ((33, True), (34, False)):
        scenario.does(partial(set_threshold, actor=at_root, percent=percent))
        assert threshold_reached(scenario.inventory, scenario.root) is reached
    scenario.does(partial(set_threshold, actor=at_root, percent=1, organization=scenario.other))
    assert not threshold_reached(scenario.inventory, scenario.other)
    for percent in (0, 101):
        refused = scenario.is_refused(partial(set_threshold, actor=at_root, percent=percent))
        assert refused is Code.INVALID_INPUT


@pytest.mark.parametrize(
    ("strategy", "quantity", "taken"),
    [
        (Strategy.LOWEST, 4, [1, 2, 3, 4]),
        (Strategy.LONGEST_UNUSED, 4, [0, 2, 3, 4]),
        (Strategy.CONTIGUOUS, 3, [0, 1, 2]),
    ],
)
def test_each_strategy_takes_the_expected_numbers(
    scenario: Scenario, strategy: Strategy, quantity: int, taken: list[int]
) -> None:
    scenario.does(
        partial(reserve_numbers, actor=scenario.at(scenario.root), selection=Selection((NUMBERS[1],)), tag="x")
    )
    if strategy is Strategy.LOWEST:
        scenario.does(
            partial(
                move_numbers,
                actor=scenario.at(scenario.root),
                selection=Selection((NUMBERS[0],)),
                to=scenario.child,
            )
        )
    scenario.does(partial(unreserve_numbers, actor=scenario.at(scenario.root), selection=Selection((NUMBERS[1],))))
    outcome = scenario.does(
        partial(
            allocate_numbers,
            actor=scenario.at(scenario.root),
            series=QUEBEC,
            quantity=quantity,
            to=scenario.other,
            strategy=strategy,
        )
    )
    assert isinstance(outcome, Change)
    assert outcome.numbers == {NUMBERS[index] for index in taken}


def test_quantities_are_all_or_nothing(scenario: Scenario) -> None:
    allocate = partial(allocate_numbers, actor=scenario.at(scenario.root), series=QUEBEC, to=scenario.child)
    assert scenario.is_refused(partial(allocate, quantity=7)) is Code.INSUFFICIENT_NUMBERS
    assert scenario.is_refused(partial(allocate, quantity=0)) is Code.INVALID_INPUT
    block = partial(allocate, quantity=4, strategy=Strategy.CONTIGUOUS)
    assert scenario.is_refused(block) is Code.INSUFFICIENT_NUMBERS
    upwards = partial(allocate, quantity=1, source=scenario.child, to=scenario.root)
    assert scenario.is_refused(upwards) is Code.INVALID_INPUT


def test_withdrawn_numbers_go_to_the_immediate_parent(scenario: Scenario) -> None:
    at_root = scenario.at(scenario.root)
    scenario.does(partial(allocate_numbers, actor=at_root, series=QUEBEC, quantity=2, to=scenario.grandchild))
    withdraw = partial(withdraw_numbers, series=QUEBEC, organization=scenario.grandchild)
    outcome = scenario.does(partial(withdraw, actor=at_root, quantity=1))
    assert isinstance(outcome, Change)
    assert outcome.numbers == {NUMBERS[0]}
    assert outcome.organizations == {scenario.root, scenario.child, scenario.grandchild}
    assert scenario.inventory.numbers[NUMBERS[0]].holder == scenario.child
    too_many = partial(withdraw, actor=at_root, quantity=2)
    assert scenario.is_refused(too_many) is Code.INSUFFICIENT_NUMBERS
    own = partial(withdraw, actor=scenario.at(scenario.grandchild), quantity=1)
    assert scenario.is_refused(own) is Code.FORBIDDEN


def test_objects_outside_the_scope_are_not_found(scenario: Scenario) -> None:
    here = scenario.at(scenario.child)
    selection = Selection((NUMBERS[0],))
    up = partial(move_numbers, actor=here, selection=selection, to=scenario.grandchild)
    assert scenario.is_refused(up) is Code.NOT_FOUND
    move = partial(move_numbers, selection=selection)
    scenario.does(partial(move, actor=scenario.at(scenario.root), to=scenario.grandchild))
    assert scenario.is_refused(partial(move, actor=here, to=scenario.root)) is Code.NOT_FOUND
    assert scenario.is_refused(partial(move, actor=here, to="nobody")) is Code.NOT_FOUND
    reader = scenario.at(scenario.child, Role.VIEWER)
    assert scenario.is_refused(partial(move, actor=reader, to=scenario.root)) is Code.FORBIDDEN
    # What happened before the number came is nobody's business here; that it came is.
    kinds = [event.kind for event in visible_history(scenario.inventory, here, NUMBERS[0])]
    assert kinds == [Kind.MOVED]


def test_moving_to_the_current_holder_changes_nothing(scenario: Scenario) -> None:
    move = partial(move_numbers, actor=scenario.at(scenario.root), to=scenario.root)
    assert scenario.does(partial(move, selection=Selection(tuple(NUMBERS)))) == Change()
    assert len(scenario.inventory.numbers[NUMBERS[0]].history) == 1


def test_a_user_moves_with_the_number_unless_the_email_is_taken(scenario: Scenario) -> None:
    scenario.inventory.plant_numbers(
        ["+14185550402"],
        series=QUEBEC,
        holder=scenario.child,
        status=Status.IN_USE,
        mail="bob@harbour.example",
    )
    move = partial(move_numbers, actor=scenario.at(scenario.root), selection=Selection((OF_STATUS[Status.IN_USE],)))
    assert scenario.is_refused(partial(move, to=scenario.child)) is Code.CONFLICT
    assert isinstance(scenario.does(partial(move, to=scenario.other)), Change)


@pytest.mark.parametrize("tag", ["", "  ", "\t\u3000", "a\nb", "x" * 65])
def test_blank_overlong_and_unprintable_tags_are_refused(scenario: Scenario, tag: str) -> None:
    reserve = partial(reserve_numbers, actor=scenario.at(scenario.root), selection=Selection((NUMBERS[0],)), tag=tag)
    assert scenario.is_refused(reserve) is Code.INVALID_INPUT


def test_reserving_for_an_organization_moves_the_number_there(scenario: Scenario) -> None:
    reserve = partial(reserve_numbers, selection=Selection((NUMBERS[0],)), tag=" Cafe\u0301 ", to=scenario.child)
    scenario.does(partial(reserve, actor=scenario.at(scenario.root)))
    number = scenario.inventory.numbers[NUMBERS[0]]
    assert (number.status, number.holder) == (Status.RESERVED, scenario.child)
    assert number.tag == "Caf\u00e9"


def test_adding_a_retired_number_continues_its_history(scenario: Scenario) -> None:
    at_root = scenario.at(scenario.root)
    scenario.does(partial(retire_numbers, actor=at_root, selection=Selection((NUMBERS[0],))))
    scenario.does(partial(add_numbers, actor=at_root, series=QUEBEC, numbers=NUMBERS[:1]))
    kinds = [event.kind for event in visible_history(scenario.inventory, at_root, NUMBERS[0])]
    assert kinds == [Kind.IMPORTED, Kind.RETIRED, Kind.ADDED]
    again = partial(add_numbers, actor=at_root, series=QUEBEC, numbers=NUMBERS[:1])
    assert scenario.is_refused(again) is Code.ALREADY_EXISTS


def test_only_the_root_manages_series_and_numbers(scenario: Scenario) -> None:
    below = scenario.at(scenario.child)
    assert scenario.is_refused(partial(create_series, actor=below, name="+49")) is Code.FORBIDDEN
    scenario.does(partial(create_series, actor=scenario.at(scenario.root), name="+49"))
    again = partial(create_series, actor=scenario.at(scenario.root), name="+49 ")
    assert scenario.is_refused(again) is Code.ALREADY_EXISTS


def test_the_tree_has_no_cycles_and_no_duplicate_siblings(scenario: Scenario) -> None:
    at_root = scenario.at(scenario.root)
    under = partial(move_organization, actor=at_root, organization=scenario.child)
    assert scenario.is_refused(partial(under, parent=scenario.grandchild)) is Code.INVALID_INPUT
    own = partial(
        move_organization,
        actor=scenario.at(scenario.child),
        organization=scenario.child,
        parent=scenario.grandchild,
    )
    assert scenario.is_refused(own) is Code.FORBIDDEN
    create = partial(create_organization, actor=at_root, name="Lab")
    assert scenario.is_refused(partial(create, parent=scenario.child)) is Code.ALREADY_EXISTS
    assert isinstance(scenario.does(partial(create, parent=scenario.other)), Change)
    rename = partial(update_organization, actor=at_root, organization=scenario.other, name="North")
    assert scenario.is_refused(rename) is Code.ALREADY_EXISTS


def test_deleting_moves_numbers_to_the_parent_and_is_refused_with_administrators(scenario: Scenario) -> None:
    at_root = scenario.at(scenario.root)
    numbers = (NUMBERS[0], OF_STATUS[Status.RESERVED])
    move = partial(move_numbers, actor=at_root, to=scenario.grandchild)
    scenario.does(partial(move, selection=Selection(numbers)))
    delete = partial(delete_organization, actor=at_root, organization=scenario.child)
    scenario.inventory.organizations[scenario.grandchild].administrators = 1
    assert scenario.is_refused(delete) is Code.NOT_EMPTY
    scenario.inventory.organizations[scenario.grandchild].administrators = 0
    outcome = scenario.does(delete)
    assert isinstance(outcome, Change)
    assert outcome.deleted == {scenario.child, scenario.grandchild}
    assert outcome.numbers == set(numbers)
    assert {scenario.inventory.numbers[number].holder for number in numbers} == {scenario.root}
    assert scenario.inventory.numbers[numbers[1]].tag == "Sales"


def test_available_actions_are_listed(scenario: Scenario) -> None:
    scenario.does(
        partial(
            move_numbers,
            actor=scenario.at(scenario.root),
            selection=Selection((NUMBERS[0],)),
            to=scenario.grandchild,
        )
    )
    here = scenario.at(scenario.child, Role.ADMIN)
    assert number_actions(scenario.inventory, here, NUMBERS[0]) == {"MOVE", "RESERVE", "INVITE"}
    always = {"CREATE_CHILD", "UPDATE", "SET_THRESHOLD", "INVITE_USER", "REQUEST_MORE_NUMBERS"}
    always.add("DOWNLOAD_REPORTS")
    assert organization_actions(scenario.inventory, here, scenario.child) == always
    below = organization_actions(scenario.inventory, here, scenario.grandchild)
    assert below == always | {"WITHDRAW", "DELETE", "MOVE"}
    reader = scenario.at(scenario.root, Role.VIEWER)
    assert number_actions(scenario.inventory, reader, NUMBERS[0]) == set()
    assert organization_actions(scenario.inventory, reader, scenario.root) == {"DOWNLOAD_REPORTS"}
    at_root = organization_actions(scenario.inventory, scenario.at(scenario.root), scenario.root)
    assert {"ALLOCATE", "ADD_NUMBERS", "MANAGE_SERIES", "MANAGE_API_KEYS"} <= at_root
    assert not {"WITHDRAW", "DELETE", "MOVE"} & at_root


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(418) 555-04", {"+14185550401"}),
        ("sALES", {"+14185550201"}),
        ("%", set()),
        ("5550201", {"+14185550201"}),
    ],
)
def test_a_text_finds_the_expected_numbers(scenario: Scenario, text: str, found: set[str]) -> None:
    assert select(scenario.inventory, scenario.at(scenario.root), NumberFilter(text=text)) == found


def test_filtering_by_an_organization_above_the_scope_finds_nothing(scenario: Scenario) -> None:
    move = partial(
        move_numbers, actor=scenario.at(scenario.root), selection=Selection((NUMBERS[0],)), to=scenario.grandchild
    )
    scenario.does(move)
    wanted = NumberFilter(organizations=(scenario.root,), include_descendants=True)
    assert select(scenario.inventory, scenario.at(scenario.child), wanted) == set()
    wanted = NumberFilter(organizations=(scenario.child,), include_descendants=True)
    assert select(scenario.inventory, scenario.at(scenario.child), wanted) == {NUMBERS[0]}
