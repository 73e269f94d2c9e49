"""What a running job and others tell each other beside its transaction: signs of life, progress, requests to cancel.

The statements run on a connection of `Database.aside`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, delete, false, select, true
from sqlalchemy.dialects.postgresql import insert

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import JobSignalRow, columns, table
from db.core.types import Identifier, Instant


class Progress(NamedTuple):
    """How much of its work an attempt has done; `total` is None until it is known."""

    done: int = 0
    total: int | None = None


class JobSignal(NamedTuple):
    """The progress of a job's attempt, and whether the job is to be cancelled."""

    job_id: int
    created_at: datetime
    attempt: int
    done: int
    total: int | None
    reported_at: datetime | None
    cancel_requested: bool


_G = columns(JobSignalRow)
_KEY = {"job_id": bindparam("job_id", type_=Identifier), "created_at": bindparam("created_at", type_=Instant())}
_PROGRESS = {
    **{name: bindparam(name, type_=Integer()) for name in ("attempt", "done", "total")},
    "reported_at": bindparam("now", type_=Instant()),
}
_NEW = insert(table(JobSignalRow)).values(**_KEY, **_PROGRESS, cancel_requested=false())
# SQLite supports PostgreSQL's INSERT … ON CONFLICT, so one construct serves both.
_REPORT = Statement(
    _NEW.on_conflict_do_update(
        index_elements=list(_KEY), set_={name: _NEW.excluded[name] for name in _PROGRESS}
    ).returning(_G.cancel_requested)
)
_CANCEL = Statement(
    insert(table(JobSignalRow))
    .values(**_KEY, attempt=0, done=0, total=None, cancel_requested=true())
    .on_conflict_do_update(index_elements=list(_KEY), set_={"cancel_requested": true()})
)
_FIND = Statement(select(*(_G[name] for name in JobSignal._fields)).where(among(_G.job_id, ids("ids"))))
_FORGET = Statement(delete(table(JobSignalRow)).where(_G.job_id == _KEY["job_id"], _G.attempt <= _PROGRESS["attempt"]))
_FORGET_OLD = Statement(delete(table(JobSignalRow)).where(_G.created_at < bindparam("before", type_=Instant())))


async def report(
    connection: DatabaseConnection,
    job_id: int,
    created_at: datetime,
    *,
    attempt: int,
    progress: Progress,
    now: datetime,
) -> bool:
    """Store the progress of an attempt, and return whether the job is to be cancelled."""
    values = {"attempt": attempt, "done": progress.done, "total": progress.total, "now": now}
    requested: bool = await connection.value(_REPORT, job_id=job_id, created_at=created_at, **values)
    return bool(requested)


async def request_cancellation(connection: DatabaseConnection, job_id: int, created_at: datetime) -> None:
    """Ask the server that runs the job to cancel it."""
    await connection.execute(_CANCEL, job_id=job_id, created_at=created_at)


async def find(connection: DatabaseConnection, job_ids: Sequence[int]) -> dict[tuple[int, datetime], JobSignal]:
    """The signals of jobs, by id and moment of creation."""
    found = [JobSignal._make(row) for row in await connection.fetch(_FIND, ids=job_ids)]
    return {(signal.job_id, signal.created_at): signal for signal in found}


async def forget(connection: DatabaseConnection, job_id: int, *, attempt: int) -> None:
    """Delete the signals of a job that has ended, unless a later attempt has sent any."""
    await connection.execute(_FORGET, job_id=job_id, attempt=attempt)


async def forget_before(connection: DatabaseConnection, before: datetime) -> None:
    """Delete the signals of jobs that were created before a moment."""
    await connection.execute(_FORGET_OLD, before=before)
