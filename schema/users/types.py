"""Users, and what an invitation offers to the person it invites."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from db.organizations.queries import OrganizationRecord
from db.users.invitations import OfferedNumber as OfferedNumberRecord
from db.users.pages import KEY_TYPES
from db.users.queries import UserRecord
from domain.numbers import national_format
from domain.users import UserAction, UserStatus, available_actions
from execution.declarations import at_most
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.users import queries
from schema.core.arguments import described
from schema.core.connections import Connection, ConnectionRows, PageArguments
from schema.core.ids import encode
from schema.core.inputs import decode, decode_large
from schema.core.nodes import Node, context_of, id_field
from schema.core.scalars import E164
from schema.users.inputs import UserFilter, UserOrder

if TYPE_CHECKING:
    from schema.numbers.types import PhoneNumber
    from schema.organizations.types import Organization

UserFilterArgument = Annotated[UserFilter | None, described("Which users to list; all of them by default.")]
UserOrderArgument = Annotated[UserOrder | None, described("How to sort the users; by name by default.")]


async def _organization(root: strawberry.Parent[UserRecord], info: Info) -> Any:
    return await context_of(info).loaders.organizations.load(root.organization_id)


async def _phone_number(root: strawberry.Parent[UserRecord], info: Info) -> Any:
    number_id = root.phone_number_id
    return None if number_id is None else await context_of(info).loaders.phone_numbers().load(number_id)


def _available_actions(root: strawberry.Parent[UserRecord], info: Info) -> list[UserAction]:
    has_number = root.phone_number_id is not None
    return available_actions(root.status, context_of(info).actor.role, has_number=has_number)


@strawberry.type(description="A person who has a phone number, or is invited to get one. Not an administrator.")
class User(Node):
    """Resolved from `db.users.queries.UserRecord`."""

    id: strawberry.ID = id_field("User")
    first_name: str = strawberry.field(description="The user's first name.")
    last_name: str = strawberry.field(description="The user's last name.")
    email: str = strawberry.field(description="The user's email address, unique within the organization.")
    status: UserStatus = strawberry.field(description="Whether the user is invited, activated, or neither.")
    organization: Annotated[Organization, strawberry.lazy("schema.organizations.types")] = strawberry.field(
        resolver=_organization, description="The user's organization, which also holds the user's number."
    )
    phone_number: Annotated[PhoneNumber, strawberry.lazy("schema.numbers.types")] | None = strawberry.field(
        resolver=_phone_number, description="The user's number; null if there is none yet."
    )
    invited_at: datetime | None = strawberry.field(
        description="When the current or accepted invitation was first sent; null if there is none."
    )
    activated_at: datetime | None = strawberry.field(
        description="When the user accepted the invitation; null before that."
    )
    invitation_expires_at: datetime | None = strawberry.field(
        description="When the current invitation expires; null if there is none."
    )
    invitation_error: str | None = strawberry.field(
        description="Why the invitation mail could not be delivered; null if there was no failure."
    )
    available_actions: list[UserAction] = strawberry.field(
        resolver=_available_actions,
        description="What you may do with the user now; build the user's menu from this.",
        metadata=at_most(10),
    )

    is_type_of = RecordOf(UserRecord)


def _number_id(root: strawberry.Parent[OfferedNumberRecord]) -> strawberry.ID:
    return encode("PhoneNumber", root.id)


def _national_format(root: strawberry.Parent[OfferedNumberRecord]) -> str:
    return national_format(root.number)


# The holder of an invitation token is not signed in: these two types hold plain values, never objects of the tree.


@strawberry.type(description="A number that an invited user can pick. Readable with the invitation token alone.")
class OfferedNumber:
    """Resolved from `db.users.invitations.OfferedNumber`."""

    number_id: strawberry.ID = strawberry.field(
        resolver=_number_id, description="The id to pass to `acceptInvitation` as `numberId`."
    )
    number: E164 = strawberry.field(description="The number in E.164 form.")
    national_format: str = strawberry.field(
        resolver=_national_format, description="The number in the national format of its country: `(418) 898-4760`."
    )


@strawberry.type(description="An invitation as the invited person sees it. Readable with the invitation token alone.")
class InvitationOffer:
    """Resolved from `resolvers.users.acceptance.InvitationOffer`."""

    first_name: str = strawberry.field(description="First name of the invited user.")
    last_name: str = strawberry.field(description="Last name of the invited user.")
    email: str = strawberry.field(description="The email address that the invitation was sent to.")
    organization_name: str = strawberry.field(description="The name of the organization that sent the invitation.")
    expires_at: datetime = strawberry.field(description="When the invitation expires.")
    number: E164 | None = strawberry.field(
        description="The number that comes with the invitation; null if the user picks one."
    )
    offered_numbers: list[OfferedNumber] = strawberry.field(
        description="A few available numbers to pick from; empty if the invitation comes with a number.",
        metadata=at_most(10),
    )


async def user_list(
    context: Context,
    arguments: PageArguments,
    *,
    filter: UserFilter | None,
    order_by: UserOrder | None,
    organization: OrganizationRecord | None = None,
) -> Any:
    """A page of the users in scope, or of one organization in it."""
    order = decode(order_by or UserOrder())
    name = f"users {order.field.value} {order.direction.value}"
    page = arguments.page(name, (KEY_TYPES[order.field], int))
    wanted = await decode_large(filter or UserFilter())
    narrowed = await queries.user_filter(context, wanted, organization=organization)
    rows = ConnectionRows(
        partial(queries.user_page, context, narrowed, order=order, page=page),
        partial(queries.user_count, context, narrowed),
        order=name,
        key=attrgetter("key"),
        node=attrgetter("record"),
    )
    return Connection[User](rows=rows)
