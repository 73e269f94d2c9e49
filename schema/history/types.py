"""History: what happened to numbers, and in which operations."""

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
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.organizations import queries as organizations
from schema.core.connections import BY_ID, Connection, ConnectionRows, forward
from schema.core.ids import encode
from schema.core.inputs import given
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
    # Acted from outside the scope: only what the scope shows of it is counted.
    return await organizations.events_count(context_of(info), EventsOf(operation_id=root.id))


async def _changes(root: strawberry.Parent[OperationRecord], info: Info) -> list[FieldChange]:
    changed = []
    for field, before, after in orjson.loads(root.changes or "[]"):
        if field == "parent":
            before, after = await _name(info, before), await _name(info, after)  # noqa: PLW2901 - ids become names
        changed.append(FieldChange(field=field, before=_text(before), after=_text(after)))
    return changed


async def _name(info: Info, organization_id: int) -> str | None:
    """An organization's name, as far as the scope shows it."""
    found = await context_of(info).loaders.organizations.load(organization_id)
    return found and found.name


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _events(
    root: strawberry.Parent[OperationRecord],
    info: Info,
    first: Annotated[int | None, strawberry.argument(description="How many rows, up to 500.")] = 50,
    after: Annotated[str | None, strawberry.argument(description="Start after this cursor.")] = UNSET,
) -> Any:
    return events(context_of(info), EventsOf(operation_id=root.id), first=first, after=given(after))


def events(context: Context, of: EventsOf, *, first: int | None, after: str | None) -> Any:
    """A page of the events of a number or of an operation."""
    order = "events of a number" if of.phone_number_id is not None else "events of an operation"
    page = forward(order, BY_ID, first=first, after=after)
    rows = ConnectionRows(
        partial(organizations.events_page, context, of, page),
        partial(organizations.events_count, context, of),
        order=order,
        key=partial(history_rows.event_key, of),
    )
    return Connection[NumberEvent](rows=rows)


@strawberry.type(description="A field of an organization or a series that an operation changed.")
class FieldChange:
    """Before and after, as texts."""

    field: str = strawberry.field(description="The field's name.")
    before: str | None = strawberry.field(
        description="Its value before; null where there was none, or outside your scope."
    )
    after: str | None = strawberry.field(
        description="Its value after; null where there is none, or outside your scope."
    )


@strawberry.type(description="One change: who did what, when, acting from where.")
class Operation(Node):
    """Read off `db.history.queries.OperationRecord`."""

    id: strawberry.ID = id_field("Operation")
    action: EventKind = strawberry.field(description="What was done.")
    at: datetime = strawberry.field(description="When.")
    actor: str = strawberry.field(description="The name of the administrator or the API key.")
    changed_count: int = strawberry.field(
        resolver=_changed_count,
        description="How many numbers it changed, as far as your scope shows.",
    )
    organization: _Organization | None = strawberry.field(
        resolver=_acted_from,
        description="The organization that it was acted from; null outside your scope.",
    )
    changes: list[FieldChange] = strawberry.field(
        resolver=_changes, description="What it changed of an organization or a series."
    )
    events: Connection[Annotated[NumberEvent, strawberry.lazy("schema.history.types")]] = strawberry.field(
        resolver=_events, description="What it did to each number that your scope shows."
    )

    is_type_of = RecordOf(OperationRecord)


@strawberry.type(
    description="What one operation did to one number. Organizations outside your scope, or deleted since, are null."
)
class NumberEvent(Node):
    """Read off `db.history.queries.EventRecord`."""

    id: strawberry.ID = id_field("NumberEvent", "phone_number_id", "version")
    number: E164 = strawberry.field(description="The number.")
    action: EventKind = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When.")
    actor: str = strawberry.field(description="The name of the administrator or the API key.")
    organization_before: _Organization | None = strawberry.field(resolver=_before, description="The holder before.")
    organization_after: _Organization | None = strawberry.field(resolver=_after, description="The holder after.")
    status_before: NumberStatus | None = strawberry.field(
        description="The status before; null where the number was not in the inventory."
    )
    status_after: NumberStatus | None = strawberry.field(description="The status after; null where it was retired.")
    reserved_tag_before: str | None = strawberry.field(description="The reserved tag before.")
    reserved_tag_after: str | None = strawberry.field(description="The reserved tag after.")
    forwarding_number_before: E164 | None = strawberry.field(description="The forwarding number before.")
    forwarding_number_after: E164 | None = strawberry.field(description="The forwarding number after.")
    user_before: str | None = strawberry.field(description="Name and mail address of the user before.")
    user_after: str | None = strawberry.field(description="Name and mail address of the user after.")
    operation_id: strawberry.ID = strawberry.field(
        resolver=_operation_id, description="The id of the operation that it was part of."
    )
    operation: Operation = strawberry.field(resolver=_operation, description="The operation that it was part of.")

    is_type_of = RecordOf(EventRecord)
