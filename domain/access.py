"""Who may do what: roles, what each permits, and the caller himself."""

from enum import Enum
from typing import NamedTuple

from domain.errors import Forbidden
from domain.statuses import EventKind


class Role(Enum):
    """A role held at an organization; it reaches everything below."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    VIEWER = "VIEWER"
    USAGE_WRITER = "USAGE_WRITER"


class Permission(Enum):
    """What a role can permit; the value completes the sentence "Your role may not …"."""

    READ = "read the inventory"
    CHANGE_NUMBERS = "change numbers"
    CHANGE_USERS = "change users"
    CHANGE_ORGANIZATIONS = "change organizations"
    MANAGE_ACCESS = "manage administrators or keys"
    DOWNLOAD = "download reports"
    RECORD_USAGE = "record usage"


_READ = frozenset({Permission.READ, Permission.DOWNLOAD})
_CHANGE = _READ | {
    Permission.CHANGE_NUMBERS,
    Permission.CHANGE_USERS,
    Permission.CHANGE_ORGANIZATIONS,
    Permission.RECORD_USAGE,
}

PERMITTED: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: _CHANGE,
    Role.VIEWER: _READ,
    Role.USAGE_WRITER: frozenset({Permission.RECORD_USAGE}),
}


class CallerKind(Enum):
    """The kind of a caller: a person, a program, an invited user with a link, or the server itself."""

    ADMINISTRATOR = "administrator"
    API_KEY = "key"
    USER = "user"
    SERVER = "server"


class OrganizationRef(NamedTuple):
    """An organization as scope sees it: its id and its materialized path."""

    id: int
    path: str


class Actor(NamedTuple):
    """The caller: identity, role, the organization they belong to, and the one that they act from."""

    kind: CallerKind
    id: int
    name: str
    email: str | None
    role: Role
    home: OrganizationRef
    acting: OrganizationRef

    @property
    def key(self) -> str:
        """A stable text that tells this caller from every other, such as `administrator:7`."""
        return f"{self.kind.value}:{self.id}"


ACCESS_EVENTS = frozenset(
    {
        EventKind.ADMINISTRATOR_INVITED,
        EventKind.ADMINISTRATOR_UPDATED,
        EventKind.ADMINISTRATOR_DELETED,
        EventKind.API_KEY_CREATED,
        EventKind.API_KEY_REVOKED,
    }
)
"""The events that tell of administrators and API keys."""


def hidden_events(role: Role) -> frozenset[EventKind]:
    """Return the events that history hides from the role: those of administrators and keys that it may not list."""
    return frozenset() if permits(role, Permission.MANAGE_ACCESS) else ACCESS_EVENTS


def permits(role: Role, permission: Permission) -> bool:
    """Whether the role permits it."""
    return permission in PERMITTED[role]


def require(role: Role, permission: Permission, *, path: tuple[str, ...] = ()) -> None:
    """Raise Forbidden unless the role permits it."""
    if not permits(role, permission):
        raise Forbidden(f"Your role {role.value} may not {permission.value}.", path=path)


def require_grant(role: Role, granted: Role, *, path: tuple[str, ...]) -> None:
    """Raise Forbidden unless the granting role permits everything that the granted role does."""
    if not PERMITTED[granted] <= PERMITTED[role]:
        raise Forbidden(
            f"Your role {role.value} cannot grant the role {granted.value}: you cannot grant a role above your own.",
            path=path,
        )
