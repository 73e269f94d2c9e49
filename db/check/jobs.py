"""Compare jobs with their state and with the operations that record their changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import and_, func, or_, select, text

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import JOB_IS_OPEN, JobRow, OperationRow, columns, table
from domain.jobs import JobKind, JobState

_J = columns(JobRow)
_has_ended = text("state >= 2")
_succeeded = _J.state == int(JobState.SUCCEEDED)
_FAULTS = {
    "has ended but is still claimed": and_(_has_ended, _J.claimed_until.is_not(None)),
    "has ended but keeps its command": and_(_has_ended, _J.command.is_not(None)),
    "is open but has an end": and_(JOB_IS_OPEN, or_(_J.finished_at.is_not(None), _J.command.is_(None))),
    "is RUNNING but not claimed": and_(_J.state == int(JobState.RUNNING), _J.claimed_until.is_(None)),
    "has SUCCEEDED but is not done": and_(_succeeded, _J.done != func.coalesce(_J.total, -1)),
    "has not SUCCEEDED but tells of a change": and_(
        ~_succeeded, or_(_J.changed_count != 0, _J.operation_id.is_not(None))
    ),
}
_STATEMENTS = {
    fault: Statement(select(_J.id).where(condition).order_by(_J.id).limit(20)) for fault, condition in _FAULTS.items()
}
_changed = table(OperationRow).alias()
_WRONG_OPERATION = Statement(
    select(_J.id, _J.changed_count, _changed.c.changed_count)
    .select_from(table(JobRow).outerjoin(_changed, _changed.c.id == _J.operation_id))
    .where(
        _succeeded,
        # The users of an invitation need not have numbers.
        _J.kind != int(JobKind.INVITE_USERS),
        _J.changed_count != func.coalesce(_changed.c.changed_count, 0),
    )
    .order_by(_J.id)
    .limit(20)
)
_MISSING_OPERATION = Statement(
    select(_J.id)
    .outerjoin(_changed, _changed.c.id == _J.operation_id)
    .where(_J.operation_id.is_not(None), _changed.c.id.is_(None))
    .order_by(_J.id)
    .limit(20)
)


async def differences(connection: DatabaseConnection) -> AsyncIterator[str]:
    """Yield a sentence for every job that disagrees with itself or with its operation, up to 20 of each kind."""
    for fault, statement in _STATEMENTS.items():
        for (job_id,) in await connection.fetch(statement):
            yield f"job {job_id} {fault}"
    for (job_id,) in await connection.fetch(_MISSING_OPERATION):
        yield f"job {job_id} names an operation that does not exist"
    for job_id, counted, recorded in await connection.fetch(_WRONG_OPERATION):
        yield f"job {job_id} has changed {counted} numbers, its operation {recorded}"
