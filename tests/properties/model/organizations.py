"""Changes of the tree: create, update, move and delete organizations (A10)."""

from zoneinfo import available_timezones

from tests.properties.model.checks import clean_name, exist, may_change, touched
from tests.properties.model.entities import Actor
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Change, Refusal
from tests.properties.model.search import fold
from tests.properties.model.vocabulary import Code, Kind

PERCENTS = range(1, 101)


def create_organization(
    inventory: Inventory,
    actor: Actor,
    *,
    name: str,
    parent: str | None = None,
    time_zone: str | None = None,
    threshold: int | None = None,
) -> Change:
    """Create an organization below one in scope."""
    may_change(actor)
    parent = actor.acting if parent is None else parent
    exist(inventory, actor, parent)
    name = clean_name(name)
    _zone_exists(time_zone)
    _is_percent(threshold)
    _name_is_free(inventory, name, parent)
    key = inventory.plant_organization(
        name,
        parent,
        time_zone="UTC" if time_zone is None else time_zone,
        threshold=80 if threshold is None else threshold,
    )
    return Change(organization=key)


def update_organization(
    inventory: Inventory,
    actor: Actor,
    organization: str,
    *,
    name: str | None = None,
    time_zone: str | None = None,
) -> Change:
    """Rename an organization, or change its time zone."""
    may_change(actor)
    exist(inventory, actor, organization)
    found = inventory.organizations[organization]
    name = found.name if name is None else clean_name(name)
    _zone_exists(time_zone)
    if found.parent is not None:
        _name_is_free(inventory, name, found.parent, but=organization)
    found.name = name
    found.time_zone = found.time_zone if time_zone is None else time_zone
    return Change(organization=organization)


def set_threshold(inventory: Inventory, actor: Actor, percent: int, organization: str | None = None) -> Change:
    """Set the percent of use from which an organization's administrators are told (T1)."""
    may_change(actor)
    organization = actor.acting if organization is None else organization
    exist(inventory, actor, organization)
    _is_percent(percent)
    inventory.organizations[organization].threshold = percent
    return Change(organization=organization)


def move_organization(inventory: Inventory, actor: Actor, organization: str, parent: str) -> Change:
    """Move an organization and its descendants under another parent."""
    may_change(actor)
    exist(inventory, actor, organization, parent)
    found = inventory.organizations[organization]
    previous = found.parent
    if organization == actor.acting or previous is None:
        raise Refusal(Code.FORBIDDEN)
    if inventory.covers(organization, parent):
        raise Refusal(Code.INVALID_INPUT)
    _name_is_free(inventory, found.name, parent, but=organization)
    found.parent = parent
    # Only those figures change that count the moved numbers on one side alone.
    before, after = touched(inventory, actor, {previous}), touched(inventory, actor, {parent})
    has_numbers = bool(inventory.held(*inventory.subtree(organization)))
    return Change(
        organization=organization,
        previous_parent=previous,
        organizations=before ^ after if has_numbers else frozenset(),
        besides=before | after | {organization},
    )


def delete_organization(inventory: Inventory, actor: Actor, organization: str) -> Change:
    """Delete an organization without users, and its descendants; the parent gets the numbers."""
    may_change(actor)
    exist(inventory, actor, organization)
    parent = inventory.organizations[organization].parent
    if organization == actor.acting or parent is None:
        raise Refusal(Code.FORBIDDEN)
    gone = inventory.subtree(organization)
    if has_people(inventory, organization):
        raise Refusal(Code.NOT_EMPTY)
    numbers = inventory.held(*gone)
    if numbers:
        inventory.hand_over(numbers, parent, Kind.ORGANIZATION_DELETED)
    for number in inventory.numbers.values():
        if number.holder in gone:  # A retired one: it still has to be somewhere.
            number.holder = parent
    for key in gone:
        inventory.organizations[key].deleted = True
    inventory.callers = {key: caller for key, caller in inventory.callers.items() if caller.home not in gone}
    return Change(
        numbers=frozenset(number.number for number in numbers),
        organization=parent,
        deleted=frozenset(gone),
    )


def has_people(inventory: Inventory, organization: str) -> bool:
    """Whether a user or an administrator is in an organization or below it."""
    inside = inventory.subtree(organization)
    return bool(inventory.users_of(*inside)) or any(inventory.organizations[key].administrators for key in inside)


def _name_is_free(inventory: Inventory, name: str, parent: str, *, but: str | None = None) -> None:
    siblings = inventory.children(parent) - {but}
    if fold(name) in {fold(inventory.organizations[key].name) for key in siblings}:
        raise Refusal(Code.ALREADY_EXISTS)


def _zone_exists(time_zone: str | None) -> None:
    if time_zone is not None and time_zone not in available_timezones():
        raise Refusal(Code.INVALID_INPUT)


def _is_percent(percent: int | None) -> None:
    if percent is not None and percent not in PERCENTS:
        raise Refusal(Code.INVALID_INPUT)
