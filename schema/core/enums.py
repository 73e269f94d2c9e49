"""The GraphQL enums, with a description of every value."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

import strawberry

from domain.access import Role
from domain.allocation import AllocationStrategy
from domain.errors import UserErrorCode
from domain.jobs import JobKind, JobState
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
    """Make an enum of `domain` a GraphQL enum. `values` must describe exactly its values."""
    strawberry.enum(enum, description=description)
    definition: Any = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values.pop(value.name)
    if values:
        raise ValueError(f"{enum.__name__} has no {sorted(values)}")
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
"""Titles and descriptions, for the schema and for `statusMeanings`."""

_describe(
    NumberStatus,
    "The status of a number.",
    **{status.name: description for status, (_, description) in STATUS_LABELS.items()},
)
_describe(
    NumberAction,
    "What can be done with a number. `PhoneNumber.availableActions` lists what you may do now.",
    MOVE="Move it to another organization in your scope (`moveNumbers`).",
    RESERVE="Reserve it with a tag (`reserveNumbers`).",
    EDIT_TAG="Change its reserved tag (`editReservedTag`).",
    UNRESERVE="Remove its tag and make it available again (`unreserveNumbers`).",
    UPDATE_FORWARDING="Forward its calls to another number (`updateForwardingNumber`).",
    REMOVE_FORWARDING="Stop forwarding its calls, which cannot be undone (`removeForwardingNumber`).",
    INVITE="Invite a user to use it (`inviteUser`).",
    CANCEL_INVITATION="Cancel the invitation of its user, which makes it available (`cancelInvitation`).",
    RESEND_INVITATION="Send its user an invitation, for the first time or again (`resendInvitation`).",
    DELETE_USER="Delete its user, and release or reserve it (`deleteUser`).",
    RETIRE="Remove it from the inventory; its history stays readable (`retireNumbers`).",
)
_describe(
    OrganizationAction,
    "What can be done with an organization. `Organization.availableActions` lists what you may do now.",
    ALLOCATE="Allocate its available numbers to a sub-organization (`allocateNumbers`).",
    WITHDRAW="Withdraw its available numbers to its parent (`withdrawNumbers`).",
    CREATE_CHILD="Create a sub-organization (`createOrganization`).",
    UPDATE="Rename it or change its settings (`updateOrganization`).",
    DELETE="Delete it and its sub-organizations; its parent gets the numbers (`deleteOrganization`).",
    MOVE="Move it under another parent (`moveOrganization`).",
    ADD_NUMBERS="Add numbers to it (`addNumbers`).",
    INVITE_USER="Invite a user into it (`inviteUser`, `inviteUsers`).",
    REQUEST_MORE_NUMBERS="Ask the supplier for more numbers (`requestMoreNumbers`).",
    SET_THRESHOLD="Set the utilization at which administrators are warned (`setUtilizationThreshold`).",
    MANAGE_ADMINISTRATORS="Invite, update and delete its administrators (`inviteAdministrator` and others).",
    MANAGE_API_KEYS="Create and revoke its API keys (`createApiKey`, `revokeApiKey`).",
    MANAGE_SERIES="Create and update series (`createSeries`, `updateSeries`).",
    DOWNLOAD_REPORTS="Download its reports.",
)
_describe(
    Role,
    "A role at an organization, which includes its sub-organizations.",
    OWNER="May do everything.",
    ADMIN="May do everything except manage administrators and API keys.",
    VIEWER="May read and download.",
    USAGE_WRITER="May only record usage and read `viewer`.",
)
_describe(
    UserStatus,
    "The status of a user or an administrator.",
    NOT_INVITED="Saved without an invitation, or the invitation was cancelled or has expired.",
    INVITED="Invited, but not on-boarded yet.",
    ACTIVATED="On-boarded.",
    INVITATION_FAILED="The invitation mail could not be delivered; the user keeps the number.",
)
_describe(
    UserAction,
    "What can be done with a user.",
    UPDATE="Change the name or email address (`updateUser`).",
    SEND_INVITATION="Send the first invitation (`resendInvitation`).",
    RESEND_INVITATION="Send the invitation again (`resendInvitation`).",
    CANCEL_INVITATION="Cancel the invitation, which makes the number available (`cancelInvitation`).",
    DELETE="Delete the user, and release or reserve the number (`deleteUser`).",
)
_describe(
    OrderDirection,
    "A sort direction.",
    ASC="Ascending: 0 to 9, A to Z.",
    DESC="Descending: 9 to 0, Z to A.",
)
_describe(
    PhoneNumberOrderField,
    "The columns that a list of numbers can be sorted by. Equal rows are sorted by number, in the same direction.",
    NUMBER="By the digits from left to right, so that the numbers of a country stay together.",
    SERIES="By the name of the series.",
    ORGANIZATION="By the name of the organization.",
    STATUS="By status, in the order of the enum.",
    RESERVED_TAG="By reserved tag, ignoring case. Numbers without a tag come last in both directions.",
    UPDATED_AT="By the time of the last change.",
)
_describe(
    UserOrderField,
    "The columns that a list of users can be sorted by. Equal rows are sorted by creation, in the same direction.",
    NAME="By last name, then first name, ignoring case.",
    EMAIL="By email address, ignoring case.",
    STATUS="By status: not invited, invited, activated, invitation failed.",
    ORGANIZATION="By the name of the organization.",
    NUMBER="By number. Users without one come last in both directions.",
    INVITED_AT="By the time of the invitation. Users without one come last in both directions.",
)
_describe(
    UtilizationCategory,
    "The five slices of an organization's utilization chart; they add up to its total.",
    AVAILABLE="Numbers that it holds and that are AVAILABLE.",
    RESERVED="Numbers that it holds and that are RESERVED.",
    ASSIGNED="Numbers that it holds and whose user was invited but has not on-boarded yet.",
    REGISTERED="Numbers that it holds and whose user has on-boarded.",
    ALLOCATED_TO_SUB_ORGANIZATIONS="All numbers that its sub-organizations hold, in any status.",
)
_describe(
    UsageKind,
    "A kind of usage.",
    VOICE="Voice calls; quantities are seconds, shown as minutes.",
    MESSAGE="Messages.",
    DATA="Data; quantities are bytes, shown as megabytes of 1,000,000 bytes.",
)
_describe(
    Direction,
    "The direction of usage.",
    INCOMING="To the number.",
    OUTGOING="From the number.",
)
_describe(
    AllocationStrategy,
    "How an allocation chooses among the available numbers.",
    LOWEST="The lowest numbers.",
    LONGEST_UNUSED="The numbers that have been available the longest; among equals, the lowest.",
    CONTIGUOUS="The lowest run of consecutive numbers.",
)
_describe(
    EventKind,
    "What an operation or an event did.",
    ADDED="Added to the inventory.",
    IMPORTED="Imported by an operator.",
    MOVED="Moved to another organization.",
    ALLOCATED="Allocated to a sub-organization.",
    WITHDRAWN="Withdrawn to the parent organization.",
    RESERVED="Reserved with a tag.",
    TAG_EDITED="Its tag was changed.",
    UNRESERVED="Made available again.",
    FORWARDING_UPDATED="Forwarded to another number.",
    FORWARDING_REMOVED="No longer forwarded.",
    ASSIGNED="Assigned to an invited user.",
    ACTIVATED="Its user on-boarded.",
    INVITATION_CANCELLED="The invitation was cancelled.",
    INVITATION_EXPIRED="The invitation expired.",
    USER_DELETED="Its user was deleted.",
    ORGANIZATION_DELETED="Its organization was deleted, and the parent got the number.",
    ORGANIZATION_MOVED="An organization was moved in the tree.",
    RETIRED="Removed from the inventory.",
    ORGANIZATION_CREATED="An organization was created.",
    ORGANIZATION_UPDATED="An organization's name or settings were changed.",
    THRESHOLD_SET="An organization's utilization threshold was changed.",
    SERIES_CREATED="A series was created.",
    SERIES_UPDATED="A series' name or region was changed.",
    USER_ADDED="Users without a number were invited or saved.",
    USER_UPDATED="A user's name or email address was changed.",
    INVITATION_SENT="A user was sent an invitation, for the first time or again.",
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
    "The kind of a mail.",
    INVITATION="Invites a user.",
    ADMINISTRATOR_INVITATION="Invites an administrator to set a password.",
    PASSWORD_RESET="Lets an administrator who forgot the password set a new one.",  # noqa: S106 - a kind of mail
    THRESHOLD_REACHED="Reports that an organization's utilization has reached its threshold.",
    ASSIGNMENT_ABOVE_THRESHOLD="Reports that numbers were assigned at or above the utilization threshold.",
    MORE_NUMBERS_REQUEST="Asks the supplier for more numbers.",
)
_describe(
    MailState,
    "The delivery state of a mail.",
    WAITING="Not delivered yet. If an attempt failed, `error` says why.",
    SENT="Accepted by the mail server for all recipients.",
    FAILED="Rejected permanently by a recipient, or given up after days of attempts. It can be retried "
    "(`retryMailDelivery`).",
)
_describe(
    JobKind,
    "The mutation that a job runs.",
    MOVE="Moves numbers (`moveNumbers`).",
    RESERVE="Reserves numbers (`reserveNumbers`).",
    UNRESERVE="Makes reserved numbers available (`unreserveNumbers`).",
    ALLOCATE="Allocates numbers to a sub-organization (`allocateNumbers`).",
    WITHDRAW="Withdraws numbers to the parent organization (`withdrawNumbers`).",
    RETIRE="Removes numbers from the inventory (`retireNumbers`).",
    ADD_NUMBERS="Adds numbers to the inventory (`addNumbers`).",
    INVITE_USERS="Invites users (`inviteUsers`).",
)
_describe(
    JobState,
    "The state of a job.",
    QUEUED="Waits for a server to run it.",
    RUNNING="A server runs it. Nothing is changed until it has succeeded.",
    SUCCEEDED="Everything was changed, and recorded as one operation.",
    FAILED="Nothing was changed; `errors` says why.",
    CANCELLED="Nothing was changed, because a caller cancelled it (`cancelJob`).",
)
_describe(
    UserErrorCode,
    "Why a request was refused.",
    NOT_FOUND="There is no such object in your scope, whether or not it exists elsewhere.",
    FORBIDDEN="Your role, or the organization that you act from, does not permit it.",
    INVALID_INPUT="A value is invalid; `path` names it.",
    INVALID_TRANSITION="The status of a number does not allow it (see `refusals`), or the state of a mail does not.",
    INSUFFICIENT_NUMBERS="There are fewer numbers than requested.",
    CONFLICT="The data was changed meanwhile, or contradicts the request. Read it again and retry.",
    ALREADY_EXISTS="The name or the number is already taken.",
    NOT_EMPTY="The organizations to delete still have users or administrators.",
    EXPIRED="The link or the invitation has expired.",
    LIMIT_EXCEEDED="The request is larger than one operation may be, or there were too many attempts.",
    IDEMPOTENCY_MISMATCH="The idempotency key was already used with a different input.",
    INVALID_CREDENTIALS="Wrong email address or password.",
)


@strawberry.enum(description="What to do about numbers that already exist.")
class OnDuplicate(Enum):
    """A choice when adding numbers."""

    REFUSE = strawberry.enum_value("REFUSE", description="Add no numbers, and report every duplicate.")
    SKIP = strawberry.enum_value("SKIP", description="Add the other numbers, and report what was skipped.")


@strawberry.enum(description="What to do about invalid lines.")
class OnError(Enum):
    """A choice when inviting many users."""

    REFUSE = strawberry.enum_value("REFUSE", description="Invite no users, and report every invalid line.")
    SKIP = strawberry.enum_value("SKIP", description="Invite the other users, and report what was skipped.")


@strawberry.enum(description="What to do with the number of a deleted user.")
class NumberDisposition(Enum):
    """A choice when deleting a user."""

    RELEASE = strawberry.enum_value("RELEASE", description="Make it available.")
    RESERVE = strawberry.enum_value(
        "RESERVE",
        description="Reserve it with a tag and, optionally, forward it. Forwarding can only be set at this time.",
    )
