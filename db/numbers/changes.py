"""Changing numbers: one function for every action, and the end of a change whose events the caller has written.

A change writes an operation, an event for each number with every value before and after, the new values of the numbers,
and the operation's links to the activity of their holders. All of it happens in one transaction, so a refusal leaves
nothing behind. `db.numbers.single_statement` and `db.numbers.set_based` do the same in different ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import bindparam, update

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import PhoneNumberRow, columns, table
from db.core.types import Identifier
from db.history import events, operations
from db.history.events import Effect
from db.history.operations import NewOperation
from db.numbers import set_based, single_statement
from db.numbers.change_parts import FEW, Advance, ChangeResult
from domain.search import NumberFilter
from domain.texts import fold
from domain.utilization import InventoryChange

_N = columns(PhoneNumberRow)


async def change_numbers(
    connection: DatabaseConnection,
    new_operation: NewOperation,
    filter_: NumberFilter,
    *,
    effect: Effect,
    sources: Sequence[int],
    unless_same: bool = False,
    counted_root: int | None = None,
    advance: Advance | None = None,
    **values: Any,
) -> ChangeResult:
    """Change the numbers that match the filter, and record it as an operation.

    Numbers in a status that is not among `sources` get an event and are not updated: the caller must refuse the change,
    which rolls it back. `unless_same` skips numbers that have the organization or the tag already.

    `new_operation.changed_count` is how many numbers match; the caller has locked them, unless the filter names a
    single id. Ids in the filter are in the order of the numbers. `values` are the parameters of the effect:
    organization, tag, forwarding, user_id and person. With `counted_root`, a single statement also appends the changes
    to the counters below it, and the result says so. A change of many numbers calls `advance`.

    Raises TransactionAborted when another transaction came in between.
    """
    if values.get("tag") is not None:
        values["tag_folded"] = fold(values["tag"])
    few_named = filter_.ids is not None and len(filter_.ids) <= FEW
    in_one_statement = few_named and connection.dialect.name == "postgresql"
    change = (
        partial(single_statement.change, counted_root=counted_root)
        if in_one_statement
        else partial(set_based.change, advance=advance)
    )
    result: ChangeResult = await change(
        connection,
        new_operation,
        filter_,
        effect=effect,
        sources=sources,
        unless_same=unless_same,
        values=values,
    )
    await _correct_count(connection, result, recorded=new_operation.changed_count)
    return result


async def apply_events(
    connection: DatabaseConnection,
    operation: int,
    *,
    at: datetime,
    recorded_count: int,
    advance: Advance | None = None,
) -> ChangeResult:
    """Update numbers from the events that the caller has written, and finish their operation.

    `recorded_count` is the changed count that the operation began with.
    """
    inventory_changes = await events.inventory_changes(connection, operation)
    expected = sum(change.count for change in inventory_changes)
    await set_based.update_numbers(connection, operation, at=at, expected_count=expected, advance=advance)
    return await _finish(connection, operation, inventory_changes, recorded_count=recorded_count)


async def finish_operation(connection: DatabaseConnection, operation: int, *, recorded_count: int) -> ChangeResult:
    """Finish an operation whose events and numbers the caller has written."""
    inventory_changes = await events.inventory_changes(connection, operation)
    return await _finish(connection, operation, inventory_changes, recorded_count=recorded_count)


async def _finish(
    connection: DatabaseConnection, operation: int, inventory_changes: list[InventoryChange], *, recorded_count: int
) -> ChangeResult:
    result = await set_based.link_holders(connection, operation, inventory_changes)
    await _correct_count(connection, result, recorded=recorded_count)
    return result


async def _correct_count(connection: DatabaseConnection, result: ChangeResult, *, recorded: int) -> None:
    """Store how many numbers the operation changed, where it began with another count; delete an empty operation."""
    if not result.changed_count:
        await operations.drop_operation(connection, result.operation)
    elif result.changed_count != recorded:
        await operations.set_count(connection, result.operation, result.changed_count)


_REASSIGN_RETIRED = Statement(
    update(table(PhoneNumberRow))
    .where(among(_N.organization_id, ids("ids")), _N.retired_at.is_not(None))
    .values(organization_id=bindparam("organization", type_=Identifier))
)


async def reassign_retired(connection: DatabaseConnection, holders: Sequence[int], *, organization_id: int) -> None:
    """Make an organization the holder of the retired numbers of others, which are about to be deleted."""
    await connection.execute(_REASSIGN_RETIRED, ids=holders, organization=organization_id)
