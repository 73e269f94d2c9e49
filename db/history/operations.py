"""Operations: one for each change, linked to the activity of the organizations that it touched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Insert,
    Integer,
    Select,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    update,
)

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import OperationOrganizationRow, OperationRow, OrganizationRow, columns, table
from db.core.types import Identifier
from domain.statuses import EventKind

_OP, _LINK, _O = columns(OperationRow), columns(OperationOrganizationRow), columns(OrganizationRow)


class NewOperation(NamedTuple):
    """An operation to be recorded."""

    action: EventKind
    at: datetime
    actor: str
    organization_id: int
    changed_count: int = 0
    changes: str | None = None


INSERTED = (
    insert(table(OperationRow))
    .values({name: bindparam(name, type_=_OP[name].type) for name in NewOperation._fields})
    .returning(_OP.id)
)
"""The insertion of an operation, with the parameters of `NewOperation`; it returns the id."""

NEW_ID: Any = literal_column("nextval('operations_id_seq')", type_=Identifier)
"""The id of an operation that is inserted later, on PostgreSQL. Looking the sequence up would take 20 µs each time."""


def inserted_where(operation_id: Any, condition: ColumnElement[bool]) -> Any:
    """Insert an operation with an id, if a condition holds; it returns the id."""
    values = {name: bindparam(name, type_=_OP[name].type) for name in NewOperation._fields}
    return (
        insert(table(OperationRow))
        .from_select(["id", *values], select(operation_id, *values.values()).where(condition))
        .returning(_OP.id)
    )


_INSERT_OPERATION = Statement(INSERTED)
_SET_COUNT = Statement(
    update(table(OperationRow))
    .where(_OP.id == bindparam("operation", type_=Identifier))
    .values(changed_count=bindparam("count", type_=Integer()))
)


async def begin_operation(connection: DatabaseConnection, new_operation: NewOperation) -> int:
    """Record an operation and return its id."""
    operation: int = await connection.value(_INSERT_OPERATION, **new_operation._asdict())
    return operation


_DROP_OPERATION = Statement(delete(table(OperationRow)).where(_OP.id == bindparam("operation", type_=Identifier)))


async def drop_operation(connection: DatabaseConnection, operation: int) -> None:
    """Delete an operation that turned out to change nothing."""
    await connection.execute(_DROP_OPERATION, operation=operation)


async def set_count(connection: DatabaseConnection, operation: int, count: int) -> None:
    """Record how many numbers an operation changed."""
    await connection.execute(_SET_COUNT, operation=operation, count=count)


_LINKED: Any = literal_column("operation_organizations.organization_id")
"""The inserted row. As a column object it would add its table to the subquery."""


def linking(links: Select[Any] | CompoundSelect[Any]) -> Insert:
    """Insert links, rows of an organization and an operation, into the activity of organizations."""
    return insert(table(OperationOrganizationRow)).from_select(["organization_id", "operation_id"], links)


_INSERT_LINKS = Statement(
    linking(
        select(_O.id, bindparam("operation", type_=Identifier)).where(among(_O.id, ids("organization_ids")))
    ).returning(_LINK.organization_id, select(_O.path).where(_O.id == _LINKED).scalar_subquery())
)


async def link(connection: DatabaseConnection, operation: int, organization_ids: Iterable[int]) -> dict[int, str]:
    """Add an operation to the activity of these organizations, and return their paths."""
    wanted = sorted(set(organization_ids))
    return dict(await connection.fetch(_INSERT_LINKS, operation=operation, organization_ids=wanted))
