"""Counters of limits: each counts the uses of one subject during a window. All processes share them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, texts
from db.core.tables import LimitCounterRow, columns, table
from db.core.types import Instant, Ordered


class Counter(NamedTuple):
    """A counter of a running window."""

    subject: str
    total: int
    ends_at: datetime


_C = columns(LimitCounterRow)
_NOW = bindparam("now", type_=Instant())
_SUBJECT = bindparam("subject", type_=Ordered)
_AMOUNT = bindparam("amount", type_=BigInteger())
_ENDS_AT = bindparam("ends_at", type_=Instant())
_SUBJECTS = texts("subjects")
_has_ended = _C.ends_at <= _NOW


def _add(each: Any) -> Statement:
    """Return the upsert of a counter for each value, in their order."""
    # SQLite supports PostgreSQL's INSERT … ON CONFLICT, so one construct serves both.
    new = insert(table(LimitCounterRow)).from_select(
        ["subject", "total", "ends_at"], select(each.c.value, _AMOUNT, _ENDS_AT).order_by(each.c.value)
    )
    return Statement(
        new.on_conflict_do_update(
            index_elements=[_C.subject],
            set_={
                "total": case((_has_ended, new.excluded.total), else_=_C.total + new.excluded.total),
                "ends_at": case((_has_ended, new.excluded.ends_at), else_=_C.ends_at),
            },
        ).returning(_C.subject, _C.total, _C.ends_at)
    )


_ADD = {
    "postgresql": _add(func.unnest(_SUBJECTS).table_valued("value").render_derived()),
    "sqlite": _add(func.json_each(_SUBJECTS).table_valued("value")),
}
_START = insert(table(LimitCounterRow)).values(subject=_SUBJECT, total=_AMOUNT, ends_at=_ENDS_AT)
_RESTART = Statement(
    _START.on_conflict_do_update(
        index_elements=[_C.subject], set_={"total": _START.excluded.total, "ends_at": _START.excluded.ends_at}
    )
)
_TAKE_BACK = Statement(
    update(table(LimitCounterRow))
    .where(among(_C.subject, _SUBJECTS), _C.ends_at > _NOW)
    .values(total=case((_C.total > _AMOUNT, _C.total - _AMOUNT), else_=0))
)
_RUNNING = Statement(select(_C.total).where(_C.subject == _SUBJECT, _C.ends_at > _NOW))
_DELETE_ENDED = Statement(delete(table(LimitCounterRow)).where(_has_ended))


async def add(
    connection: DatabaseConnection, subjects: Sequence[str], *, amount: int = 1, now: datetime, ends_at: datetime
) -> list[Counter]:
    """Add an amount to the counter of each subject and return the counters.

    A window that has ended starts again; a new one ends at `ends_at`. No subject may occur twice. The counters are
    locked in the order of their subjects until the transaction ends.
    """
    rows = await connection.fetch(
        _ADD[connection.dialect.name], subjects=subjects, amount=amount, now=now, ends_at=ends_at
    )
    return [Counter(*row) for row in rows]


async def take_back(connection: DatabaseConnection, subjects: Sequence[str], *, amount: int, now: datetime) -> None:
    """Subtract an amount from the counter of each subject, down to zero."""
    await connection.execute(_TAKE_BACK, subjects=subjects, amount=amount, now=now)


async def restart(connection: DatabaseConnection, subject: str, *, ends_at: datetime) -> None:
    """Start a window that counts one use, even if another one is running."""
    await connection.execute(_RESTART, subject=subject, amount=1, ends_at=ends_at)


async def is_running(connection: DatabaseConnection, subject: str, *, now: datetime) -> bool:
    """Whether the subject has a counter whose window has not ended."""
    return await connection.fetch_one(_RUNNING, subject=subject, now=now) is not None


async def delete_ended(connection: DatabaseConnection, *, now: datetime) -> None:
    """Delete the counters whose window has ended."""
    await connection.execute(_DELETE_ENDED, now=now)
