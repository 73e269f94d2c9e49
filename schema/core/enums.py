"""The enumerations, each value described for whoever builds a front end."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

import strawberry

from domain.access import Role
from domain.allocation import AllocationStrategy
from domain.errors import UserErrorCode
from domain.mail import MailKind, MailState
from domain.organizations import OrganizationAction
from domain.search import OrderDirection, PhoneNumberOrderField
from domain.statuses import EventKind, NumberAction, NumberStatus
from domain.usage import Direction, UsageKind
from domain.user_search import UserOrderField
from domain.users import UserAction, UserStatus
from domain.utilization import UtilizationCategory

E = TypeVar("E", bound=type[Enum])


def _describe(enum: E, description: str, **values: str) -> E:
    """Make a rule's enum a GraphQL enum. Every value must be described, and nothing else."""
    strawberry.enum(enum, description=description)
    definition: Any = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values.pop(value.name)
    if values:
        message = f"{enum.__name__} has no {sorted(values)}"
        raise ValueError(message)
    return enum


STATUS_LABELS: dict[NumberStatus, tuple[str, str]] = {
    NumberStatus.AVAILABLE: ("Available", "Held by its organization and free to use."),
    NumberStatus.RESERVED: ("Reserved", "Tagged for later use."),
    NumberStatus.ASSIGNED: (
        "Assigned",
        "Assigned to a user through an invitation; the user has not on-boarded yet.",
    ),
    NumberStatus.IN_USE: ("In Use", "The user has successfully on-boarded."),
}
"""What a tooltip says; the schema's descriptions and `statusMeanings` are both read off it."""

_describe(
    NumberStatus,
    "Where a number stands in its life.",
    **{status.name: description for status, (_, description) in STATUS_LABELS.items()},
)
_describe(
    NumberAction,
    "What can be done with a number; `PhoneNumber.availableActions` lists what applies now and is permitted to you.",
    MOVE="Move it to another organization in your scope (`moveNumbers`).",
    RESERVE="Put it aside with a tag (`reserveNumbers`).",
    EDIT_TAG="Change its reserved tag (`editReservedTag`).",
    UNRESERVE="Remove its tag and make it available again (`unreserveNumbers`).",
    UPDATE_FORWARDING="Change the number that its calls are forwarded to (`updateForwardingNumber`).",
    REMOVE_FORWARDING="Stop forwarding its calls; it can't be set again (`removeForwardingNumber`).",
    INVITE="Invite a user onto it (`inviteUser`).",
    CANCEL_INVITATION="Cancel the invitation of its user; it becomes available (`cancelInvitation`).",
    RESEND_INVITATION="Send its user the invitation, the first or once more (`resendInvitation`).",
    DELETE_USER="Delete its user and release or reserve the number (`deleteUser`).",
    RETIRE="Take it out of the inventory; its history stays readable (`retireNumbers`).",
)
_describe(
    OrganizationAction,
    "What can be done with an organization; `Organization.availableActions` lists what applies now.",
    ALLOCATE="Allocate available numbers to an organization below it (`allocateNumbers`).",
    WITHDRAW="Withdraw its available numbers to its parent (`withdrawNumbers`).",
    CREATE_CHILD="Create an organization below it (`createOrganization`).",
    UPDATE="Rename it or change its settings (`updateOrganization`).",
    DELETE="Delete it and everything below it; the numbers go to its parent (`deleteOrganization`).",
    MOVE="Hang it under another parent (`moveOrganization`).",
    ADD_NUMBERS="Add numbers that it will hold (`addNumbers`).",
    INVITE_USER="Invite a user into it (`inviteUser`, `inviteUsers`).",
    REQUEST_MORE_NUMBERS="Ask the supplier for more numbers (`requestMoreNumbers`).",
    SET_THRESHOLD="Set the percent at which administrators are warned (`setUtilizationThreshold`).",
    MANAGE_ADMINISTRATORS="Invite, change and delete its administrators (`inviteAdministrator` and the like).",
    MANAGE_API_KEYS="Create and revoke its API keys (`createApiKey`, `revokeApiKey`).",
    MANAGE_SERIES="Create and change series (`createSeries`, `updateSeries`).",
    DOWNLOAD_REPORTS="Download its reports.",
)
_describe(
    Role,
    "A role, held at an organization; it reaches everything below.",
    OWNER="May do everything.",
    ADMIN="May do everything but manage administrators and keys.",
    VIEWER="May read and download.",
    USAGE_WRITER="May record usage and read `viewer`, nothing else.",
)
_describe(
    UserStatus,
    "Where a person stands.",
    NOT_INVITED="Saved, and not invited (any more).",
    INVITED="Invited, and not on-boarded yet.",
    ACTIVATED="On-boarded.",
    INVITATION_FAILED="The mail was refused for good; the number is kept.",
)
_describe(
    UserAction,
    "What can be done with a user.",
    UPDATE="Change name or mail address (`updateUser`).",
    SEND_INVITATION="Send a first invitation (`resendInvitation`).",
    RESEND_INVITATION="Send the invitation once more (`resendInvitation`).",
    CANCEL_INVITATION="Cancel the invitation; the number becomes available (`cancelInvitation`).",
    DELETE="Delete the user, and release or reserve the number (`deleteUser`).",
)
_describe(
    OrderDirection,
    "Which end of a sorted list comes first.",
    ASC="The lowest first: 0 to 9, A to Z.",
    DESC="The highest first: 9 to 0, Z to A.",
)
_describe(
    PhoneNumberOrderField,
    "The columns that a list of numbers can be sorted by; the number breaks every tie, in the same direction.",
    NUMBER="By the digits from the left, so that the numbers of a country stay together.",
    SERIES="By the name of the series.",
    ORGANIZATION="By the name of the organization.",
    STATUS="By status, in the order of a number's life.",
    RESERVED_TAG="By reserved tag, upper and lower case alike; numbers without a tag come last in both directions.",
    UPDATED_AT="By the last change.",
)
_describe(
    UserOrderField,
    "The columns that a list of users can be sorted by; the order of creation breaks every tie, in the same direction.",
    NAME="By last name and then first name, upper and lower case alike.",
    EMAIL="By mail address, upper and lower case alike.",
    STATUS="By status: not invited, invited, activated, invitation failed.",
    ORGANIZATION="By the name of the organization.",
    NUMBER="By number; users without one come last in both directions.",
    INVITED_AT="By the moment of the invitation; users who are not invited come last in both directions.",
)
_describe(
    UtilizationCategory,
    "The five slices of an organization's pie; together they are its total.",
    AVAILABLE="Numbers that it holds and that are free.",
    RESERVED="Numbers that it holds and that are tagged for later use.",
    ASSIGNED="Numbers that it holds and whose user was invited and has not on-boarded yet.",
    REGISTERED="Numbers that it holds and whose user has on-boarded.",
    ALLOCATED_TO_SUB_ORGANIZATIONS="All numbers that the organizations below it hold, whatever their status.",
)
_describe(
    UsageKind,
    "What was used.",
    VOICE="Voice calls; quantities are seconds, shown as minutes.",
    MESSAGE="Messages.",
    DATA="Data; quantities are bytes, shown as megabytes of 1,000,000 bytes.",
)
_describe(
    Direction,
    "Which way usage went.",
    INCOMING="To the number.",
    OUTGOING="From the number.",
)
_describe(
    AllocationStrategy,
    "Which of the available numbers an allocation takes.",
    LOWEST="The lowest numbers.",
    LONGEST_UNUSED="Those that have been available for the longest time; the lowest of equals.",
    CONTIGUOUS="The lowest run of numbers that follow each other without a gap.",
)
_describe(
    EventKind,
    "What happened.",
    ADDED="Added to the inventory.",
    IMPORTED="Loaded by the operator's import.",
    MOVED="Moved to another organization.",
    ALLOCATED="Allocated to an organization below.",
    WITHDRAWN="Withdrawn to the parent organization.",
    RESERVED="Reserved with a tag.",
    TAG_EDITED="Given another tag.",
    UNRESERVED="Made available again.",
    FORWARDING_UPDATED="Given another forwarding number.",
    FORWARDING_REMOVED="No longer forwarded.",
    ASSIGNED="Assigned to an invited user.",
    ACTIVATED="Its user on-boarded.",
    INVITATION_CANCELLED="The invitation was cancelled.",
    INVITATION_EXPIRED="The invitation expired.",
    USER_DELETED="Its user was deleted.",
    ORGANIZATION_DELETED="Its organization was deleted, and the number went to the parent.",
    ORGANIZATION_MOVED="An organization was moved in the tree.",
    RETIRED="Taken out of the inventory.",
    ORGANIZATION_CREATED="An organization was created.",
    ORGANIZATION_UPDATED="An organization's name or settings were changed.",
    THRESHOLD_SET="An organization's utilization threshold was changed.",
    SERIES_CREATED="A series was created.",
    SERIES_UPDATED="A series was renamed, or its region changed.",
    USER_ADDED="Users without a number were invited, or saved.",
    USER_UPDATED="A user's name or mail address was changed.",
    INVITATION_SENT="A user was sent his invitation, the first or once more.",
    ADMINISTRATOR_INVITED="An administrator was invited.",
    ADMINISTRATOR_UPDATED="An administrator was changed.",
    ADMINISTRATOR_DELETED="An administrator was deleted.",
    API_KEY_CREATED="An API key was created.",
    API_KEY_REVOKED="An API key was revoked.",
    NUMBERS_REQUESTED="The supplier was asked for more numbers.",
    MAIL_RETRIED="A mail that had failed was tried again.",
    REPORT_DOWNLOADED="A report was downloaded.",
)
_describe(
    MailKind,
    "What a mail is about.",
    INVITATION="A user is invited.",
    ADMINISTRATOR_INVITATION="An administrator is invited, and sets a password.",
    PASSWORD_RESET="An administrator forgot the password, and sets another one.",  # noqa: S106 - a kind of mail
    THRESHOLD_REACHED="An organization's utilization has reached its threshold.",
    ASSIGNMENT_ABOVE_THRESHOLD="Numbers were assigned while the utilization was at its threshold or above.",
    MORE_NUMBERS_REQUEST="The supplier is asked for more numbers.",
)
_describe(
    MailState,
    "Where a mail stands on its way.",
    WAITING="Not delivered yet; `error` says why, where it has been tried.",
    SENT="Handed over for all recipients.",
    FAILED="Refused for good by a recipient, or tried in vain for days; it can be retried (`retryMailDelivery`).",
)
_describe(
    UserErrorCode,
    "Why something was refused.",
    NOT_FOUND="There is no such thing in your scope, whether it exists elsewhere or not at all.",
    FORBIDDEN="You see it, but your role or your place in the tree does not permit it.",
    INVALID_INPUT="A value can't be right; `path` names it.",
    INVALID_TRANSITION="A number's status does not allow it, and `refusals` names each; or a mail's state does not.",
    INSUFFICIENT_NUMBERS="There are fewer numbers than asked for.",
    CONFLICT="Somebody else was faster, or two things can't both stand; read again and retry.",
    ALREADY_EXISTS="The name or the number is taken.",
    NOT_EMPTY="Users or administrators are still in the way.",
    EXPIRED="The time to do it is over.",
    LIMIT_EXCEEDED="More than one operation takes, or too many attempts.",
    IDEMPOTENCY_MISMATCH="The idempotency key was used with another input.",
    INVALID_CREDENTIALS="Mail address and password do not fit.",
)


@strawberry.enum(description="What to do about a number that exists already.")
class OnDuplicate(Enum):
    """The caller's choice when adding numbers."""

    REFUSE = strawberry.enum_value("REFUSE", description="Add nothing, and report every duplicate.")
    SKIP = strawberry.enum_value("SKIP", description="Add the others, and report what was skipped.")


@strawberry.enum(description="What to do about lines that are wrong.")
class OnError(Enum):
    """The caller's choice when inviting many."""

    REFUSE = strawberry.enum_value("REFUSE", description="Invite nobody, and report every line that is wrong.")
    SKIP = strawberry.enum_value("SKIP", description="Invite the others, and report what was skipped.")


@strawberry.enum(description="What becomes of the number of a user who is deleted.")
class NumberDisposition(Enum):
    """The caller's choice when deleting a user."""

    RELEASE = strawberry.enum_value("RELEASE", description="It becomes available.")
    RESERVE = strawberry.enum_value(
        "RESERVE", description="It is reserved with a tag, and can be forwarded: this once the forwarding can be set."
    )
