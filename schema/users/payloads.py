"""Payloads of the mutations of users."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from domain.errors import DialtreeError
from resolvers.numbers.commands import NOTHING_CHANGED, NumbersChanged
from resolvers.users.acceptance import NotAccepted
from resolvers.users.commands import UsersInvited
from schema.core.errors import LineReportType, UserError
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.core.payloads import ORGANIZATIONS, Refusable, errors_field, objects, operation_id_of, organizations_of
from schema.core.scalars import E164
from schema.numbers.types import PhoneNumber, relations
from schema.organizations.types import Organization
from schema.users.invitations import OfferedNumber
from schema.users.types import User


async def _user(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.user_id is None else await context_of(info).loaders.users.load(root.user_id)


async def _number(root: strawberry.Parent[Any], info: Info) -> Any:
    return (
        None
        if root.number_id is None
        else await context_of(info).loaders.phone_numbers(relations(info)).load(root.number_id)
    )


async def _organization(root: strawberry.Parent[Any], info: Info) -> Any:
    wanted = root.organization_id
    return None if wanted is None else await context_of(info).loaders.organizations.load(wanted)


def _user_field() -> Any:
    return strawberry.field(resolver=_user, description="The user as he stands now; null when it was refused.")


@strawberry.type(description="The answer to `inviteUser`.")
class InviteUserPayload(Refusable):
    """The new user."""

    user_id: strawberry.Private[int | None] = None
    user: User | None = _user_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `updateUser`.")
class UpdateUserPayload(Refusable):
    """The changed user."""

    user_id: strawberry.Private[int | None] = None
    user: User | None = _user_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `resendInvitation`.")
class ResendInvitationPayload(Refusable):
    """The invited user."""

    user_id: strawberry.Private[int | None] = None
    user: User | None = _user_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `cancelInvitation`.")
class CancelInvitationPayload(Refusable):
    """The user, and what he no longer has."""

    user_id: strawberry.Private[int | None] = None
    number_id: strawberry.Private[int | None] = None
    user: User | None = _user_field()
    released_phone_number: PhoneNumber | None = strawberry.field(
        resolver=_number, description="The number that the user no longer has, if he had one."
    )
    user_errors: list[UserError] = errors_field()


def _deleted_user_id(root: strawberry.Parent[Any]) -> strawberry.ID | None:
    return None if root.user_id is None else encode("User", root.user_id)


@strawberry.type(description="The answer to `deleteUser`.")
class DeleteUserPayload(Refusable):
    """Who is gone, and what he had."""

    user_id: strawberry.Private[int | None] = None
    number_id: strawberry.Private[int | None] = None
    organization_id: strawberry.Private[int | None] = None
    deleted_user_id: strawberry.ID | None = strawberry.field(
        resolver=_deleted_user_id, description="The id of the user, who is gone or would be by a dry run."
    )
    phone_number: PhoneNumber | None = strawberry.field(
        resolver=_number, description="The number that the user had, as it stands now."
    )
    organization: Organization | None = strawberry.field(
        resolver=_organization, description="The organization that the user belonged to."
    )
    user_errors: list[UserError] = errors_field()


_NOBODY_INVITED = UsersInvited(invited_count=0, skipped_count=0, user_ids=[], organization_ids=[])


def _invited_count(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.invited_count
    return count


def _skipped_count(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.skipped_count
    return count


async def _users(root: strawberry.Parent[Any], info: Info) -> Any:
    ids = root.answer.user_ids
    return await objects(context_of(info).loaders.users, ids) if ids else []


@strawberry.type(description="The answer to `inviteUsers`.")
class InviteUsersPayload(Refusable):
    """Read off `resolvers.users.commands.UsersInvited`."""

    answer: strawberry.Private[UsersInvited] = _NOBODY_INVITED
    invited_count: int = strawberry.field(
        resolver=_invited_count, description="How many users were invited or saved, or would be by a dry run."
    )
    skipped_count: int = strawberry.field(resolver=_skipped_count, description="How many lines were skipped.")
    users: list[User] = strawberry.field(
        resolver=_users, description="The new users, the first 100; none on a dry run."
    )
    lines: list[LineReportType] = strawberry.field(
        default_factory=list, description="What was wrong with which line, the first 1000."
    )
    organizations: list[Organization] = strawberry.field(resolver=organizations_of, description=ORGANIZATIONS)
    user_errors: list[UserError] = errors_field()

    @classmethod
    def of(cls, answer: UsersInvited) -> InviteUsersPayload:
        """The payload of an answer."""
        return cls(answer=answer, lines=answer.lines)  # type: ignore[arg-type]

    @classmethod
    def refused(cls, error: DialtreeError) -> InviteUsersPayload:
        """The payload of a refusal, which reports the lines at fault."""
        payload = super().refused(error)
        payload.lines = list(error.lines)  # type: ignore[arg-type]
        return payload


@strawberry.type(description="The answer to `acceptInvitation`: values only, as in InvitationOffer.")
class AcceptInvitationPayload(Refusable):
    """Read off `resolvers.users.acceptance.Accepted`, or off a refusal with fresh offers."""

    number: E164 | None = strawberry.field(default=None, description="The number that is yours from now on.")
    organization_name: str | None = strawberry.field(default=None, description="Whose number it is.")
    offered_numbers: list[OfferedNumber] = strawberry.field(
        default_factory=list,
        description="Where a number has to be picked, or the picked one is gone: what can be picked now.",
    )
    user_errors: list[UserError] = errors_field()

    @classmethod
    def not_accepted(cls, refused: NotAccepted) -> AcceptInvitationPayload:
        """The payload of a refusal with fresh offers."""
        payload = cls.refused(refused.refusal)
        payload.offered_numbers = list(refused.offered_numbers)  # type: ignore[arg-type]
        return payload


def _operation_field() -> Any:
    return strawberry.field(
        resolver=operation_id_of,
        description="The operation that the change is recorded as; null when nothing changed.",
    )


def _number_field() -> Any:
    return strawberry.field(
        resolver=_number, description="The number as it stands now; null when the change was refused."
    )


@strawberry.type(description="The answer to `updateForwardingNumber`.")
class UpdateForwardingNumberPayload(Refusable):
    """The number as it stands now."""

    number_id: strawberry.Private[int | None] = None
    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    dry_run: strawberry.Private[bool] = False
    phone_number: PhoneNumber | None = _number_field()
    operation_id: strawberry.ID | None = _operation_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `removeForwardingNumber`.")
class RemoveForwardingNumberPayload(Refusable):
    """The number as it stands now."""

    number_id: strawberry.Private[int | None] = None
    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    dry_run: strawberry.Private[bool] = False
    phone_number: PhoneNumber | None = _number_field()
    operation_id: strawberry.ID | None = _operation_field()
    user_errors: list[UserError] = errors_field()
