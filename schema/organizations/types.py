"""Organization and the tree around it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from db.core.keyset import SortKey
from db.organizations import queries as organization_rows
from db.organizations.queries import OrganizationName, OrganizationQuery, OrganizationRecord
from domain.organizations import OrganizationAction
from execution.lookahead import asks_for, look_ahead
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.mail import supplier
from resolvers.organizations import queries as organizations
from resolvers.usage import queries as dashboards
from schema.access.types import Administrator, administrator_list
from schema.core.connections import BY_ID, BY_NAME, Connection, ConnectionRows, forward
from schema.core.inputs import given
from schema.core.nodes import Node, context_of, id_field
from schema.history.types import Operation
from schema.mail.types import SupplierContact
from schema.usage.types import Dashboard
from schema.users.types import User, UserFilterArgument, UserOrderArgument, user_list
from schema.utilization.types import SeriesInventory, Utilization

ORDER = "organizations by name"
ACTIVITY = "activity"

First = Annotated[int | None, strawberry.argument(description="How many rows, up to 500.")]
After = Annotated[str | None, strawberry.argument(description="Start after this cursor.")]
Search = Annotated[
    str | None,
    strawberry.argument(description="Only those whose name holds this text, upper and lower case alike."),
]
Holding = Annotated[
    bool | None,
    strawberry.argument(description="True: only those that hold numbers. False: only those that hold none."),
]


def _seen(root: OrganizationRecord, info: Info) -> Context:
    """The request, for whom may see more of an organization than its name: that in his scope."""
    context = context_of(info)
    organizations.require_in_scope(context, root)
    return context


async def _parent(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return None if root.parent_id is None else await context_of(info).loaders.organizations.load(root.parent_id)


async def _ancestors(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return await organizations.ancestors(context_of(info), root)


async def _child_count(root: strawberry.Parent[OrganizationRecord], info: Info) -> int:
    return await organizations.child_count(_seen(root, info), root)


def _children(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    first: First = 50,
    after: After = UNSET,
    search: Search = UNSET,
    holding_numbers: Holding = UNSET,
) -> Any:
    _seen(root, info)
    listing = OrganizationQuery(
        within=root.path, children_of=root.id, search=given(search), holding=given(holding_numbers)
    )
    return organization_list(info, listing, first=first, after=given(after))


def _descendants(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    first: First = 50,
    after: After = UNSET,
    search: Search = UNSET,
    holding_numbers: Holding = UNSET,
) -> Any:
    _seen(root, info)
    listing = OrganizationQuery(within=root.path, without=root.id, search=given(search), holding=given(holding_numbers))
    return organization_list(info, listing, first=first, after=given(after))


def _utilization(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return root.counters or _seen(root, info).loaders.utilization.load(root.id)


def _dashboard(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return dashboards.dashboard(_seen(root, info), root)


async def _inventory(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return await organizations.inventory(_seen(root, info), root.id)


async def _supplier_contact(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return await supplier.supplier_contact(_seen(root, info))


async def _users(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    filter: UserFilterArgument = UNSET,
    order_by: UserOrderArgument = UNSET,
    first: First = 50,
    after: After = UNSET,
) -> Any:
    return await user_list(
        _seen(root, info),
        filter=given(filter),
        order_by=given(order_by),
        first=first,
        after=given(after),
        organization=root,
    )


def _administrators(
    root: strawberry.Parent[OrganizationRecord], info: Info, first: First = 50, after: After = UNSET
) -> Any:
    return administrator_list(_seen(root, info), first=first, after=given(after), organization_id=root.id)


async def _available_actions(root: strawberry.Parent[OrganizationRecord], info: Info) -> list[OrganizationAction]:
    return await organizations.organization_actions(_seen(root, info), root)


def _activity(root: strawberry.Parent[OrganizationRecord], info: Info, first: First = 50, after: After = UNSET) -> Any:
    context = _seen(root, info)
    page = forward(ACTIVITY, BY_ID, first=first, after=given(after))
    rows = ConnectionRows(
        partial(organizations.activity_page, context, root.id, page),
        partial(organizations.activity_count, context, root.id),
        order=ACTIVITY,
        key=lambda operation: SortKey(None, operation.id),
    )
    return Connection[Operation](rows=rows)


@strawberry.type(description="A node of the tree; every number is held by exactly one.")
class Organization(Node):
    """Read off `db.organizations.queries.OrganizationRecord`."""

    id: strawberry.ID = id_field("Organization")
    name: str = strawberry.field(description="Its name, unique among its siblings.")
    parent: Annotated[Organization, strawberry.lazy("schema.organizations.types")] | None = strawberry.field(
        resolver=_parent,
        description="The organization directly above it; null at the top of your scope.",
    )
    ancestors: list[Annotated[Organization, strawberry.lazy("schema.organizations.types")]] = strawberry.field(
        resolver=_ancestors,
        description="The organizations above it in your scope, from the top down: a breadcrumb.",
    )
    child_count: int = strawberry.field(
        resolver=_child_count,
        description="How many organizations are directly below it; 0 needs no expand arrow.",
    )
    children: Connection[Annotated[Organization, strawberry.lazy("schema.organizations.types")]] = strawberry.field(
        resolver=_children, description="The organizations directly below it, by name."
    )
    descendants: Connection[Annotated[Organization, strawberry.lazy("schema.organizations.types")]] = strawberry.field(
        resolver=_descendants, description="All organizations below it, by name."
    )
    time_zone: str = strawberry.field(description="The IANA time zone of its calendar months.")
    utilization: Utilization = strawberry.field(
        resolver=_utilization, description="How many numbers it uses and has left."
    )
    inventory: list[SeriesInventory] = strawberry.field(
        resolver=_inventory,
        description="The same figures for each series that has numbers at it or below it, by name.",
    )
    dashboard: Dashboard = strawberry.field(
        resolver=_dashboard, description="Its users and its usage, everything below it included."
    )
    supplier_contact: SupplierContact = strawberry.field(
        resolver=_supplier_contact, description="Whom to ask for more numbers, for a popup."
    )
    users: Connection[User] = strawberry.field(resolver=_users, description="Its own users, searched and sorted.")
    administrators: Connection[Administrator] | None = strawberry.field(
        resolver=_administrators,
        description="Its own administrators, by name; null, with an error, for a role that may not manage them.",
    )
    available_actions: list[OrganizationAction] = strawberry.field(
        resolver=_available_actions,
        description="What you may do with it now; build its menu from this.",
    )
    activity: Connection[Operation] = strawberry.field(
        resolver=_activity, description="The operations that touched it, newest first."
    )

    is_type_of = RecordOf(OrganizationRecord, OrganizationName)


def organization_list(info: Info, listing: OrganizationQuery, *, first: int | None, after: str | None) -> Any:
    """A page of organizations in the order of names."""
    context = context_of(info)
    counters = look_ahead(info, asks_for, "nodes.utilization", "edges.node.utilization")
    page = forward(ORDER, BY_NAME, first=first, after=after)
    rows = ConnectionRows(
        partial(organizations.organization_page, context, listing, page, counters=counters),
        partial(organizations.organization_count, context, listing),
        order=ORDER,
        key=organization_rows.key,
    )
    return Connection[Organization](rows=rows)
