"""Users: their status, what each status allows, and what they are called.

A user is saved (NOT_INVITED) or invited (INVITED) and on-boards (ACTIVATED). An invitation that is cancelled or that
expires makes the user NOT_INVITED again; a user whose mail is refused permanently is INVITATION_FAILED and still
pending.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum

from domain.access import Permission, Role, permits
from domain.emails import clean_email
from domain.errors import InvalidTransition, OffendingNumber
from domain.texts import clean_name


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


def allows(action: UserAction, status: UserStatus, *, has_number: bool) -> bool:
    """Whether a user in this status, with or without a number, takes the action."""
    match action:
        case UserAction.SEND_INVITATION:
            return status is UserStatus.NOT_INVITED
        case UserAction.RESEND_INVITATION:
            return status in PENDING
        case UserAction.CANCEL_INVITATION:
            # A user who was saved but not invited may hold a number, and can give it back.
            return status in PENDING or (status is UserStatus.NOT_INVITED and has_number)
        case _:
            return True


def available_actions(status: UserStatus, role: Role, *, has_number: bool) -> list[UserAction]:
    """The actions that this role may take on a user in this status, in the enum's order."""
    if not permits(role, Permission.CHANGE_USERS):
        return []
    return [action for action in UserAction if allows(action, status, has_number=has_number)]


def require_action(
    actions: tuple[UserAction, ...],
    status: UserStatus,
    *,
    has_number: bool,
    number: OffendingNumber | None,
    path: tuple[str, ...],
) -> None:
    """Raise InvalidTransition, naming the user's number if there is one, unless the status allows one of the actions.

    `number` is the user's number as a refusal would name it.
    """
    if any(allows(action, status, has_number=has_number) for action in actions):
        return
    allowed = ", ".join(action.value for action in UserAction if allows(action, status, has_number=has_number))
    raise InvalidTransition(
        f"The user is {status.name}, which does not allow {actions[-1].value}; it allows {allowed}.",
        path=path,
        offending_numbers=() if number is None else (number,),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A person's name and email address."""

    first_name: str
    last_name: str
    email: str

    @property
    def full_name(self) -> str:
        """First name and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def display_name(self) -> str:
        """The form that histories keep: `Ada Ling <ada@bank.example>`."""
        return f"{self.full_name} <{self.email}>"


def clean_person(first_name: str, last_name: str, email: str, *, path: tuple[str, ...]) -> Person:
    """The person that these texts name. Raises InvalidInput naming the field below `path`."""
    return Person(
        clean_name(first_name, noun="first name", path=(*path, "firstName")),
        clean_name(last_name, noun="last name", path=(*path, "lastName")),
        clean_email(email, path=(*path, "email")),
    )
