"""Inputs of the mutations of users, each decoded to a command."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET

from domain.invitations import NumberSource
from resolvers.numbers.forwarding import RemoveForwardingNumber, UpdateForwardingNumber
from resolvers.users import commands as user_commands
from schema.core.enums import NumberDisposition, OnError
from schema.core.ids import row_id
from schema.core.inputs import dry_run_field, given, key_field
from schema.core.scalars import E164

FIRST_NAME = "First name, up to 100 characters."
LAST_NAME = "Last name, up to 100 characters."
EMAIL = "Mail address, unique within the organization, upper and lower case alike."
NUMBER_ID = "Invite onto this number, which the organization itself holds, available or reserved."
TAG = "Invite onto the lowest number that the organization itself holds and that is reserved with this tag."
SERIES = "Invite onto the lowest available number of this series that the organization itself holds."
SENDS = "False: only save, and mail nothing; a number is assigned all the same."


def _field(description: str, default: Any = UNSET) -> Any:
    return strawberry.field(default=default, description=description)


def _optional(value: strawberry.ID | None, type_name: str) -> int | None:
    found = given(value)
    return None if found is None else row_id(found, type_name)


def _source(input: InviteUserInput | InviteUserRow) -> NumberSource:
    return NumberSource(
        number_id=_optional(input.number_id, "PhoneNumber"),
        reserved_tag=given(input.reserved_tag),
        series_id=_optional(input.series_id, "Series"),
    )


@strawberry.input(
    description="Who is invited, and onto which number: `numberId`, `reservedTag` or `seriesId`. "
    "With none of them the user picks an available number when on-boarding."
)
class InviteUserInput:
    """Decoded to `resolvers.users.commands.InviteUser`."""

    first_name: str = strawberry.field(description=FIRST_NAME)
    last_name: str = strawberry.field(description=LAST_NAME)
    email: str = strawberry.field(description=EMAIL)
    organization_id: strawberry.ID | None = _field("Into which organization; the one you act from if left out.")
    number_id: strawberry.ID | None = _field(NUMBER_ID)
    reserved_tag: str | None = _field(TAG)
    series_id: strawberry.ID | None = _field(SERIES)
    send_invitation: bool = _field(SENDS, True)
    idempotency_key: str | None = key_field()

    def command(self) -> user_commands.InviteUser:
        """The command."""
        return user_commands.InviteUser(
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            organization_id=_optional(self.organization_id, "Organization"),
            source=_source(self),
            send_invitation=self.send_invitation,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="One of many who are invited.")
class InviteUserRow:
    """Decoded to `resolvers.users.commands.InviteUserRow`."""

    first_name: str = strawberry.field(description=FIRST_NAME)
    last_name: str = strawberry.field(description=LAST_NAME)
    email: str = strawberry.field(description=EMAIL)
    number_id: strawberry.ID | None = _field(NUMBER_ID)
    reserved_tag: str | None = _field(TAG)
    series_id: strawberry.ID | None = _field(SERIES)

    def decoded(self) -> user_commands.InviteUserRow:
        """The row."""
        return user_commands.InviteUserRow(
            first_name=self.first_name, last_name=self.last_name, email=self.email, source=_source(self)
        )


@strawberry.input(description="Who are invited. Give `rows` or `csv`.")
class InviteUsersInput:
    """Decoded to `resolvers.users.commands.InviteUsers`."""

    rows: list[InviteUserRow] | None = _field("The people; a line of the report is the position in this list.")
    csv: str | None = _field(
        "The people as CSV. Its first line names the columns: first_name, last_name, email, and where they are wanted "
        "number (in E.164 form), reserved_tag and series (by name); without such a line they come in this order. "
        "Cells are parted by commas, semicolons or tabs."
    )
    organization_id: strawberry.ID | None = _field("Into which organization; the one you act from if left out.")
    send_invitation: bool = _field(SENDS, True)
    on_error: OnError = _field("What to do about lines that are wrong.", OnError.REFUSE)
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()

    def command(self) -> user_commands.InviteUsers:
        """The command."""
        rows = given(self.rows)
        return user_commands.InviteUsers(
            rows=None if rows is None else tuple(row.decoded() for row in rows),
            csv=given(self.csv),
            organization_id=_optional(self.organization_id, "Organization"),
            send_invitation=self.send_invitation,
            skip_bad_lines=self.on_error is OnError.SKIP,
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="What changes of a user; what is left out or null stays.")
class UpdateUserInput:
    """Decoded to `resolvers.users.commands.UpdateUser`."""

    user_id: strawberry.ID = strawberry.field(description="The user.")
    first_name: str | None = _field(FIRST_NAME)
    last_name: str | None = _field(LAST_NAME)
    email: str | None = _field(f"{EMAIL} A link that went to the old address leads nowhere; send the invitation again.")
    idempotency_key: str | None = key_field()

    def command(self) -> user_commands.UpdateUser:
        """The command."""
        return user_commands.UpdateUser(
            user_id=row_id(self.user_id, "User"),
            first_name=given(self.first_name),
            last_name=given(self.last_name),
            email=given(self.email),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Whose invitation is sent.")
class ResendInvitationInput:
    """Decoded to `resolvers.users.commands.ResendInvitation`."""

    user_id: strawberry.ID = strawberry.field(description="The user; one who was only saved is invited now.")
    number_id: strawberry.ID | None = _field(
        "Another number for the user, which his organization itself holds; the one he has becomes available."
    )
    idempotency_key: str | None = key_field()

    def command(self) -> user_commands.ResendInvitation:
        """The command."""
        return user_commands.ResendInvitation(
            user_id=row_id(self.user_id, "User"),
            number_id=_optional(self.number_id, "PhoneNumber"),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Whose invitation is cancelled.")
class CancelInvitationInput:
    """Decoded to `resolvers.users.commands.CancelInvitation`."""

    user_id: strawberry.ID = strawberry.field(description="The user.")
    idempotency_key: str | None = key_field()

    def command(self) -> user_commands.CancelInvitation:
        """The command."""
        return user_commands.CancelInvitation(
            user_id=row_id(self.user_id, "User"), idempotency_key=given(self.idempotency_key)
        )


@strawberry.input(description="The token of an invitation's link, and the picked number if the invitation has none.")
class AcceptInvitationInput:
    """Taken by `resolvers.users.acceptance.accept_invitation`."""

    token: str = strawberry.field(description="The token from the link in the mail; it works once.")
    number_id: strawberry.ID | None = _field("One of the offered numbers, where the invitation carries none.")

    def picked(self) -> int | None:
        """The row of the picked number."""
        return _optional(self.number_id, "PhoneNumber")


@strawberry.input(description="Who is deleted, and what becomes of the number.")
class DeleteUserInput:
    """Decoded to `resolvers.users.commands.DeleteUser`."""

    user_id: strawberry.ID = strawberry.field(description="The user.")
    disposition: NumberDisposition = _field("What becomes of the number.", NumberDisposition.RELEASE)
    tag: str | None = _field("With RESERVE: what the number is put aside for, 1 to 64 characters.")
    forwarding_number: E164 | None = _field(
        "With RESERVE: where its calls go. This is the only time that it can be set; later it is changed or removed."
    )
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()

    def command(self) -> user_commands.DeleteUser:
        """The command."""
        return user_commands.DeleteUser(
            user_id=row_id(self.user_id, "User"),
            reserves=self.disposition is NumberDisposition.RESERVE,
            tag=given(self.tag),
            forwarding_number=given(self.forwarding_number),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which reserved number is forwarded to which other number.")
class UpdateForwardingNumberInput:
    """Decoded to `resolvers.numbers.forwarding.UpdateForwardingNumber`."""

    number_id: strawberry.ID = strawberry.field(description="The number; it must be forwarded already.")
    forwarding_number: E164 = strawberry.field(description="Where its calls go from now on; not the number itself.")
    idempotency_key: str | None = key_field()

    def command(self) -> UpdateForwardingNumber:
        """The command."""
        return UpdateForwardingNumber(
            number_id=row_id(self.number_id, "PhoneNumber"),
            forwarding_number=self.forwarding_number,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which number is no longer forwarded.")
class RemoveForwardingNumberInput:
    """Decoded to `resolvers.numbers.forwarding.RemoveForwardingNumber`."""

    number_id: strawberry.ID = strawberry.field(description="The number.")
    idempotency_key: str | None = key_field()

    def command(self) -> RemoveForwardingNumber:
        """The command."""
        return RemoveForwardingNumber(
            number_id=row_id(self.number_id, "PhoneNumber"), idempotency_key=given(self.idempotency_key)
        )
