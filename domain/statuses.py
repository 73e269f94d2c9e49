"""The words of a number's life: its statuses, what can be done with it, and what can happen to it."""

from enum import Enum, IntEnum


class NumberStatus(IntEnum):
    """The stored status of a number; the values sort in lifecycle order."""

    AVAILABLE = 0
    RESERVED = 1
    ASSIGNED = 2
    IN_USE = 3


class NumberAction(Enum):
    """What an administrator can do with one number, in the order a menu shows it."""

    MOVE = "MOVE"
    RESERVE = "RESERVE"
    EDIT_TAG = "EDIT_TAG"
    UNRESERVE = "UNRESERVE"
    UPDATE_FORWARDING = "UPDATE_FORWARDING"
    REMOVE_FORWARDING = "REMOVE_FORWARDING"
    INVITE = "INVITE"
    CANCEL_INVITATION = "CANCEL_INVITATION"
    RESEND_INVITATION = "RESEND_INVITATION"
    DELETE_USER = "DELETE_USER"
    RETIRE = "RETIRE"


class EventKind(IntEnum):
    """What happened to a number or an organization, as its history tells it; stored, so values never change."""

    ADDED = 0
    IMPORTED = 1
    MOVED = 2
    ALLOCATED = 3
    WITHDRAWN = 4
    RESERVED = 5
    TAG_EDITED = 6
    UNRESERVED = 7
    FORWARDING_UPDATED = 8
    FORWARDING_REMOVED = 9
    ASSIGNED = 10
    ACTIVATED = 11
    INVITATION_CANCELLED = 12
    INVITATION_EXPIRED = 13
    USER_DELETED = 14
    ORGANIZATION_DELETED = 15
    ORGANIZATION_MOVED = 16
    RETIRED = 17
    ORGANIZATION_CREATED = 18
    ORGANIZATION_UPDATED = 19
    THRESHOLD_SET = 20
    SERIES_CREATED = 21
    SERIES_UPDATED = 22
    USER_ADDED = 23
    USER_UPDATED = 24
    INVITATION_SENT = 25
    ADMINISTRATOR_INVITED = 26
    ADMINISTRATOR_UPDATED = 27
    ADMINISTRATOR_DELETED = 28
    API_KEY_CREATED = 29
    API_KEY_REVOKED = 30
    NUMBERS_REQUESTED = 31
    MAIL_RETRIED = 32
    REPORT_DOWNLOADED = 33
