"""Payloads of the mutations of users."""

from __future__ import annotations

from typing import Any, Self

import strawberry
from strawberry.types import Info

from execution.declarations import at_most
from resolvers.users.acceptance import AcceptanceRefused
from resolvers.users.commands import InvitationCancelled, UserChanged, UserDeleted, UserInvited, UsersInvited
from schema.core.errors import as_user_errors
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.core.payloads import LinesPayload, OperationPayload, Payload, load_existing, payload
from schema.core.scalars import E164
from schema.jobs.payloads import JobPayload
from schema.numbers.types import PhoneNumber, relations
from schema.organizations.payloads import CountedOrganizationsPayload
from schema.organizations.types import Organization
from schema.users.types import OfferedNumber, User


async def _user(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.answer is None else await context_of(info).loaders.users.load(root.answer.user_id)


async def _number(root: strawberry.Parent[Any], info: Info) -> Any:
    if root.answer is None or root.answer.number_id is None:
        return None
    return await context_of(info).loaders.phone_numbers(relations(info)).load(root.answer.number_id)


@strawberry.type
class UserPayload(Payload):
    """A payload with one user."""

    answer: strawberry.Private[UserChanged | UserInvited | InvitationCancelled | None] = None
    user: User | None = strawberry.field(
        resolver=_user, description="The user after the change; null if the mutation was refused."
    )


@strawberry.type
class InvitationPayload(CountedOrganizationsPayload, OperationPayload, UserPayload):
    """A payload with one user whose invitation changed."""

    answer: strawberry.Private[UserInvited | InvitationCancelled | None] = None


@payload("The result of `inviteUser`.")
class InviteUserPayload(InvitationPayload):
    pass


@payload("The result of `updateUser`.")
class UpdateUserPayload(UserPayload):
    pass


@payload("The result of `resendInvitation`.")
class ResendInvitationPayload(InvitationPayload):
    pass


@payload("The result of `cancelInvitation`.")
class CancelInvitationPayload(InvitationPayload):
    released_phone_number: PhoneNumber | None = strawberry.field(
        resolver=_number, description="The number that the user had until now; null if there was none."
    )


def _deleted_user_id(root: strawberry.Parent[Any]) -> strawberry.ID | None:
    return None if root.answer is None else encode("User", root.answer.user_id)


async def _organization(root: strawberry.Parent[Any], info: Info) -> Any:
    return (
        None if root.answer is None else await context_of(info).loaders.organizations.load(root.answer.organization_id)
    )


@payload("The result of `deleteUser`.")
class DeleteUserPayload(CountedOrganizationsPayload, OperationPayload):
    answer: strawberry.Private[UserDeleted | None] = None
    deleted_user_id: strawberry.ID | None = strawberry.field(
        resolver=_deleted_user_id,
        description="The id of the user that was deleted, or would be by a dry run.",
    )
    phone_number: PhoneNumber | None = strawberry.field(
        resolver=_number,
        description="The number that the user had, after the change (on a dry run, as it is now); null if none.",
    )
    organization: Organization | None = strawberry.field(
        resolver=_organization, description="The organization that the user belonged to."
    )


def _invited_count(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.invited_count
    return count


async def _users(root: strawberry.Parent[Any], info: Info) -> Any:
    ids = root.answer.user_ids
    return await load_existing(context_of(info).loaders.users, ids) if ids else []


_NONE_INVITED = UsersInvited(invited_count=0, skipped_count=0, user_ids=[])


@payload(
    "The result of `inviteUsers`. `lines` has the first 1,000 invalid lines. `operationId` is that of the users with a "
    "number; those without one are recorded separately."
)
class InviteUsersPayload(LinesPayload, CountedOrganizationsPayload, OperationPayload, JobPayload):
    answer: strawberry.Private[UsersInvited] = _NONE_INVITED
    invited_count: int = strawberry.field(
        resolver=_invited_count, description="How many users were invited or saved, or would be by a dry run."
    )
    users: list[User] = strawberry.field(
        resolver=_users, description="The new users, the first 100; empty on a dry run.", metadata=at_most(100)
    )


@payload("The result of `acceptInvitation`. Like InvitationOffer, it needs no other authentication.")
class AcceptInvitationPayload(Payload):
    number: E164 | None = strawberry.field(default=None, description="Your number from now on.")
    organization_name: str | None = strawberry.field(
        default=None, description="The name of the organization that holds the number."
    )
    offered_numbers: list[OfferedNumber] = strawberry.field(
        default_factory=list,
        description="The numbers to pick from now, if none was picked or the picked one is no longer available.",
        metadata=at_most(10),
    )

    @classmethod
    def not_accepted(cls, info: Info, error: AcceptanceRefused) -> Self:
        """Return the payload of a refusal with numbers to pick from."""
        return cls(user_errors=as_user_errors(info, [error.refusal]), offered_numbers=error.offered_numbers)  # type: ignore[arg-type]
