"""Inputs of the queries and mutations of users."""

from __future__ import annotations

import strawberry

from domain.search import OrderDirection
from domain.user_search import UserOrder as Order
from domain.user_search import UserOrderField
from domain.users import UserStatus
from resolvers.users import commands
from resolvers.users.queries import UserFilterInput
from schema.core.enums import NumberDisposition, OnError
from schema.core.inputs import Input, as_job_field, dry_run_field, key_field, optional, required, upload_field
from schema.core.scalars import E164

FIRST_NAME = "First name, up to 100 characters."
LAST_NAME = "Last name, up to 100 characters."
EMAIL = "Email address, unique within the organization regardless of case."
ORGANIZATION_ID = "The organization to invite into; the one you act from by default."
SEND_INVITATION = (
    "Whether to send the invitation by mail. If false, users are saved and numbers assigned, without mail."
)
SOURCES = (
    "The number to assign is given by `numberId`, `reservedTag` or `seriesId`; without any of them, the user picks an "
    "available number when accepting the invitation."
)


@strawberry.input(
    description="Which users to list. A user must match every condition; a list matches if one of its values does. "
    "Null, an empty list and an empty text match every user."
)
class UserFilter(Input[UserFilterInput]):
    text: str | None = optional(
        "A text that the name (first and last name), the email address or the number contains, regardless of case. "
        "There are no wildcards: special characters match themselves."
    )
    organization_ids: list[strawberry.ID] | None = optional(
        "Only users of these organizations.", id_of="Organization", empty_is_null=True
    )
    include_descendants: bool = optional(
        "Also include the users of sub-organizations: those of `organizationIds`, or of the organization whose users "
        "are listed.",
        default=False,
    )
    statuses: list[UserStatus] | None = optional("Only users with one of these statuses.", empty_is_null=True)
    with_number: bool | None = optional("True: only users with a number. False: only users without one.")


@strawberry.input(description="How to sort a list of users.")
class UserOrder(Input[Order]):
    field: UserOrderField = optional("The column to sort by.", default=UserOrderField.NAME)
    direction: OrderDirection = optional("The direction to sort in.", default=OrderDirection.ASC)


@strawberry.input
class _Invitee:
    """The fields that inviting one user and inviting many have in common."""

    first_name: str = required(FIRST_NAME)
    last_name: str = required(LAST_NAME)
    email: str = required(EMAIL)
    number_id: strawberry.ID | None = optional(
        "Assign this number. The organization itself must hold it, and it must be available or reserved.",
        part="source",
        id_of="PhoneNumber",
    )
    reserved_tag: str | None = optional(
        "Assign the lowest number that the organization itself holds and that is reserved with this tag.", part="source"
    )
    series_id: strawberry.ID | None = optional(
        "Assign the lowest available number of this series that the organization itself holds.",
        part="source",
        id_of="Series",
    )


@strawberry.input(description=f"The user to invite. {SOURCES}")
class InviteUserInput(_Invitee, Input[commands.InviteUser]):
    organization_id: strawberry.ID | None = optional(ORGANIZATION_ID, id_of="Organization")
    send_invitation: bool = optional(SEND_INVITATION, default=True)
    idempotency_key: str | None = key_field()


@strawberry.input(description=f"One of the users to invite. {SOURCES}")
class InviteUserRow(_Invitee, Input[commands.InviteUserRow]):
    pass


@strawberry.input(description="The users to invite, given as `rows`, as `csv` or as `uploadId`.")
class InviteUsersInput(Input[commands.InviteUsers]):
    rows: list[InviteUserRow] | None = optional(
        "The users to invite. In the `lines` of the payload, a line is a position in this list, starting at 1."
    )
    csv: str | None = optional(
        "The users to invite, as CSV separated by commas, semicolons or tabs. The first line can name the columns: "
        "`first_name`, `last_name`, `email` and, optionally, `number` (in any notation), `reserved_tag` and `series` "
        "(by name). Without such a line, the columns must be in this order."
    )
    upload_id: strawberry.ID | None = upload_field("the users, as in `csv`.")
    organization_id: strawberry.ID | None = optional(ORGANIZATION_ID, id_of="Organization")
    send_invitation: bool = optional(SEND_INVITATION, default=True)
    on_error: OnError = optional(
        "What to do about invalid lines.", default=OnError.REFUSE, target="skip_bad_lines", true_if=OnError.SKIP
    )
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="The changes to a user. A field that is null or left out keeps its value.")
class UpdateUserInput(Input[commands.UpdateUser]):
    user_id: strawberry.ID = required("The user to change.", id_of="User")
    first_name: str | None = optional(FIRST_NAME)
    last_name: str | None = optional(LAST_NAME)
    email: str | None = optional(
        f"{EMAIL} A new address invalidates the link of a pending invitation; send the invitation again."
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="The user to send an invitation to.")
class ResendInvitationInput(Input[commands.ResendInvitation]):
    user_id: strawberry.ID = required(
        "The user; one who was saved without an invitation gets the first one now.", id_of="User"
    )
    number_id: strawberry.ID | None = optional(
        "Assign this number, which the user's organization itself must hold. The user's previous number becomes "
        "available.",
        id_of="PhoneNumber",
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="The user whose invitation to cancel.")
class CancelInvitationInput(Input[commands.CancelInvitation]):
    user_id: strawberry.ID = required("The invited user.", id_of="User")
    idempotency_key: str | None = key_field()


@strawberry.input(description="The invitation to accept, and the number to use if the invitation comes without one.")
class AcceptInvitationInput(Input[commands.AcceptInvitation]):
    token: str = required("The token from the link in the mail. It works once.")
    number_id: strawberry.ID | None = optional(
        "One of the offered numbers, if the invitation comes without a number.", id_of="PhoneNumber"
    )


@strawberry.input(description="The user to delete, and what happens to the user's number.")
class DeleteUserInput(Input[commands.DeleteUser]):
    user_id: strawberry.ID = required("The user to delete.", id_of="User")
    disposition: NumberDisposition = optional(
        "What happens to the user's number.",
        default=NumberDisposition.RELEASE,
        target="reserves",
        true_if=NumberDisposition.RESERVE,
    )
    tag: str | None = optional("With RESERVE: the reserved tag of the number, 1 to 64 characters.")
    forwarding_number: E164 | None = optional(
        "With RESERVE: the number to forward calls to. Forwarding can only be set here; later you can change or remove "
        "it."
    )
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()
