"""Mail: its kinds, where one stands on its way, who may see it, and how long a failed one waits."""

from datetime import timedelta
from enum import IntEnum

from domain.access import Permission, Role, permits


class MailKind(IntEnum):
    """What a mail is about; stored, so the values never change."""

    INVITATION = 0
    ADMINISTRATOR_INVITATION = 1
    PASSWORD_RESET = 2
    THRESHOLD_REACHED = 3
    ASSIGNMENT_ABOVE_THRESHOLD = 4
    MORE_NUMBERS_REQUEST = 5


class MailState(IntEnum):
    """Where a mail stands; stored, so the values never change."""

    WAITING = 0
    SENT = 1
    FAILED = 2


ACCESS_MAILS = frozenset({MailKind.ADMINISTRATOR_INVITATION, MailKind.PASSWORD_RESET})
"""The mails that let administrators in."""

ALERTS = frozenset({MailKind.THRESHOLD_REACHED, MailKind.ASSIGNMENT_ABOVE_THRESHOLD})
"""The mails that no caller asks for, which are not limited."""

MAX_RETRY_DELAY = timedelta(hours=1)
RETRY_FOR = timedelta(days=5)
"""How long a mail that fails for the moment is tried, as mail servers do it."""


def visible_kinds(role: Role) -> tuple[MailKind, ...]:
    """The kinds of mail that this role may see and retry: mails about access are for those who manage it."""
    manages = permits(role, Permission.MANAGE_ACCESS)
    return tuple(kind for kind in MailKind if manages or kind not in ACCESS_MAILS)


def retry_delay(waited: timedelta, *, base: timedelta, jitter: float) -> timedelta:
    """How long until the next attempt, after having waited since the first: twice as long each time, up to an hour.

    `jitter` is from 0 to 1 and makes a quarter less or more of it, so that many mails do not come back together.
    """
    return min(base + waited, max(base, MAX_RETRY_DELAY)) * (0.75 + jitter / 2)
