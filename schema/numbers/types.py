"""PhoneNumber and the list of numbers."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from db.core.keyset import Page, check_size, decode
from db.history.queries import EventsOf
from db.numbers.page_statements import KEY_TYPES
from db.numbers.pages import counts_along
from db.numbers.queries import NumberRecord
from db.numbers.relations import Relation, Relations
from domain.errors import InvalidInput
from domain.numbers import national_format
from domain.search import NumberFilter, Order
from domain.statuses import NumberAction, NumberStatus
from execution.lookahead import SelectedFields, asks_for, fields_at, look_ahead
from execution.records import RecordOf
from resolvers.numbers import queries as phone_numbers
from schema.core.connections import Connection, ConnectionRows
from schema.core.inputs import PhoneNumberFilter, PhoneNumberOrder, given
from schema.core.nodes import Node, context_of, id_field
from schema.core.scalars import E164
from schema.history.types import NumberEvent, events
from schema.organizations.series import Series
from schema.organizations.types import Organization
from schema.users.types import User


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
    first: Annotated[int | None, strawberry.argument(description="How many rows, up to 500.")] = 50,
    after: Annotated[str | None, strawberry.argument(description="Start after this cursor.")] = UNSET,
) -> Any:
    return events(context_of(info), EventsOf(phone_number_id=root.id), first=first, after=given(after))


@strawberry.type(description="A telephone number, unique in the deployment and held by exactly one organization.")
class PhoneNumber(Node):
    """Read off `db.numbers.queries.NumberRecord`."""

    id: strawberry.ID = id_field("PhoneNumber")
    number: E164 = strawberry.field(description="The number in E.164 form.")
    national_format: str = strawberry.field(
        resolver=_national_format,
        description="The number as people of its country write it: `(418) 898-4760`.",
    )
    series: Series = strawberry.field(resolver=_series, description="The series that it belongs to.")
    organization: Organization = strawberry.field(
        resolver=_organization,
        description="The organization that holds it; for a retired number, that held it last.",
    )
    status: NumberStatus = strawberry.field(description="Where it stands in its life.")
    reserved_tag: str | None = strawberry.field(description="What it is put aside for, if it is RESERVED.")
    forwarding_number: E164 | None = strawberry.field(
        description="Where its calls go, if it was reserved with a forwarding number when its user was deleted."
    )
    user: User | None = strawberry.field(resolver=_user, description="Who has it, or was invited onto it.")
    available_actions: list[NumberAction] = strawberry.field(
        resolver=_available_actions,
        description="What you may do with it now; build its menu from this.",
    )
    retired_at: datetime | None = strawberry.field(
        description="When it was taken out of the inventory; null while it is in it."
    )
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    history: Connection[NumberEvent] = strawberry.field(
        resolver=_history,
        description="Everything that happened to it and that your scope shows, newest first.",
    )

    is_type_of = RecordOf(NumberRecord)


@strawberry.type(description="How many numbers of a list are in one status.")
class StatusCount:
    """A facet."""

    status: NumberStatus = strawberry.field(description="The status.")
    count: int = strawberry.field(description="How many numbers of the list are in it.")


@strawberry.type(description="How many numbers of a list are in one series.")
class SeriesCount:
    """A facet."""

    series: Series = strawberry.field(description="The series.")
    count: int = strawberry.field(description="How many numbers of the list are in it.")


async def _status_counts(root: strawberry.Parent[Any], info: Info) -> list[StatusCount]:
    counts = await phone_numbers.status_counts(context_of(info), root.filter)
    return [StatusCount(status=status, count=count) for status, count in counts.items()]


async def _series_counts(root: strawberry.Parent[Any], info: Info) -> list[SeriesCount]:
    context = context_of(info)
    counts = await phone_numbers.series_counts(context, root.filter)
    known = [record for record in await context.loaders.series.load_many(list(counts)) if record is not None]
    known.sort(key=lambda record: (record.name_folded, record.id))
    return [SeriesCount(series=record, count=counts[record.id]) for record in known]  # type: ignore[arg-type]


@strawberry.type(description="A page of numbers, with counts over the whole list.")
class PhoneNumberConnection(Connection[PhoneNumber]):
    """A connection with facets."""

    filter: strawberry.Private[NumberFilter]
    status_counts: list[StatusCount] = strawberry.field(
        resolver=_status_counts,
        description="How many numbers of the list are in each status: always all four.",
    )
    series_counts: list[SeriesCount] = strawberry.field(
        resolver=_series_counts,
        description="How many numbers of the list are in each series that has any, by name.",
    )


_RELATIONS = (
    ("series", Relation.SERIES, Relation.SERIES_NAME),
    ("organization", Relation.ORGANIZATION, Relation.ORGANIZATION_NAME),
    ("user", Relation.USER, Relation.USER),
)
_IN_NAME = {"id", "name", "__typename"}
_TIMELESS = {
    *("__typename", "id", "number", "nationalFormat", "status", "reservedTag", "forwardingNumber"),
    *("series", "organization", "user"),
}
"""Fields that need nothing of when their number was changed or retired."""


def relations(info: Info, *paths: str) -> Relations:
    """What is asked for of the numbers at these paths below the field, so that it is read with them."""
    return look_ahead(info, _relations, *(paths or ("",)))


def _relations(tree: SelectedFields, *paths: str) -> Relations:
    asked_of_numbers = frozenset(tree) if paths == ("",) else fields_at(tree, *(path.rstrip(".") for path in paths))
    found = set() if asked_of_numbers - _TIMELESS else {Relation.TIMELESS}
    for field, whole, name in _RELATIONS:
        asked = fields_at(tree, *(f"{path}{field}" for path in paths))
        if asked:
            found.add(name if asked <= _IN_NAME else whole)
    return frozenset(found)


async def number_list(
    info: Info,
    *,
    filter: PhoneNumberFilter | None,
    order_by: PhoneNumberOrder | None,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> PhoneNumberConnection:
    """A page of a search, read and counted when its fields ask for it."""
    context = context_of(info)
    order = order_by.decoded() if order_by else Order()
    page = _page(order, first=first, after=after, last=last, before=before)
    narrowed = await phone_numbers.search_filter(context, (filter or PhoneNumberFilter()).decoded())
    paged = look_ahead(info, asks_for, "nodes", "edges", "pageInfo")
    totalled = look_ahead(info, asks_for, "totalCount")
    counted = paged and totalled and counts_along(narrowed, order, page)
    rows = ConnectionRows(
        partial(
            phone_numbers.search_page,
            context,
            narrowed,
            order=order,
            page=page,
            relations=relations(info, "nodes.", "edges.node."),
            counted=counted,
        ),
        partial(phone_numbers.search_count, context, narrowed),
        order=_name(order),
        key=lambda found: found.key,
        node=attrgetter("record"),
    )
    if paged and (counted or not totalled):
        await rows.read()
    return PhoneNumberConnection(rows=rows, filter=narrowed)


def _name(order: Order) -> str:
    return f"{order.field.value} {order.direction.value}"


def _page(order: Order, *, first: int | None, after: str | None, last: int | None, before: str | None) -> Page:
    if first is not None and last is not None:
        message = "Give `first` or `last`, not both."
        raise InvalidInput(message, path=("last",))
    types = (KEY_TYPES[order.field], str)
    start = decode(_name(order), after, name="after", types=types) if after else None
    end = decode(_name(order), before, name="before", types=types) if before else None
    if last is not None:
        return Page(check_size(last, name="last"), start, end, backward=True)
    page = Page(after=start, before=end)
    return page if first is None else Page(check_size(first, name="first"), start, end)
