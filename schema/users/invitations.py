"""What the token of an invitation shows: values only, so that whoever holds one can't walk the tree from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from db.users.invitations import OfferedNumber as Offered
from domain.errors import Expired, NotFound
from domain.numbers import national_format
from resolvers.core.context import Context
from resolvers.users import acceptance as on_boarding
from schema.core.ids import encode
from schema.core.scalars import E164


def _number_id(root: strawberry.Parent[Offered]) -> strawberry.ID:
    return encode("PhoneNumber", root.id)


def _national_format(root: strawberry.Parent[Offered]) -> str:
    return national_format(root.number)


@strawberry.type(description="A number that an invited user can pick. It is readable through the token alone.")
class OfferedNumber:
    """Read off `db.users.invitations.OfferedNumber`."""

    number_id: strawberry.ID = strawberry.field(resolver=_number_id, description="What `acceptInvitation` takes.")
    number: E164 = strawberry.field(description="The number in E.164 form.")
    national_format: str = strawberry.field(
        resolver=_national_format, description="The number as people of its country write it: `(418) 898-4760`."
    )


@strawberry.type(description="What an invitation offers to whoever holds its token.")
class InvitationOffer:
    """Read off `resolvers.users.acceptance.Offer`."""

    first_name: str = strawberry.field(description="First name of who is invited.")
    last_name: str = strawberry.field(description="Last name of who is invited.")
    email: str = strawberry.field(description="The address that the invitation went to.")
    organization_name: str = strawberry.field(description="Who invites.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")
    number: E164 | None = strawberry.field(description="The number that it carries; null where one has to be picked.")
    offered_numbers: list[OfferedNumber] = strawberry.field(
        description="Where it carries none: a few available numbers to pick from."
    )


async def find_offer(context: Context, token: str) -> Any:
    """What a token offers; None for one that leads nowhere, was used or has expired."""
    try:
        return await on_boarding.find_offer(context, token)
    except (NotFound, Expired):
        return None
