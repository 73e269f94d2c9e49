"""Operations: one for each change, with the organizations that it touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    Integer,
    bindparam,
    delete,
    insert,
    update,
)

from db.database import Connection
from db.statements import Statement
from db.tables import OperationOrganizationRow, OperationRow, columns, table
from db.types import Identifier
from domain.statuses import EventKind

_OP, _LINK = columns(OperationRow), columns(OperationOrganizationRow)

_INSERT_OPERATION = Statement(
    insert(table(OperationRow))
    .values(
        {
            name: bindparam(name, type_=_OP[name].type)
            for name in ("action", "at", "actor", "organization_id", "changed_count", "changes")
        }
    )
    .returning(_OP.id)
)
_SET_COUNT = Statement(
    update(table(OperationRow))
    .where(_OP.id == bindparam("operation", type_=Identifier))
    .values(changed_count=bindparam("count", type_=Integer()))
)


async def begin_operation(
    connection: Connection,
    action: EventKind,
    *,
    at: datetime,
    actor: str,
    organization_id: int,
    changed_count: int = 0,
    changes: str | None = None,
) -> int:
    """Record an operation and return its id."""
    operation: int = await connection.value(
        _INSERT_OPERATION,
        action=action,
        at=at,
        actor=actor,
        organization_id=organization_id,
        changed_count=changed_count,
        changes=changes,
    )
    return operation


_DROP_OPERATION = Statement(delete(table(OperationRow)).where(_OP.id == bindparam("operation", type_=Identifier)))


async def drop_operation(connection: Connection, operation: int) -> None:
    """Forget an operation that turned out to change nothing."""
    await connection.execute(_DROP_OPERATION, operation=operation)


async def set_count(connection: Connection, operation: int, count: int) -> None:
    """Record how many numbers an operation changed."""
    await connection.execute(_SET_COUNT, operation=operation, count=count)


_INSERT_LINK = Statement(
    insert(table(OperationOrganizationRow)).values(
        organization_id=bindparam("organization_id", type_=Identifier),
        operation_id=bindparam("operation_id", type_=Identifier),
    )
)


async def link(connection: Connection, operation: int, organization_ids: Sequence[int]) -> None:
    """Make an operation part of these organizations' activity."""
    rows = [{"organization_id": id_, "operation_id": operation} for id_ in sorted(organization_ids)]
    await connection.execute_many(_INSERT_LINK, rows)
