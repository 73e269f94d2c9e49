"""A change to any number of numbers in a few set-based statements, on both databases.

The events come first: they hold every value before and after. Numbers that must not change are found in them, and the
numbers are then updated from them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from db.core.database import DatabaseConnection, TransactionAborted
from db.core.statements import Statement
from db.core.tables import NumberEventRow, PhoneNumberRow, columns
from db.core.types import Identifier
from db.history import events, operations
from db.history.events import INVENTORY_COLUMNS, Effect
from db.history.operations import NewOperation
from db.numbers import predicates
from db.numbers.change_parts import FEW, Advance, ChangeResult, conditions, update_from
from db.numbers.locks import lock_count
from domain.search import NumberFilter
from domain.utilization import InventoryChange

_N, _E = columns(PhoneNumberRow), columns(NumberEventRow)


@lru_cache(maxsize=256)
def _events_matching(
    shape: predicates.Shape, effect: Effect, *, unless_same: bool, returns_inventory_columns: bool
) -> Statement:
    wanted = conditions(shape, effect, unless_same=unless_same)
    return Statement(events.writing(effect, *wanted, returning=INVENTORY_COLUMNS if returns_inventory_columns else ()))


_update = update_from(_E).where(
    _E.operation_id == bindparam("operation", type_=Identifier),
    # Only the version that the event was written for.
    _E.version == _N.version + 1,
)
_UPDATE = Statement(_update)


BATCH = 20_000
"""How many numbers a job updates in a statement: it takes a second or so."""

LARGEST_ID = 2**63 - 1
_AFTER, _LAST = bindparam("after", type_=Identifier), bindparam("last", type_=Identifier)
_UPDATE_BATCH = Statement(_update.where(_E.phone_number_id > _AFTER, _E.phone_number_id <= _LAST))
_END_OF_BATCH = Statement(
    select(_E.phone_number_id)
    .where(_E.operation_id == bindparam("operation", type_=Identifier), _E.phone_number_id > _AFTER)
    .order_by(_E.phone_number_id)
    .limit(1)
    .offset(BATCH - 1)
)


async def change(
    connection: DatabaseConnection,
    new_operation: NewOperation,
    filter_: NumberFilter,
    *,
    effect: Effect,
    sources: Sequence[int],
    unless_same: bool,
    values: Mapping[str, Any],
    advance: Advance | None = None,
) -> ChangeResult:
    """As `db.numbers.changes.change_numbers`; where a status is not among `sources`, the numbers are not updated."""
    operation = await operations.begin_operation(connection, new_operation)
    few = new_operation.changed_count <= FEW
    statement = _events_matching(
        predicates.shape(filter_), effect, unless_same=unless_same, returns_inventory_columns=few
    )
    parameters = {**predicates.parameters(filter_), **values, "operation": operation}
    if few:
        # For a few numbers it is faster to count here than in another statement.
        inventory_changes = events.counted(await connection.fetch(statement, **parameters))
    else:
        await connection.execute(statement, **parameters)
        inventory_changes = await events.inventory_changes(connection, operation)
    if filter_.ids is None:
        matching = await lock_count(connection, filter_, limit=new_operation.changed_count + 1)
        if matching != new_operation.changed_count:
            raise TransactionAborted("other numbers came to match the filter meanwhile")
    if all(change_.status_before in sources for change_ in inventory_changes):
        await update_numbers(
            connection,
            operation,
            at=new_operation.at,
            expected_count=sum(change_.count for change_ in inventory_changes),
            tag_folded=values.get("tag_folded"),
            advance=advance,
        )
    return await link_holders(connection, operation, inventory_changes, named=filter_.ids)


async def update_numbers(
    connection: DatabaseConnection,
    operation: int,
    *,
    at: datetime,
    expected_count: int,
    tag_folded: str | None = None,
    advance: Advance | None = None,
) -> None:
    """Update numbers from the operation's events. Raises TransactionAborted unless all of them could be.

    With `advance`, many numbers are updated in several statements, and it is called after each of them.
    """
    values = {"operation": operation, "at": at, "tag_folded": tag_folded}
    if advance is None or expected_count <= BATCH:
        updated = await connection.execute(_UPDATE, **values)
    else:
        updated = 0
        async for after, last in _batches(connection, operation):
            updated += await connection.execute(_UPDATE_BATCH, **values, after=after, last=last)
            advance(updated)
    if updated != expected_count:
        raise TransactionAborted(f"only {updated} of {expected_count} numbers were as their events expected them")


async def _batches(connection: DatabaseConnection, operation: int) -> AsyncIterator[tuple[int, int]]:
    """Yield ranges of ids, each after the first and up to the second, with the numbers of an operation."""
    after = 0
    while row := await connection.fetch_one(_END_OF_BATCH, operation=operation, after=after):
        yield after, row[0]
        after = row[0]
    yield after, LARGEST_ID


async def link_holders(
    connection: DatabaseConnection,
    operation: int,
    inventory_changes: Sequence[InventoryChange],
    *,
    named: Sequence[int] | None = None,
) -> ChangeResult:
    """Link the operation to the activity of its holders, and return the result of the change."""
    changed_count = sum(change_.count for change_ in inventory_changes)
    if not changed_count:
        return ChangeResult(operation, 0, (), (), {})
    holders = {
        holder
        for change_ in inventory_changes
        for holder in (change_.organization_before, change_.organization_after)
        if holder is not None
    }
    paths = await operations.link(connection, operation, holders)
    if named is not None and changed_count == len(named):
        number_ids = list(named[:FEW])
    else:
        number_ids = await events.first_ids(connection, operation, limit=FEW)
    return ChangeResult(operation, changed_count, number_ids, inventory_changes, paths)
