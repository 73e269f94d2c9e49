"""A change to any number of numbers in a few set-based statements, on both databases.

The events come first: they hold every value before and after. Numbers that must not change are found in them, and the
numbers are then updated from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam

from db.core.database import DatabaseConnection, TransactionAborted
from db.core.statements import Statement
from db.core.tables import NumberEventRow, PhoneNumberRow, columns
from db.core.types import Identifier
from db.history import events, operations
from db.history.events import INVENTORY_COLUMNS, Effect
from db.history.operations import NewOperation
from db.numbers import predicates
from db.numbers.change_parts import FEW, ChangeResult, conditions, update_from
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


_UPDATE = Statement(
    update_from(_E).where(
        _E.operation_id == bindparam("operation", type_=Identifier),
        # Only the version that the event was written for.
        _E.version == _N.version + 1,
    )
)


async def change(
    connection: DatabaseConnection,
    new_operation: NewOperation,
    filter_: NumberFilter,
    *,
    effect: Effect,
    sources: Sequence[int],
    unless_same: bool,
    counted_root: int | None,  # noqa: ARG001 - the caller counts afterwards
    values: Mapping[str, Any],
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
        )
    return await link_holders(connection, operation, inventory_changes, named=filter_.ids)


async def update_numbers(
    connection: DatabaseConnection,
    operation: int,
    *,
    at: datetime,
    expected_count: int,
    tag_folded: str | None = None,
) -> None:
    """Update numbers from the operation's events. Raises TransactionAborted unless all of them could be."""
    updated = await connection.execute(_UPDATE, operation=operation, at=at, tag_folded=tag_folded)
    if updated != expected_count:
        raise TransactionAborted(f"only {updated} of {expected_count} numbers were as their events expected them")


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
