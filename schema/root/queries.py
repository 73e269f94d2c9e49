"""The queries."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from db.organizations.queries import OrganizationQuery
from domain.statuses import NumberStatus
from resolvers.numbers import queries as phone_numbers
from resolvers.organizations import queries as organizations
from schema.access.queries import AccessQueries
from schema.core.connections import Connection
from schema.core.enums import STATUS_LABELS
from schema.core.ids import row_id
from schema.core.inputs import given
from schema.core.nodes import Node, context_of
from schema.core.scalars import E164
from schema.mail.queries import MailQueries
from schema.numbers.inputs import PhoneNumberFilter, PhoneNumberOrder
from schema.numbers.types import PhoneNumber, PhoneNumberConnection, number_list, relations
from schema.organizations.series import Series, series_list
from schema.organizations.types import After, First, Organization, organization_list
from schema.reports.queries import ReportQueries
from schema.root import node_lookup
from schema.users.queries import UserQueries


@strawberry.type(description="What a status means, for a tooltip.")
class StatusMeaning:
    """Read off `schema.core.enums.STATUS_LABELS`."""

    status: NumberStatus = strawberry.field(description="The status.")
    label: str = strawberry.field(description="Its heading.")
    description: str = strawberry.field(description="Its meaning.")


async def _node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The id of any object.")],
) -> Any:
    return await node_lookup.find(context_of(info), id, relations=relations(info))


async def _nodes(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="The ids, 500 at most.")],
) -> Any:
    return await node_lookup.find_many(context_of(info), ids, relations=relations(info))


async def _organization(
    info: Info,
    id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="Its id; the one you act from if left out."),
    ] = UNSET,
) -> Any:
    wanted = given(id)
    row = None if wanted is None else row_id(wanted, "Organization")
    return await organizations.find_organization(context_of(info), row)


def _organizations(
    info: Info,
    search: Annotated[
        str | None,
        strawberry.argument(description="Only those whose name holds this text, upper and lower case alike."),
    ] = UNSET,
    include_self: Annotated[
        bool, strawberry.argument(description="Show the organization that you act from, too.")
    ] = True,
    first: First = 50,
    after: After = UNSET,
) -> Any:
    context = context_of(info)
    without = None if include_self else context.actor.acting.id
    listing = OrganizationQuery(within=context.scope, without=without, search=given(search))
    return organization_list(info, listing, first=first, after=given(after))


async def _phone_number(
    info: Info,
    id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = UNSET,
    number: Annotated[
        E164 | None, strawberry.argument(description="The number itself, if the id is not known.")
    ] = UNSET,
) -> Any:
    context = context_of(info)
    if given(id) is not None:
        return await context.loaders.phone_numbers(relations(info)).load(row_id(id or "", "PhoneNumber"))
    return await phone_numbers.find_number(context, given(number) or "", relations=relations(info))


async def _phone_numbers(
    info: Info,
    filter: Annotated[
        PhoneNumberFilter | None, strawberry.argument(description="Which numbers; all if left out.")
    ] = UNSET,
    order_by: Annotated[PhoneNumberOrder | None, strawberry.argument(description="How they are sorted.")] = UNSET,
    first: Annotated[
        int | None,
        strawberry.argument(description="How many from the start, up to 500; 50 if left out."),
    ] = UNSET,
    after: Annotated[str | None, strawberry.argument(description="Start after this cursor.")] = UNSET,
    last: Annotated[int | None, strawberry.argument(description="How many from the end, up to 500.")] = UNSET,
    before: Annotated[str | None, strawberry.argument(description="End before this cursor.")] = UNSET,
) -> Any:
    return await number_list(
        info,
        filter=given(filter),
        order_by=given(order_by),
        first=given(first),
        after=given(after),
        last=given(last),
        before=given(before),
    )


def _series(
    info: Info,
    search: Annotated[
        str | None,
        strawberry.argument(description="Only those whose name holds this text, upper and lower case alike."),
    ] = UNSET,
    first: First = 50,
    after: After = UNSET,
) -> Any:
    return series_list(context_of(info), search=given(search), first=first, after=given(after))


def _status_meanings(info: Info) -> list[StatusMeaning]:
    _ = context_of(info).scope  # raises unless somebody is signed in
    return [
        StatusMeaning(status=status, label=label, description=description)
        for status, (label, description) in STATUS_LABELS.items()
    ]


@strawberry.type(
    description=(
        "Everything that can be read. All of it is inside your scope: the organization that you act from and below."
    )
)
class Query(ReportQueries, MailQueries, AccessQueries, UserQueries):
    """The root of every query."""

    node: Node | None = strawberry.field(resolver=_node, description="An object by its id; null outside your scope.")
    nodes: list[Node | None] = strawberry.field(
        resolver=_nodes,
        description="Objects by their ids, in the same order; null for what is outside your scope.",
    )
    organization: Organization | None = strawberry.field(
        resolver=_organization, description="One organization; null outside your scope."
    )
    organizations: Connection[Organization] = strawberry.field(
        resolver=_organizations, description="All organizations in your scope, by name."
    )
    phone_number: PhoneNumber | None = strawberry.field(
        resolver=_phone_number,
        description="One number, also a retired one; null outside your scope.",
    )
    phone_numbers: PhoneNumberConnection = strawberry.field(
        resolver=_phone_numbers,
        description="The numbers in your scope, searched, sorted and counted.",
    )
    series: Connection[Series] = strawberry.field(
        resolver=_series,
        description="The series, by name: all of them from the root, below it those that have numbers in your scope.",
    )
    status_meanings: list[StatusMeaning] = strawberry.field(
        resolver=_status_meanings,
        description="Every number status with its meaning, for a tooltip.",
    )
