"""Users, and lists of them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from db.organizations.queries import OrganizationRecord
from db.users.pages import KEY_TYPES
from db.users.queries import UserRecord
from domain.user_search import UserOrder as Order
from domain.users import UserAction, UserStatus, available_actions
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.users import queries as users
from schema.core.connections import Connection, ConnectionRows, forward
from schema.core.nodes import Node, context_of, id_field
from schema.users.filters import UserFilter, UserOrder

if TYPE_CHECKING:
    from schema.numbers.types import PhoneNumber
    from schema.organizations.types import Organization


async def _organization(root: strawberry.Parent[UserRecord], info: Info) -> Any:
    return await context_of(info).loaders.organizations.load(root.organization_id)


async def _phone_number(root: strawberry.Parent[UserRecord], info: Info) -> Any:
    number_id = root.phone_number_id
    return None if number_id is None else await context_of(info).loaders.phone_numbers().load(number_id)


def _available_actions(root: strawberry.Parent[UserRecord], info: Info) -> list[UserAction]:
    has_number = root.phone_number_id is not None
    return available_actions(root.status, context_of(info).actor.role, has_number=has_number)


@strawberry.type(description="A person who has, or will have, a line on a number. Not an administrator.")
class User(Node):
    """Read off `db.users.queries.UserRecord`."""

    id: strawberry.ID = id_field("User")
    first_name: str = strawberry.field(description="First name.")
    last_name: str = strawberry.field(description="Last name.")
    email: str = strawberry.field(description="Mail address, unique within the organization.")
    status: UserStatus = strawberry.field(description="Where the person stands.")
    organization: Annotated[Organization, strawberry.lazy("schema.organizations.types")] = strawberry.field(
        resolver=_organization, description="The organization, which also holds the user's number."
    )
    phone_number: Annotated[PhoneNumber, strawberry.lazy("schema.numbers.types")] | None = strawberry.field(
        resolver=_phone_number, description="The number, if there is one yet."
    )
    invited_at: datetime | None = strawberry.field(
        description="When the user was first invited; null when no invitation runs that led to where he stands."
    )
    activated_at: datetime | None = strawberry.field(description="When the user on-boarded.")
    invitation_expires_at: datetime | None = strawberry.field(description="Until when the invitation can be accepted.")
    invitation_error: str | None = strawberry.field(description="Why the invitation's mail could not be delivered.")
    available_actions: list[UserAction] = strawberry.field(
        resolver=_available_actions, description="What you may do with the user now."
    )

    is_type_of = RecordOf(UserRecord)


async def user_list(
    context: Context,
    *,
    filter: UserFilter | None,
    order_by: UserOrder | None,
    first: int | None,
    after: str | None,
    organization: OrganizationRecord | None = None,
) -> Any:
    """A page of the users in the scope, or of one organization in it."""
    order = order_by.decoded() if order_by else Order()
    name = f"users {order.field.value} {order.direction.value}"
    page = forward(name, (KEY_TYPES[order.field], int), first=first, after=after)
    wanted = (filter or UserFilter()).decoded()
    listed = await users.user_filter(context, wanted, organization=organization)
    rows = ConnectionRows(
        partial(users.listing_page, context, listed, order=order, page=page),
        partial(users.listing_count, context, listed),
        order=name,
        key=lambda found: found.key,
        node=attrgetter("record"),
    )
    return Connection[User](rows=rows)
