"""Administrators and API keys: who has access, and with which role."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from db.access import pages as administrator_lists
from db.access.api_keys import ApiKeyRecord
from db.access.pages import AdministratorRecord
from domain.access import Role
from domain.users import UserStatus
from execution.records import RecordOf
from resolvers.access import administrators
from resolvers.core.context import Context
from schema.core.connections import BY_NAME, Connection, ConnectionRows, forward
from schema.core.nodes import Node, context_of, id_field

if TYPE_CHECKING:
    from schema.organizations.types import Organization

ORDER = "administrators by name"
_Organization = Annotated["Organization", strawberry.lazy("schema.organizations.types")]


async def _organization(root: strawberry.Parent[Any], info: Info) -> Any:
    return await context_of(info).loaders.organizations.load(root.organization_id)


@strawberry.type(description="A person who may sign in, with a role at an organization and everything below it.")
class Administrator(Node):
    """Read off `db.access.pages.AdministratorRecord`."""

    id: strawberry.ID = id_field("Administrator")
    name: str = strawberry.field(description="The name that histories show.")
    email: str = strawberry.field(description="The mail address to sign in with.")
    role: Role = strawberry.field(description="The role.")
    organization: _Organization = strawberry.field(resolver=_organization, description="Where the role is held.")
    receives_alerts: bool = strawberry.field(
        description="Whether mails about the organization's utilization threshold go to this administrator."
    )
    status: UserStatus = strawberry.field(
        description="ACTIVATED with a password; INVITED while a link to set the first one runs; INVITATION_FAILED when "
        "its mail was refused for good; NOT_INVITED when it has expired. A forgotten-password mail helps then."
    )
    last_sign_in_at: datetime | None = strawberry.field(description="The last sign-in.")

    is_type_of = RecordOf(AdministratorRecord)


@strawberry.type(description="A named secret of a program, with a role at an organization and everything below it.")
class ApiKey(Node):
    """Read off `db.access.api_keys.ApiKeyRecord`."""

    id: strawberry.ID = id_field("ApiKey")
    name: str = strawberry.field(description="The name that histories show.")
    role: Role = strawberry.field(description="The role.")
    organization: _Organization = strawberry.field(resolver=_organization, description="Where the role is held.")
    created_at: datetime = strawberry.field(description="When it was created.")
    expires_at: datetime | None = strawberry.field(description="When it ends by itself; null if never.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, to the minute.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")

    is_type_of = RecordOf(ApiKeyRecord)


def administrator_list(
    context: Context, *, first: int | None, after: str | None, organization_id: int | None = None
) -> Any:
    """A page of the administrators in the scope, or of one organization in it."""
    listed = administrators.listing(context, organization_id=organization_id)
    page = forward(ORDER, BY_NAME, first=first, after=after)
    rows = ConnectionRows(
        partial(administrators.listing_page, context, listed, page),
        partial(administrators.listing_count, context, listed),
        order=ORDER,
        key=administrator_lists.key,
    )
    return Connection[Administrator](rows=rows)
