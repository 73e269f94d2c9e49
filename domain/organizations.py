"""Organizations: their names and zones, and what each role may do with one."""

import re
import zoneinfo
from dataclasses import dataclass
from enum import Enum
from functools import cache

from domain.access import Permission, Role, permits
from domain.errors import InvalidInput
from domain.numbers import is_region
from domain.scope import depth

DEFAULT_TIME_ZONE = "UTC"

MAX_LEVELS = 100
"""How many levels a tree may have, with its root. PostgreSQL indexes texts of up to 2,704 bytes, and a path of so many
of the longest ids has 2,000. Trees that an earlier release made may have more."""


class OrganizationAction(Enum):
    """What an administrator can do with an organization, in the order a menu shows it."""

    ALLOCATE = "ALLOCATE"
    WITHDRAW = "WITHDRAW"
    CREATE_CHILD = "CREATE_CHILD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MOVE = "MOVE"
    ADD_NUMBERS = "ADD_NUMBERS"
    INVITE_USER = "INVITE_USER"
    REQUEST_MORE_NUMBERS = "REQUEST_MORE_NUMBERS"
    SET_THRESHOLD = "SET_THRESHOLD"
    MANAGE_ADMINISTRATORS = "MANAGE_ADMINISTRATORS"
    MANAGE_API_KEYS = "MANAGE_API_KEYS"
    MANAGE_SERIES = "MANAGE_SERIES"
    DOWNLOAD_REPORTS = "DOWNLOAD_REPORTS"


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """What decides an organization's actions: where it is, where the caller acts from, and what it holds."""

    path: str
    acting_path: str
    available: int
    has_children: bool
    occupied: bool
    """Users or administrators are here or below, so it can't be deleted."""


def available_actions(organization: OrganizationFacts, role: Role) -> list[OrganizationAction]:
    """The actions that this role may take on the organization, in the enum's order."""
    below = organization.path != organization.acting_path
    at_root = depth(organization.acting_path) == 0
    changes_numbers = permits(role, Permission.CHANGE_NUMBERS)
    changes_tree = permits(role, Permission.CHANGE_ORGANIZATIONS)
    manages = permits(role, Permission.MANAGE_ACCESS)
    allowed = {
        OrganizationAction.ALLOCATE: changes_numbers and organization.available > 0 and organization.has_children,
        OrganizationAction.WITHDRAW: changes_numbers and organization.available > 0 and below,
        OrganizationAction.CREATE_CHILD: changes_tree and levels(organization.path) < MAX_LEVELS,
        OrganizationAction.UPDATE: changes_tree,
        OrganizationAction.DELETE: changes_tree and below and not organization.occupied,
        OrganizationAction.MOVE: changes_tree and below,
        OrganizationAction.ADD_NUMBERS: changes_numbers and at_root,
        OrganizationAction.INVITE_USER: changes_numbers,
        OrganizationAction.REQUEST_MORE_NUMBERS: changes_numbers,
        OrganizationAction.SET_THRESHOLD: changes_tree,
        OrganizationAction.MANAGE_ADMINISTRATORS: manages,
        OrganizationAction.MANAGE_API_KEYS: manages,
        OrganizationAction.MANAGE_SERIES: changes_numbers and at_root and not below,
        OrganizationAction.DOWNLOAD_REPORTS: permits(role, Permission.DOWNLOAD),
    }
    return [action for action in OrganizationAction if allowed[action]]


def levels(path: str) -> int:
    """The number of levels from the root down to an organization."""
    return depth(path) + 1


def check_levels(count: int, *, path: tuple[str, ...]) -> None:
    """Raise InvalidInput if a tree may not have so many levels."""
    if count > MAX_LEVELS:
        raise InvalidInput(
            f"A tree of organizations has at most {MAX_LEVELS} levels; this one would have {count}.", path=path
        )


_NO_PLACES = {"localtime", "posixrules", "Factory"}
"""Names that some machines have beside the zones, and that mean something else on every one of them."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - _NO_PLACES


def check_time_zone(name: str, *, path: tuple[str, ...]) -> str:
    """An IANA time zone, such as Europe/London. Raises InvalidInput for any other name."""
    if name not in _zones():
        raise InvalidInput(f"{name[:60]!r} is not an IANA time zone, such as Europe/London.", path=path)
    return name


def check_region(code: str, *, path: tuple[str, ...]) -> str:
    """A region that national numbers can be read in, such as GB. Raises InvalidInput for any other code."""
    region = code.strip().upper()
    if not is_region(region):
        raise InvalidInput(f"{code[:60]!r} is not a region of two letters, such as GB.", path=path)
    return region


_ID = re.compile("[0-9]{1,18}")


def split_path(text: str) -> list[str]:
    r"""The names of a written path such as `Bank/Sales/Trading`.

    A slash inside a name is written `\/`, and a backslash may be written `\\`; before anything else it is itself.
    """
    names = [""]
    characters = iter(text)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            names[-1] += following if following in {"/", "\\"} else character + following
        elif character == "/":
            names.append("")
        else:
            names[-1] += character
    return names


def split_root_id(names: list[str]) -> tuple[int | None, list[str]]:
    """The id of the root and the names below it, of a path that names its root by id, such as `/7/Sales`.

    Roots may have the same name. No name is empty, so no path of names begins with a slash; such a path comes back as
    it is, without an id.
    """
    if len(names) > 1 and not names[0].strip() and _ID.fullmatch(names[1].strip()):
        return int(names[1]), names[2:]
    return None, names


def join_path(names: list[str]) -> str:
    """The written path of names, the inverse of `split_path`."""
    return "/".join(name.replace("\\", "\\\\").replace("/", "\\/") for name in names)
