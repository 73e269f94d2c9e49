"""Organizations and series, and lists of them."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from db.history import queries as history_rows
from db.organizations.queries import OrganizationName, OrganizationQuery, OrganizationRecord
from db.organizations.queries import key as organization_key
from db.organizations.series import SeriesName, SeriesRecord
from db.organizations.series import key as series_key
from domain.organizations import OrganizationAction
from execution.declarations import STATEMENT_COST, at_most, costs_extra
from execution.lookahead import asks_for, look_ahead
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.mail import supplier
from resolvers.organizations import queries, series
from resolvers.usage import queries as dashboards
from schema.access.types import Administrator, administrator_list
from schema.core.arguments import After, Before, First, Last, Search, described
from schema.core.connections import BY_ID, BY_NAME, Connection, ConnectionRows, PageArguments
from schema.core.inputs import given
from schema.core.nodes import Node, context_of, id_field
from schema.history.types import Operation
from schema.mail.types import SupplierContact
from schema.usage.types import Dashboard
from schema.users.types import User, UserFilterArgument, UserOrderArgument, user_list
from schema.utilization.types import SeriesInventory, Utilization

ORGANIZATION_ORDER = "organizations by name"
SERIES_ORDER = "series by name"
ACTIVITY_ORDER = "activity"

PATH_COST = 20
"""A path takes as long to put together as 20 scalars."""

HoldingNumbers = Annotated[
    bool | None,
    described("True: only organizations that hold numbers themselves. False: only organizations that hold none."),
]


def _context_in_scope(root: OrganizationRecord, info: Info) -> Context:
    """Return the request. Raises an error for an organization above the scope, of which only the name is visible."""
    context = context_of(info)
    queries.require_in_scope(context, root)
    return context


async def _parent(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return None if root.parent_id is None else await context_of(info).loaders.organizations.load(root.parent_id)


async def _ancestors(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return await queries.ancestors(context_of(info), root)


async def _region(root: strawberry.Parent[OrganizationRecord], info: Info) -> str:
    return await queries.region(_context_in_scope(root, info), root)


async def _path(root: strawberry.Parent[OrganizationRecord], info: Info) -> str:
    return await queries.written_path(context_of(info), root)


async def _child_count(root: strawberry.Parent[OrganizationRecord], info: Info) -> int:
    return await queries.child_count(_context_in_scope(root, info), root)


def _children(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    search: Search = UNSET,
    holding_numbers: HoldingNumbers = UNSET,
) -> Any:
    _context_in_scope(root, info)
    query = OrganizationQuery(
        within=root.path, children_of=root.id, search=given(search), holding=given(holding_numbers)
    )
    return organization_list(info, query, PageArguments(first, after, last, before))


def _descendants(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    search: Search = UNSET,
    holding_numbers: HoldingNumbers = UNSET,
) -> Any:
    _context_in_scope(root, info)
    query = OrganizationQuery(within=root.path, without=root.id, search=given(search), holding=given(holding_numbers))
    return organization_list(info, query, PageArguments(first, after, last, before))


def _utilization(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return root.counters or _context_in_scope(root, info).loaders.utilization.load(root.id)


def _dashboard(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return dashboards.dashboard(_context_in_scope(root, info), root)


async def _inventory(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return await queries.inventory(_context_in_scope(root, info), root.id)


async def _supplier_contact(root: strawberry.Parent[OrganizationRecord], info: Info) -> Any:
    return await supplier.supplier_contact(_context_in_scope(root, info))


async def _users(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    filter: UserFilterArgument = UNSET,
    order_by: UserOrderArgument = UNSET,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return await user_list(
        _context_in_scope(root, info),
        PageArguments(first, after, last, before),
        filter=given(filter),
        order_by=given(order_by),
        organization=root,
    )


def _administrators(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    arguments = PageArguments(first, after, last, before)
    return administrator_list(_context_in_scope(root, info), arguments, organization_id=root.id)


async def _available_actions(root: strawberry.Parent[OrganizationRecord], info: Info) -> list[OrganizationAction]:
    return await queries.organization_actions(_context_in_scope(root, info), root)


def _activity(
    root: strawberry.Parent[OrganizationRecord],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    context = _context_in_scope(root, info)
    page = PageArguments(first, after, last, before).page(ACTIVITY_ORDER, BY_ID)
    rows = ConnectionRows(
        partial(queries.activity_page, context, root.id, page),
        partial(queries.activity_count, context, root.id),
        order=ACTIVITY_ORDER,
        key=history_rows.operation_key,
    )
    return Connection[Operation](rows=rows)


@strawberry.type(description="A block of numbers, by country or area code. Every number belongs to one series.")
class Series(Node):
    """Resolved from `db.organizations.series.SeriesRecord`."""

    id: strawberry.ID = id_field("Series")
    name: str = strawberry.field(description="Its name, such as `+1 418`, unique within the root organization.")
    region: str | None = strawberry.field(description="The country or area that it covers.")

    is_type_of = RecordOf(SeriesRecord, SeriesName)


_Organization = Annotated["Organization", strawberry.lazy("schema.organizations.types")]


@strawberry.type(description="An organization in the tree. Every number is held by exactly one organization.")
class Organization(Node):
    """Resolved from `db.organizations.queries.OrganizationRecord`."""

    id: strawberry.ID = id_field("Organization")
    name: str = strawberry.field(description="Its name, unique among the children of its parent.")
    parent: _Organization | None = strawberry.field(
        resolver=_parent, description="The organization directly above it; null at the top of your scope."
    )
    ancestors: list[_Organization] = strawberry.field(
        resolver=_ancestors,
        description="The organizations above it in your scope, topmost first, for example for breadcrumbs.",
        metadata=at_most(10, extra_cost=STATEMENT_COST),
    )
    path: str = strawberry.field(
        resolver=_path,
        description="The names from the organization that you act from down to it, joined by `/`, as in the reports: "
        "`Bank/Sales`. A slash inside a name is written `\\/`.",
        metadata=costs_extra(PATH_COST),
    )
    child_count: int = strawberry.field(
        resolver=_child_count,
        description="How many organizations are directly below it. If it is 0, a tree view needs no expand arrow.",
    )
    children: Connection[_Organization] = strawberry.field(
        resolver=_children, description="The organizations directly below it, by name."
    )
    descendants: Connection[_Organization] = strawberry.field(
        resolver=_descendants, description="All its sub-organizations at every level, by name."
    )
    time_zone: str = strawberry.field(description="The IANA time zone in which its calendar months are counted.")
    region: str = strawberry.field(
        resolver=_region,
        description="The region in which national numbers are read, such as `US`: its own, or that of the nearest "
        "organization above it.",
    )
    utilization: Utilization = strawberry.field(
        resolver=_utilization, description="How many numbers it uses and how many it has left."
    )
    inventory: list[SeriesInventory] = strawberry.field(
        resolver=_inventory,
        description="Its figures by series, ordered by the series' names. Series without numbers at or below it are "
        "left out.",
        metadata=at_most(100),
    )
    dashboard: Dashboard = strawberry.field(
        resolver=_dashboard, description="Its users and usage, including its sub-organizations."
    )
    supplier_contact: SupplierContact = strawberry.field(
        resolver=_supplier_contact,
        description="How to ask for more numbers, for a dialog.",
        metadata=costs_extra(STATEMENT_COST),
    )
    users: Connection[User] = strawberry.field(resolver=_users, description="Its own users, filtered and sorted.")
    administrators: Connection[Administrator] | None = strawberry.field(
        resolver=_administrators,
        description="Its own administrators, by name. Null, with an error, if your role may not manage them.",
    )
    available_actions: list[OrganizationAction] = strawberry.field(
        resolver=_available_actions,
        description="What you may do with it now; build its menu from this.",
        metadata=at_most(10),
    )
    activity: Connection[Operation] = strawberry.field(
        resolver=_activity, description="The operations that affected it, newest first."
    )

    is_type_of = RecordOf(OrganizationRecord, OrganizationName)


def organization_list(info: Info, query: OrganizationQuery, arguments: PageArguments) -> Any:
    """Return a page of organizations by name."""
    context = context_of(info)
    counters = look_ahead(info, asks_for, "nodes.utilization", "edges.node.utilization")
    page = arguments.page(ORGANIZATION_ORDER, BY_NAME)
    rows = ConnectionRows(
        partial(queries.organization_page, context, query, page, counters=counters),
        partial(queries.organization_count, context, query),
        order=ORGANIZATION_ORDER,
        key=organization_key,
    )
    return Connection[Organization](rows=rows)


def series_list(context: Context, arguments: PageArguments, *, search: str | None) -> Any:
    """Return a page of the series that the caller can see."""
    page = arguments.page(SERIES_ORDER, BY_NAME)
    visible = series.visible_series(context, search=search)
    rows = ConnectionRows(
        partial(series.series_page, context, visible, page),
        partial(series.series_count, context, visible),
        order=SERIES_ORDER,
        key=series_key,
    )
    return Connection[Series](rows=rows)
