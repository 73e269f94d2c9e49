"""What a caller reads: figures, allowed actions, histories."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from tests.properties.model.entities import Actor, Event, PhoneNumber
from tests.properties.model.inventory import Inventory
from tests.properties.model.organizations import has_people
from tests.properties.model.vocabulary import CHANGERS, READERS, Role, Standing, Status

BY_STATUS = {
    Status.AVAILABLE: {"MOVE", "RESERVE", "INVITE", "RETIRE"},
    Status.RESERVED: {"MOVE", "EDIT_TAG", "UNRESERVE", "INVITE"},
    Status.ASSIGNED: {"CANCEL_INVITATION", "RESEND_INVITATION", "DELETE_USER"},
    Status.IN_USE: {"MOVE", "DELETE_USER"},
}


@dataclass(frozen=True)
class Figures:
    """The counts of an organization, over all series or one (U1, U2, U6)."""

    total: int
    inUse: int  # noqa: N815 - the names are those of the API, so that answers compare as they are
    available: int
    reserved: int
    assigned: int
    registered: int
    allocatedToSubOrganizations: int  # noqa: N815

    def named(self) -> dict[str, int]:
        """The counts by their names."""
        return asdict(self)


def figures(inventory: Inventory, organization: str, series: str | None = None) -> Figures:
    """Count what an organization holds, and what those below it hold."""

    def of_series(numbers: Iterable[PhoneNumber]) -> list[PhoneNumber]:
        return [number for number in numbers if series in {None, number.series}]

    own = Counter(number.status for number in of_series(inventory.held(organization)))
    allocated = len(of_series(inventory.held(*inventory.below(organization))))
    in_use = own.total() - own[Status.AVAILABLE] + allocated
    return Figures(
        total=own[Status.AVAILABLE] + in_use,
        inUse=in_use,
        available=own[Status.AVAILABLE],
        reserved=own[Status.RESERVED],
        assigned=own[Status.ASSIGNED],
        registered=own[Status.IN_USE],
        allocatedToSubOrganizations=allocated,
    )


def threshold_reached(inventory: Inventory, organization: str) -> bool:
    """Whether the use of an organization is at its threshold; that of an empty one never is."""
    counts = figures(inventory, organization)
    threshold = inventory.organizations[organization].threshold
    return counts.total > 0 and counts.inUse * 100 >= threshold * counts.total


def number_actions(inventory: Inventory, actor: Actor, number: str) -> set[str]:
    """What an actor may do with a number (N6)."""
    found = inventory.numbers[number]
    if found.retired or actor.role not in CHANGERS:
        return set()
    only_root = set() if actor.acting == inventory.root else {"RETIRE"}
    forwarded = set() if found.forwarding is None else {"UPDATE_FORWARDING", "REMOVE_FORWARDING"}
    return BY_STATUS[found.status] - only_root | forwarded


def user_actions(inventory: Inventory, actor: Actor, user: str) -> set[str]:
    """What an actor may do with a user."""
    if actor.role not in CHANGERS:
        return set()
    match inventory.users[user].standing:
        case Standing.NOT_INVITED:
            holds = {"CANCEL_INVITATION"} if inventory.number_of(user) else set()
            return {"UPDATE", "SEND_INVITATION", "DELETE"} | holds
        case Standing.INVITED:
            return {"UPDATE", "RESEND_INVITATION", "CANCEL_INVITATION", "DELETE"}
        case _:
            return {"UPDATE", "DELETE"}


def demand(inventory: Inventory, organization: str) -> dict[str, int]:
    """The pending users of an organization, those of them without a number, and how many numbers they lack (U5)."""
    pending = [user for user in inventory.users_of(organization) if user.standing is Standing.INVITED]
    waiting = [user for user in pending if inventory.number_of(user.key) is None]
    available = figures(inventory, organization).available
    return {
        "pendingInvitations": len(pending),
        "pendingWithoutNumber": len(waiting),
        "shortfall": max(0, len(waiting) - available),
    }


def organization_actions(inventory: Inventory, actor: Actor, organization: str) -> set[str]:
    """What an actor may do with an organization (N6)."""
    actions = {"DOWNLOAD_REPORTS"} if actor.role in READERS else set()
    if actor.role is Role.OWNER:
        actions |= {"MANAGE_ADMINISTRATORS", "MANAGE_API_KEYS"}
    if actor.role not in CHANGERS:
        return actions
    actions |= {"CREATE_CHILD", "UPDATE", "SET_THRESHOLD", "INVITE_USER", "REQUEST_MORE_NUMBERS"}
    available = figures(inventory, organization).available > 0
    if available and inventory.children(organization):
        actions.add("ALLOCATE")
    if organization != actor.acting:
        actions.add("MOVE")
        if available:
            actions.add("WITHDRAW")
        if not has_people(inventory, organization):
            actions.add("DELETE")
    if actor.acting == inventory.root:
        actions.add("ADD_NUMBERS")
        if organization == inventory.root:
            actions.add("MANAGE_SERIES")
    return actions


def visible_history(inventory: Inventory, actor: Actor, number: str) -> list[Event]:
    """The events of a number that happened inside the actor's scope, oldest first (A9)."""

    def inside(event: Event) -> bool:
        snapshots = (event.before, event.after)
        return any(snapshot is not None and inventory.covers(actor.acting, snapshot.holder) for snapshot in snapshots)

    return [event for event in inventory.numbers[number].history if inside(event)]
