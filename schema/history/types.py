"""The history of numbers: operations and their events."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import strawberry
from strawberry import UNSET
from strawberry.types import Info

from db.history import queries as history_rows
from db.history.queries import EventRecord, EventsOf, OperationRecord
from domain.statuses import EventKind, NumberStatus
from execution.declarations import at_most
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.organizations import queries as organizations
from schema.core.arguments import After, Before, First, Last
from schema.core.connections import BY_ID, Connection, ConnectionRows, PageArguments
from schema.core.ids import encode
from schema.core.nodes import Node, context_of, id_field
from schema.core.scalars import E164

if TYPE_CHECKING:
    from schema.organizations.types import Organization

_Organization = Annotated["Organization", strawberry.lazy("schema.organizations.types")]


async def _organization(info: Info, organization_id: int | None) -> Any:
    return None if organization_id is None else await context_of(info).loaders.organizations.load(organization_id)


def _before(root: strawberry.Parent[EventRecord], info: Info) -> Any:
    return _organization(info, root.organization_before)


def _after(root: strawberry.Parent[EventRecord], info: Info) -> Any:
    return _organization(info, root.organization_after)


def _operation_id(root: strawberry.Parent[EventRecord]) -> strawberry.ID:
    return encode("Operation", root.operation_id)


async def _operation(root: strawberry.Parent[EventRecord], info: Info) -> Any:
    return await context_of(info).loaders.operations.load(root.operation_id)


def _acted_from(root: strawberry.Parent[OperationRecord], info: Info) -> Any:
    return _organization(info, root.organization_id)


async def _changed_count(root: strawberry.Parent[OperationRecord], info: Info) -> int:
    if root.organization_id is not None or not root.changed_count:
        return root.changed_count
    # The operation was done from outside the scope: only its events in the scope count.
    return await organizations.events_count(context_of(info), EventsOf(operation_id=root.id))


async def _changes(root: strawberry.Parent[OperationRecord], info: Info) -> list[FieldChange]:
    changed = []
    for field, before, after in orjson.loads(root.changes or "[]"):
        if field == "parent":
            before, after = await _name(info, before), await _name(info, after)  # noqa: PLW2901 - ids become names
        changed.append(FieldChange(field=field, before=_text(before), after=_text(after)))
    return changed


async def _name(info: Info, organization_id: int) -> str | None:
    """Return the name of an organization, or None if it is not visible."""
    found = await context_of(info).loaders.organizations.load(organization_id)
    return found and found.name


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _events(
    root: strawberry.Parent[OperationRecord],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return events(context_of(info), EventsOf(operation_id=root.id), PageArguments(first, after, last, before))


def events(context: Context, of: EventsOf, arguments: PageArguments) -> Any:
    """Return a page of the events of a number or an operation."""
    order = "events of a number" if of.phone_number_id is not None else "events of an operation"
    page = arguments.page(order, BY_ID)
    rows = ConnectionRows(
        partial(organizations.events_page, context, of, page),
        partial(organizations.events_count, context, of),
        order=order,
        key=partial(history_rows.event_key, of),
    )
    return Connection[NumberEvent](rows=rows)


@strawberry.type(description="The change of one field of an organization or a series.")
class FieldChange:
    """One of the changes that an operation records."""

    field: str = strawberry.field(description="The name of the field.")
    before: str | None = strawberry.field(
        description="Its value before, as text; null if there was none or it is outside your scope."
    )
    after: str | None = strawberry.field(
        description="Its value after, as text; null if there is none or it is outside your scope."
    )


@strawberry.type(description="One change: who did what, when, and from which organization.")
class Operation(Node):
    """Resolved from `db.history.queries.OperationRecord`."""

    id: strawberry.ID = id_field("Operation")
    action: EventKind = strawberry.field(description="What was done.")
    at: datetime = strawberry.field(description="When it happened.")
    actor: str = strawberry.field(description="The name of the administrator or the API key that did it.")
    changed_count: int = strawberry.field(
        resolver=_changed_count,
        description="How many numbers it changed that are visible in your scope.",
    )
    organization: _Organization | None = strawberry.field(
        resolver=_acted_from,
        description="The organization that the actor acted from; null if it is outside your scope.",
    )
    changes: list[FieldChange] = strawberry.field(
        resolver=_changes,
        description="The fields of an organization or a series that it changed.",
        metadata=at_most(20),
    )
    events: Connection[Annotated[NumberEvent, strawberry.lazy("schema.history.types")]] = strawberry.field(
        resolver=_events, description="Its events, one for each number that is visible in your scope."
    )

    is_type_of = RecordOf(OperationRecord)


@strawberry.type(
    description="What one operation did to one number. Organizations outside your scope and deleted ones are null."
)
class NumberEvent(Node):
    """Resolved from `db.history.queries.EventRecord`."""

    id: strawberry.ID = id_field("NumberEvent", "phone_number_id", "version")
    number: E164 = strawberry.field(description="The number.")
    action: EventKind = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When it happened.")
    actor: str = strawberry.field(description="The name of the administrator or the API key that did it.")
    organization_before: _Organization | None = strawberry.field(
        resolver=_before, description="The organization that held the number before."
    )
    organization_after: _Organization | None = strawberry.field(
        resolver=_after, description="The organization that held the number after."
    )
    status_before: NumberStatus | None = strawberry.field(
        description="The status before; null if the number was not in the inventory."
    )
    status_after: NumberStatus | None = strawberry.field(
        description="The status after; null if the number was retired."
    )
    reserved_tag_before: str | None = strawberry.field(description="The reserved tag before.")
    reserved_tag_after: str | None = strawberry.field(description="The reserved tag after.")
    forwarding_number_before: E164 | None = strawberry.field(description="The forwarding number before.")
    forwarding_number_after: E164 | None = strawberry.field(description="The forwarding number after.")
    user_before: str | None = strawberry.field(description="Name and email address of the user before.")
    user_after: str | None = strawberry.field(description="Name and email address of the user after.")
    operation_id: strawberry.ID = strawberry.field(
        resolver=_operation_id, description="The id of the operation that it belongs to."
    )
    operation: Operation = strawberry.field(resolver=_operation, description="The operation that it belongs to.")

    is_type_of = RecordOf(EventRecord)
