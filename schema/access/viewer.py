"""The caller himself."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from domain.access import Actor, CallerKind, Role
from execution.records import RecordOf
from resolvers.access import viewer
from schema.core.ids import encode
from schema.core.nodes import Node, context_of
from schema.organizations.types import Organization


def _id(root: strawberry.Parent[Actor]) -> strawberry.ID:
    return encode("ApiKeyViewer" if root.kind is CallerKind.API_KEY else "Viewer", root.id)


async def _home(root: strawberry.Parent[Actor], info: Info) -> Any:
    return await viewer.organization(context_of(info), root.home)


async def _acting(root: strawberry.Parent[Actor], info: Info) -> Any:
    return await viewer.organization(context_of(info), root.acting)


@strawberry.type(description="You: whom the token or the key of this request belongs to.")
class Viewer(Node):
    """Read off `domain.access.Actor`."""

    id: strawberry.ID = strawberry.field(resolver=_id, description="An opaque id, unique among all objects.")
    name: str = strawberry.field(description="Your name, or that of the API key.")
    email: str | None = strawberry.field(description="Your mail address; null for an API key.")
    role: Role = strawberry.field(description="Your role at your home organization and everything below it.")
    home_organization: Organization = strawberry.field(
        resolver=_home, description="The organization where you have your role."
    )
    acting_organization: Organization = strawberry.field(
        resolver=_acting,
        description="The organization that you act from, and the top of your scope: your home, "
        "or the one that the header `Dialtree-Organization` names.",
    )

    is_type_of = RecordOf(Actor)
