"""Who has access: the caller, administrators and API keys."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from db.access import pages
from db.access.api_keys import ApiKeyRecord
from db.access.pages import AdministratorRecord
from domain.access import Actor, CallerKind, Role
from domain.users import UserStatus
from execution.records import RecordOf
from resolvers.access import administrators, viewer
from resolvers.core.context import Context
from schema.core.connections import BY_NAME, Connection, ConnectionRows, PageArguments
from schema.core.ids import encode
from schema.core.nodes import Node, context_of, id_field

if TYPE_CHECKING:
    from schema.organizations.types import Organization

ADMINISTRATOR_ORDER = "administrators by name"
_Organization = Annotated["Organization", strawberry.lazy("schema.organizations.types")]


async def _organization(root: strawberry.Parent[Any], info: Info) -> Any:
    return await context_of(info).loaders.organizations.load(root.organization_id)


@strawberry.type(
    description="A person who can sign in, with a role at an organization and all of its sub-organizations."
)
class Administrator(Node):
    """Resolved from `db.access.pages.AdministratorRecord`."""

    id: strawberry.ID = id_field("Administrator")
    name: str = strawberry.field(description="The name shown in histories.")
    email: str = strawberry.field(description="The email address to sign in with.")
    role: Role = strawberry.field(description="The administrator's role.")
    organization: _Organization = strawberry.field(
        resolver=_organization, description="The organization where the role is held."
    )
    receives_alerts: bool = strawberry.field(
        description="Whether the administrator gets a mail when the organization's utilization reaches its threshold."
    )
    status: UserStatus = strawberry.field(
        description="ACTIVATED: a password is set. INVITED: the link to set the first password is still valid. "
        "INVITATION_FAILED: the invitation mail could not be delivered. NOT_INVITED: the link has expired; a password "
        "reset sends a new one."
    )
    last_sign_in_at: datetime | None = strawberry.field(
        description="When the administrator last signed in; null if never."
    )

    is_type_of = RecordOf(AdministratorRecord)


@strawberry.type(
    description="A secret that a program authenticates with. It has a role at an organization and all of its "
    "sub-organizations."
)
class ApiKey(Node):
    """Resolved from `db.access.api_keys.ApiKeyRecord`."""

    id: strawberry.ID = id_field("ApiKey")
    name: str = strawberry.field(description="The name shown in histories.")
    role: Role = strawberry.field(description="The key's role.")
    organization: _Organization = strawberry.field(
        resolver=_organization, description="The organization where the role is held."
    )
    created_at: datetime = strawberry.field(description="When the key was created.")
    expires_at: datetime | None = strawberry.field(description="When the key expires; null if never.")
    last_used_at: datetime | None = strawberry.field(
        description="When the key was last used, to the minute; null if never."
    )
    revoked_at: datetime | None = strawberry.field(description="When the key was revoked; null if it was not.")

    is_type_of = RecordOf(ApiKeyRecord)


def _viewer_id(root: strawberry.Parent[Actor]) -> strawberry.ID:
    return encode("ApiKeyViewer" if root.kind is CallerKind.API_KEY else "Viewer", root.id)


async def _home(root: strawberry.Parent[Actor], info: Info) -> Any:
    return await viewer.organization(context_of(info), root.home)


async def _acting(root: strawberry.Parent[Actor], info: Info) -> Any:
    return await viewer.organization(context_of(info), root.acting)


@strawberry.type(description="The caller: the administrator or the API key that the request is authenticated as.")
class Viewer(Node):
    """Resolved from `domain.access.Actor`."""

    id: strawberry.ID = strawberry.field(resolver=_viewer_id, description="An opaque id, unique among all objects.")
    name: str = strawberry.field(description="Your name, or that of the API key.")
    email: str | None = strawberry.field(description="Your email address; null for an API key.")
    role: Role = strawberry.field(description="Your role at your home organization and all of its sub-organizations.")
    home_organization: _Organization = strawberry.field(
        resolver=_home, description="The organization where you hold your role."
    )
    acting_organization: _Organization = strawberry.field(
        resolver=_acting,
        description="The organization that you act from, at the top of your scope: the one in the request header "
        "`Dialtree-Organization`, or your home organization.",
    )

    is_type_of = RecordOf(Actor)


def administrator_list(context: Context, arguments: PageArguments, *, organization_id: int | None = None) -> Any:
    """A page of the administrators in scope, or of one organization in it."""
    query = administrators.administrator_query(context, organization_id=organization_id)
    page = arguments.page(ADMINISTRATOR_ORDER, BY_NAME)
    rows = ConnectionRows(
        partial(administrators.administrator_page, context, query, page),
        partial(administrators.administrator_count, context, query),
        order=ADMINISTRATOR_ORDER,
        key=pages.key,
    )
    return Connection[Administrator](rows=rows)
