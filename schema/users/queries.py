"""Root fields that read users and invitations."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from domain.errors import Expired, NotFound
from execution.declarations import PUBLIC
from resolvers.users import acceptance
from schema.core.arguments import After, Before, First, Last, described
from schema.core.connections import Connection, PageArguments
from schema.core.inputs import given
from schema.core.nodes import context_of
from schema.users.types import InvitationOffer, User, UserFilterArgument, UserOrderArgument, user_list


async def _users(
    info: Info,
    filter: UserFilterArgument = UNSET,
    order_by: UserOrderArgument = UNSET,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return await user_list(
        context_of(info), PageArguments(first, after, last, before), filter=given(filter), order_by=given(order_by)
    )


async def _invitation(info: Info, token: Annotated[str, described("The token from the link in the mail.")]) -> Any:
    try:
        return await acceptance.find_offer(context_of(info), token)
    except (NotFound, Expired):
        return None


@strawberry.type
class UserQueries:
    """The queries of users."""

    users: Connection[User] = strawberry.field(
        resolver=_users, description="The users in your scope, filtered and sorted."
    )
    invitation: InvitationOffer | None = strawberry.field(
        resolver=_invitation,
        description="The invitation that a token belongs to; null if the link was used, cancelled or replaced, or has "
        "expired. Needs no other authentication.",
        metadata=PUBLIC,
    )
