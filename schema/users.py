"""Users, as far as numbers show them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from db.users import UserRecord
from domain.users import UserAction, UserStatus, available_actions
from execution.records import RecordOf
from schema.nodes import Node, context_of, id_field
from schema.organizations import Organization

if TYPE_CHECKING:
    from schema.phone_numbers import PhoneNumber


async def _organization(root: strawberry.Parent[UserRecord], info: Info) -> Any:
    return await context_of(info).loaders.organizations.load(root.organization_id)


async def _phone_number(root: strawberry.Parent[UserRecord], info: Info) -> Any:
    number_id = root.phone_number_id
    return None if number_id is None else await context_of(info).loaders.phone_numbers().load(number_id)


def _available_actions(root: strawberry.Parent[UserRecord], info: Info) -> list[UserAction]:
    return available_actions(root.status, context_of(info).actor.role)


@strawberry.type(description="A person who has, or will have, a line on a number. Not an administrator.")
class User(Node):
    """Read off `db.users.UserRecord`."""

    id: strawberry.ID = id_field("User")
    first_name: str = strawberry.field(description="First name.")
    last_name: str = strawberry.field(description="Last name.")
    email: str = strawberry.field(description="Mail address, unique within the organization.")
    status: UserStatus = strawberry.field(description="Where the person stands.")
    organization: Organization = strawberry.field(
        resolver=_organization, description="The organization, which also holds the user's number."
    )
    phone_number: Annotated[PhoneNumber, strawberry.lazy("schema.phone_numbers")] | None = strawberry.field(
        resolver=_phone_number, description="The number, if there is one yet."
    )
    invited_at: datetime | None = strawberry.field(description="When the first invitation went out.")
    activated_at: datetime | None = strawberry.field(description="When the user on-boarded.")
    invitation_expires_at: datetime | None = strawberry.field(description="Until when the invitation can be accepted.")
    invitation_error: str | None = strawberry.field(description="Why the invitation's mail could not be delivered.")
    available_actions: list[UserAction] = strawberry.field(
        resolver=_available_actions, description="What you may do with the user now."
    )

    is_type_of = RecordOf(UserRecord)
