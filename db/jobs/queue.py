"""The queue of jobs: a mutation inserts a job, and a worker claims, runs and settles it.

For claims see `db.core.leases`. A claim that begins after another one has ended without a result counts as a failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, Text, and_, bindparam, case, delete, func, insert, null, select, update

from db.core.database import DatabaseConnection
from db.core.leases import NOW, Leases
from db.core.statements import Statement, among, ids
from db.core.tables import JOB_IS_OPEN, JobRow, columns, table
from db.core.types import Identifier, Instant
from domain.jobs import JobKind, JobState


class NewJob(NamedTuple):
    """A job to run: its command as JSON, and the caller who asks for it from an organization."""

    root_id: int
    organization_id: int
    kind: JobKind
    command: str
    upload_id: int | None
    actor_kind: str
    actor_id: int


class JobClaim(NamedTuple):
    """A job that one worker may run now."""

    id: int
    root_id: int
    organization_id: int
    kind: JobKind
    command: str
    upload_id: int | None
    actor_kind: str
    actor_id: int
    attempts: int
    failures: int
    created_at: datetime


class Outcome(NamedTuple):
    """What a job has done; `result` and `outcomes` are JSON."""

    done: int
    changed_count: int
    operation_id: int | None
    result: str
    outcomes: str | None


_J = columns(JobRow)
_running = table(JobRow).alias()
_root_is_free = ~(
    select(_running.c.id)
    .where(
        _running.c.state == int(JobState.RUNNING),
        _running.c.root_id == _J.root_id,
        _running.c.id != _J.id,
        _running.c.claimed_until > NOW,
    )
    .exists()
)
_CLAIMS = "job claims"
"""The subject of the lock on claims."""

LEASES = Leases(JobRow, is_open=JOB_IS_OPEN, may_be_claimed=and_(_root_is_free, ~among(_J.id, ids("alive"))))
"""One job of a root runs at a time, so that the jobs of another root need not wait for all of them.

Claims are made one after another (`_CLAIMS`), because two at the same moment would not see each other.

The parameter `alive` has the jobs whose claim has ended, but which have given a sign of life: on SQLite, a claim cannot
be renewed while the transaction of the job runs.
"""

_INSERT = Statement(
    insert(table(JobRow))
    .values({name: bindparam(name, type_=_J[name].type) for name in NewJob._fields})
    .values(state=int(JobState.QUEUED), attempts=0, failures=0, done=0, changed_count=0, created_at=NOW, due_at=NOW)
    .returning(_J.id)
)
_OPEN = Statement(
    select(func.count())
    .select_from(table(JobRow))
    .where(_J.root_id == bindparam("root_id", type_=Identifier), JOB_IS_OPEN)
)
_CLAIM = LEASES.claiming(
    *(_J[name] for name in JobClaim._fields),
    state=int(JobState.RUNNING),
    failures=_J.failures + case((_J.state == int(JobState.RUNNING), 1), else_=0),
    started_at=NOW,
)
_OVERDUE = Statement(
    select(_J.id, _J.created_at, _J.attempts).where(
        JOB_IS_OPEN, _J.state == int(JobState.RUNNING), _J.claimed_until <= NOW
    )
)
_IS_HELD = Statement(select(_J.id).where(LEASES.is_held))
_ERRORS = bindparam("errors", type_=Text())
_DONE = bindparam("done", type_=Integer())
_ENDED: dict[str, Any] = {"command": null(), "claimed_until": null(), "finished_at": NOW}


def _settling(state: JobState, **values: Any) -> Statement:
    return Statement(update(table(JobRow)).where(LEASES.is_held).values(state=int(state), **values))


_SUCCEED = _settling(
    JobState.SUCCEEDED,
    **_ENDED,
    done=_DONE,
    total=_DONE,
    **{name: bindparam(name, type_=_J[name].type) for name in Outcome._fields if name != "done"},
)
_FAIL = _settling(JobState.FAILED, **_ENDED, errors=_ERRORS)
_CANCEL_RUNNING = _settling(JobState.CANCELLED, **_ENDED)
_RELEASE = _settling(JobState.QUEUED, claimed_until=null(), started_at=null(), due_at=NOW)
_RETRY = _settling(
    JobState.QUEUED,
    claimed_until=null(),
    started_at=null(),
    failures=_J.failures + 1,
    due_at=bindparam("due_at", type_=Instant()),
)
_CANCEL_QUEUED = Statement(
    update(table(JobRow))
    .where(_J.id == bindparam("id", type_=Identifier), _J.state == int(JobState.QUEUED))
    .values(state=int(JobState.CANCELLED), **_ENDED)
)


async def enqueue(connection: DatabaseConnection, job: NewJob, *, now: datetime) -> int:
    """Insert a job, to be run once the transaction is committed, and return its id."""
    job_id: int = await connection.value(_INSERT, **job._asdict(), now=now)
    return job_id


async def count_open(connection: DatabaseConnection, *, root_id: int) -> int:
    """The number of jobs of a root that have not ended."""
    found: int = await connection.value(_OPEN, root_id=root_id)
    return found


async def overdue(connection: DatabaseConnection, *, now: datetime) -> list[tuple[int, datetime, int]]:
    """The running jobs whose claims have ended: id, moment of creation, attempt."""
    return [(row[0], row[1], row[2]) for row in await connection.fetch(_OVERDUE, now=now)]


async def claim(
    connection: DatabaseConnection, *, now: datetime, until: datetime, alive: Sequence[int] = ()
) -> JobClaim | None:
    """Claim the job that has been due the longest, until a moment; `alive` are jobs that others still run."""
    await connection.advisory_lock(_CLAIMS)
    row = await connection.fetch_one(_CLAIM, now=now, until=until, alive=alive)
    return JobClaim._make(row)._replace(kind=JobKind(row[3])) if row else None


async def is_held(connection: DatabaseConnection, job: JobClaim) -> bool:
    """Whether the job is still open and was not claimed by another worker since."""
    return await connection.fetch_one(_IS_HELD, id=job.id, attempt=job.attempts) is not None


async def succeed(connection: DatabaseConnection, job: JobClaim, outcome: Outcome, *, now: datetime) -> bool:
    """Settle a job in the transaction of its change; return False if the claim was lost."""
    values = outcome._asdict()
    return await connection.execute(_SUCCEED, id=job.id, attempt=job.attempts, now=now, **values) == 1


async def fail(connection: DatabaseConnection, job: JobClaim, *, errors: str, now: datetime) -> bool:
    """Settle a job that was refused; return False if the claim was lost."""
    return await connection.execute(_FAIL, id=job.id, attempt=job.attempts, errors=errors, now=now) == 1


async def cancel_running(connection: DatabaseConnection, job: JobClaim, *, now: datetime) -> bool:
    """Settle a running job that was cancelled; return False if it has ended: its COMMIT was on its way."""
    return await connection.execute(_CANCEL_RUNNING, id=job.id, attempt=job.attempts, now=now) == 1


async def release(connection: DatabaseConnection, job: JobClaim, *, now: datetime) -> bool:
    """Give a job back, to be claimed by another worker from now on; return False if it has ended."""
    return await connection.execute(_RELEASE, id=job.id, attempt=job.attempts, now=now) == 1


async def retry(connection: DatabaseConnection, job: JobClaim, *, due_at: datetime) -> None:
    """Schedule the next attempt of a job after something unexpected has failed."""
    await connection.execute(_RETRY, id=job.id, attempt=job.attempts, due_at=due_at)


async def cancel_queued(connection: DatabaseConnection, job_id: int, *, now: datetime) -> bool:
    """Cancel a job that no worker runs; return False if it is in another state."""
    return await connection.execute(_CANCEL_QUEUED, id=job_id, now=now) == 1


_BY_STATE = Statement(select(_J.state, func.count(), func.min(_J.created_at)).group_by(_J.state))
_DELETE_FINISHED = Statement(delete(table(JobRow)).where(_J.finished_at <= NOW))


_OLDEST = Statement(select(func.min(_J.created_at)))


class StateCount(NamedTuple):
    """How many jobs are in a state, and since when the oldest of them exists."""

    state: JobState
    jobs: int
    oldest_since: datetime


async def counts(connection: DatabaseConnection) -> list[StateCount]:
    """Count the jobs by state; states without jobs are missing."""
    return [StateCount(JobState(row[0]), *row[1:]) for row in await connection.fetch(_BY_STATE)]


async def oldest(connection: DatabaseConnection) -> datetime | None:
    """When the oldest job was created; None if there is none."""
    moment: datetime | None = await connection.value(_OLDEST)
    return moment


async def delete_finished(connection: DatabaseConnection, *, before: datetime) -> None:
    """Delete the jobs that ended before a moment."""
    await connection.execute(_DELETE_FINISHED, now=before)
