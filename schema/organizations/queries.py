"""Root fields that read organizations and series."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from db.organizations.queries import OrganizationQuery
from resolvers.organizations import queries
from schema.core.arguments import After, Before, First, Last, Search, described
from schema.core.connections import Connection, PageArguments
from schema.core.ids import row_id
from schema.core.inputs import given
from schema.core.nodes import context_of
from schema.organizations.types import Organization, Series, organization_list, series_list


async def _organization(
    info: Info,
    id: Annotated[strawberry.ID | None, described("Its id; by default the organization that you act from.")] = UNSET,
) -> Any:
    wanted = given(id)
    organization_id = None if wanted is None else row_id(wanted, "Organization")
    return await queries.find_organization(context_of(info), organization_id)


def _organizations(
    info: Info,
    search: Search = UNSET,
    include_self: Annotated[bool, described("Whether to include the organization that you act from.")] = True,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    context = context_of(info)
    without = None if include_self else context.actor.acting.id
    query = OrganizationQuery(within=context.scope, without=without, search=given(search))
    return organization_list(info, query, PageArguments(first, after, last, before))


def _series(
    info: Info,
    search: Search = UNSET,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return series_list(context_of(info), PageArguments(first, after, last, before), search=given(search))


@strawberry.type
class OrganizationQueries:
    """The queries of organizations and series."""

    organization: Organization | None = strawberry.field(
        resolver=_organization, description="One organization; null if it is outside your scope."
    )
    organizations: Connection[Organization] = strawberry.field(
        resolver=_organizations, description="All organizations in your scope, by name."
    )
    series: Connection[Series] = strawberry.field(
        resolver=_series,
        description="The series, by name. If you act from the root, all of them; otherwise those with numbers in your "
        "scope.",
    )
