"""The enumerations of the requirements."""

from enum import StrEnum


class Status(StrEnum):
    """What a number is doing, in lifecycle order."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    ASSIGNED = "ASSIGNED"
    IN_USE = "IN_USE"


class Standing(StrEnum):
    """Where a user stands."""

    NOT_INVITED = "NOT_INVITED"
    INVITED = "INVITED"
    ACTIVATED = "ACTIVATED"


class Role(StrEnum):
    """What a caller may do."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    VIEWER = "VIEWER"
    USAGE_WRITER = "USAGE_WRITER"


class Strategy(StrEnum):
    """Which numbers an allocation takes."""

    LOWEST = "LOWEST"
    LONGEST_UNUSED = "LONGEST_UNUSED"
    CONTIGUOUS = "CONTIGUOUS"


class Code(StrEnum):
    """Why an action is refused: the codes that the actions of this release can give."""

    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    INVALID_INPUT = "INVALID_INPUT"
    INVALID_TRANSITION = "INVALID_TRANSITION"
    INSUFFICIENT_NUMBERS = "INSUFFICIENT_NUMBERS"
    CONFLICT = "CONFLICT"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    NOT_EMPTY = "NOT_EMPTY"
    EXPIRED = "EXPIRED"


class Kind(StrEnum):
    """What an event of a number's history says."""

    ADDED = "ADDED"
    IMPORTED = "IMPORTED"
    MOVED = "MOVED"
    ALLOCATED = "ALLOCATED"
    WITHDRAWN = "WITHDRAWN"
    RESERVED = "RESERVED"
    TAG_EDITED = "TAG_EDITED"
    UNRESERVED = "UNRESERVED"
    FORWARDING_UPDATED = "FORWARDING_UPDATED"
    FORWARDING_REMOVED = "FORWARDING_REMOVED"
    ASSIGNED = "ASSIGNED"
    ACTIVATED = "ACTIVATED"
    INVITATION_CANCELLED = "INVITATION_CANCELLED"
    INVITATION_EXPIRED = "INVITATION_EXPIRED"
    USER_DELETED = "USER_DELETED"
    ORGANIZATION_DELETED = "ORGANIZATION_DELETED"
    RETIRED = "RETIRED"


READERS = frozenset({Role.OWNER, Role.ADMIN, Role.VIEWER})
CHANGERS = frozenset({Role.OWNER, Role.ADMIN})
