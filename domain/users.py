"""Users: their status, and what each status allows."""

from enum import Enum, IntEnum

from domain.access import Permission, Role, permits
from domain.errors import InvalidInput
from domain.texts import has_control_characters, normalize

EMAIL_LENGTH = 254


class UserStatus(IntEnum):
    """Where a person stands; stored, so the values never change."""

    NOT_INVITED = 0
    INVITED = 1
    ACTIVATED = 2
    INVITATION_FAILED = 3


PENDING = (UserStatus.INVITED, UserStatus.INVITATION_FAILED)
"""Invited and not registered."""


class UserAction(Enum):
    """What an administrator can do with a user, in the order a menu shows it."""

    UPDATE = "UPDATE"
    SEND_INVITATION = "SEND_INVITATION"
    RESEND_INVITATION = "RESEND_INVITATION"
    CANCEL_INVITATION = "CANCEL_INVITATION"
    DELETE = "DELETE"


_ALLOWED: dict[UserStatus, tuple[UserAction, ...]] = {
    UserStatus.NOT_INVITED: (UserAction.UPDATE, UserAction.SEND_INVITATION, UserAction.DELETE),
    UserStatus.INVITED: (
        UserAction.UPDATE,
        UserAction.RESEND_INVITATION,
        UserAction.CANCEL_INVITATION,
        UserAction.DELETE,
    ),
    UserStatus.ACTIVATED: (UserAction.UPDATE, UserAction.DELETE),
    UserStatus.INVITATION_FAILED: (
        UserAction.UPDATE,
        UserAction.RESEND_INVITATION,
        UserAction.CANCEL_INVITATION,
        UserAction.DELETE,
    ),
}


def available_actions(status: UserStatus, role: Role) -> list[UserAction]:
    """The actions that this role may take on a user in this status, in the enum's order."""
    return list(_ALLOWED[status]) if permits(role, Permission.CHANGE_NUMBERS) else []


def clean_email(text: str, *, path: tuple[str, ...]) -> str:
    """A mail address, trimmed. Raises InvalidInput when it can't be one."""
    email = normalize(text)
    local, at, host = email.rpartition("@")
    if (
        not (local and at and host)
        or len(email) > EMAIL_LENGTH
        or any(character.isspace() or character in '<>,;:"()[]\\' for character in email)
        or "@" in local
        or has_control_characters(email)
    ):
        message = f"{text.strip()[:60]!r} is not a mail address."
        raise InvalidInput(message, path=path)
    return email
