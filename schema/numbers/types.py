"""Numbers, and lists of them."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from db.history.queries import EventsOf
from db.numbers.queries import NumberRecord
from db.numbers.relations import Relation, Relations
from db.numbers.search import Facet, SearchParts
from db.numbers.search_statements import KEY_TYPES
from domain.numbers import national_format
from domain.search import NumberFilter
from domain.statuses import NumberAction, NumberStatus
from execution.costs import OBJECT_COST
from execution.declarations import STATEMENT_COST, at_most, costs_extra, sized_by
from execution.lookahead import SelectedFields, asks_for, fields_at, look_ahead
from execution.records import RecordOf
from resolvers.core import change_cursors
from resolvers.numbers import queries as phone_numbers
from schema.core.arguments import After, Before, First, Last
from schema.core.connections import Connection, LoadedRows, PageArguments
from schema.core.inputs import decode, decode_large
from schema.core.nodes import Node, context_of, id_field
from schema.core.scalars import E164
from schema.history.types import NumberEvent, events
from schema.numbers.facets import (
    OrganizationCount,
    SeriesCount,
    StatusCount,
    organization_counts,
    series_counts,
    status_counts,
)
from schema.numbers.inputs import PhoneNumberFilter, PhoneNumberOrder
from schema.organizations.types import Organization, Series
from schema.users.types import User

FORMAT_COST = 75
"""phonenumbers takes as long to format a number as 75 scalars take."""


def _national_format(root: strawberry.Parent[NumberRecord]) -> str:
    return national_format(root.number)


def _series(root: strawberry.Parent[NumberRecord], info: Info) -> Any:
    return root.series or context_of(info).loaders.series.load(root.series_id)


def _organization(root: strawberry.Parent[NumberRecord], info: Info) -> Any:
    return root.organization or context_of(info).loaders.organizations.load(root.organization_id)


def _user(root: strawberry.Parent[NumberRecord], info: Info) -> Any:
    if root.user_id is None:
        return None
    return root.user or context_of(info).loaders.users.load(root.user_id)


def _available_actions(root: strawberry.Parent[NumberRecord], info: Info) -> list[NumberAction]:
    return phone_numbers.number_actions(context_of(info), root)


def _history(
    root: strawberry.Parent[NumberRecord],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return events(context_of(info), EventsOf(phone_number_id=root.id), PageArguments(first, after, last, before))


@strawberry.type(
    description="A telephone number. It is unique below a root organization and held by exactly one organization."
)
class PhoneNumber(Node):
    """Resolved from `db.numbers.queries.NumberRecord`."""

    id: strawberry.ID = id_field("PhoneNumber")
    number: E164 = strawberry.field(description="The number in E.164 form.")
    national_format: str = strawberry.field(
        resolver=_national_format,
        description="The number in the national format of its country: `(418) 898-4760`.",
        metadata=costs_extra(FORMAT_COST),
    )
    series: Series = strawberry.field(resolver=_series, description="The series that it belongs to.")
    organization: Organization = strawberry.field(
        resolver=_organization,
        description="The organization that holds it, or that last held it if it is retired.",
    )
    status: NumberStatus = strawberry.field(description="Its status.")
    reserved_tag: str | None = strawberry.field(description="What it is reserved for; null unless it is RESERVED.")
    forwarding_number: E164 | None = strawberry.field(
        description="The number that its calls are forwarded to, if any. Forwarding is set when a user is deleted."
    )
    user: User | None = strawberry.field(
        resolver=_user, description="The user who has it or is invited to use it; null if there is none."
    )
    available_actions: list[NumberAction] = strawberry.field(
        resolver=_available_actions,
        description="What you may do with it now; build its menu from this.",
        metadata=at_most(10),
    )
    retired_at: datetime | None = strawberry.field(
        description="When it was removed from the inventory; null if it was not."
    )
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    history: Connection[NumberEvent] = strawberry.field(
        resolver=_history,
        description="The events of the number that are visible in your scope, newest first.",
    )

    is_type_of = RecordOf(NumberRecord)


@strawberry.type(description="The meaning of a number status, for a tooltip.")
class StatusMeaning:
    """Resolved from `schema.core.enums.STATUS_LABELS`."""

    status: NumberStatus = strawberry.field(description="The status.")
    label: str = strawberry.field(description="Its title.")
    description: str = strawberry.field(description="What it means.")


def _changes_cursor(root: strawberry.Parent[Any]) -> str:
    cursor: str = root.read_at
    return cursor


@strawberry.type(description="A page of numbers, with counts over the whole list.")
class PhoneNumberConnection(Connection[PhoneNumber]):
    """A connection with facets."""

    facets: strawberry.Private[list[Facet] | None]
    read_at: strawberry.Private[str | None]
    searched: strawberry.Private[NumberFilter]
    status_counts: list[StatusCount] = strawberry.field(
        resolver=status_counts,
        description="How many numbers of the list have each of the four statuses.",
        metadata=at_most(5),
    )
    series_counts: list[SeriesCount] = strawberry.field(
        resolver=series_counts,
        description="How many numbers of the list are in each series, by name. Series without any are left out.",
        metadata=at_most(100),
    )
    organization_counts: list[OrganizationCount] = strawberry.field(
        resolver=organization_counts,
        description="How many numbers of the list each organization holds, the largest counts first. Counted "
        "only if you select it.",
        metadata=sized_by("first", row_cost=OBJECT_COST),
    )
    changes_cursor: str = strawberry.field(
        resolver=_changes_cursor,
        description="The state of the list as a cursor: subscribe to `phoneNumbersChanged` with the same filter and "
        "this as `after`, and no change since is missed.",
        metadata=costs_extra(STATEMENT_COST),
    )


_RELATIONS = (
    ("series", Relation.SERIES, Relation.SERIES_NAME),
    ("organization", Relation.ORGANIZATION, Relation.ORGANIZATION_NAME),
    ("user", Relation.USER, Relation.USER),
)
_NAME_FIELDS = {"id", "name", "__typename"}
_FIELDS_WITHOUT_TIMESTAMPS = {
    *("__typename", "id", "number", "nationalFormat", "status", "reservedTag", "forwardingNumber"),
    *("series", "organization", "user"),
}


def relations(info: Info, *paths: str) -> Relations:
    """Return what to read together with the numbers at these paths below the field, by the operation's selection."""
    return look_ahead(info, _relations, *(paths or ("",)))


def _relations(tree: SelectedFields, *paths: str) -> Relations:
    selected = frozenset(tree) if paths == ("",) else fields_at(tree, *(path.rstrip(".") for path in paths))
    found = set() if selected - _FIELDS_WITHOUT_TIMESTAMPS else {Relation.WITHOUT_TIMESTAMPS}
    for field, whole, name in _RELATIONS:
        selected = fields_at(tree, *(f"{path}{field}" for path in paths))
        if selected:
            found.add(name if selected <= _NAME_FIELDS else whole)
    return frozenset(found)


def _search_parts(tree: SelectedFields) -> SearchParts:
    """Return the parts of a search that the selection below a connection needs."""
    has_rows = asks_for(tree, "nodes", "edges", "pageInfo")
    return SearchParts(
        rows=_relations(tree, "nodes.", "edges.node.") if has_rows else None,
        total=asks_for(tree, "totalCount"),
        facets=asks_for(tree, "statusCounts", "seriesCounts"),
    )


async def number_list(
    info: Info, arguments: PageArguments, *, filter: PhoneNumberFilter | None, order_by: PhoneNumberOrder | None
) -> PhoneNumberConnection:
    """Search, and read what the operation selects."""
    order = decode(order_by or PhoneNumberOrder())
    name = f"{order.field.value} {order.direction.value}"
    page = arguments.page(name, (KEY_TYPES[order.field], str))
    # Before the rows are read: what is committed in between is then told, too.
    read_at = await change_cursors.present(context_of(info)) if look_ahead(info, asks_for, "changesCursor") else None
    searched, found = await phone_numbers.search_numbers(
        context_of(info),
        await decode_large(filter or PhoneNumberFilter()),
        order=order,
        page=page,
        parts=look_ahead(info, _search_parts),
    )
    rows = LoadedRows(found.page, found.total, order=name, key=attrgetter("key"))
    return PhoneNumberConnection(rows=rows, facets=found.facets, read_at=read_at, searched=searched)
