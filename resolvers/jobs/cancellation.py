"""Cancel jobs."""

from __future__ import annotations

from collections.abc import Collection

from db.core import idempotency
from db.jobs import queries as jobs
from db.jobs import queue, signals
from db.jobs.queries import JobQuery, JobRecord
from domain.access import Permission, require
from domain.errors import Conflict, not_found
from domain.jobs import JobState
from resolvers.core.context import Context
from resolvers.core.transactions import IDEMPOTENCY_KEY_LIFETIME, check_idempotency_key, run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.jobs.commands import CancelJob, JobCancelled
from resolvers.jobs.queries import find_job

_PATH = ("input", "jobId")
_RUNNING = (JobState.RUNNING,)
_OPEN = tuple(state for state in JobState if state.is_open)


async def cancel_job(context: Context, command: CancelJob) -> JobCancelled:
    """Cancel a queued job, or ask the server that runs it to roll it back. Raises Conflict for one that has ended."""
    require(context.actor.role, Permission.CHANGE_NUMBERS)
    # The signal must not be given for a mutation that is refused for its key.
    check_idempotency_key(command.idempotency_key)
    # A running job is signalled before the transaction: on SQLite, that waits for the one of the job.
    signalled = not await _is_repeated(context, command) and await _signal(context, command.job_id, _RUNNING)

    async def change(work: UnitOfWork) -> JobCancelled:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        job = await _visible(work, command.job_id)
        if not await queue.cancel_queued(work.connection, job.id, now=work.now):
            # Read the state again: a worker may have changed it since.
            state = (await _visible(work, command.job_id)).state
            if not (state.is_open or (signalled and state is JobState.CANCELLED)):
                raise Conflict(f"This job has ended already: it is {state.name}.", path=_PATH)
        return JobCancelled(job_id=job.id)

    result = await run_mutation(context, command, change, JobCancelled)
    if not signalled:
        # A worker may have claimed it before the transaction, and given it back since.
        await _signal(context, command.job_id, _OPEN)
    context.deployment.job_changed(command.job_id)
    return result


async def _visible(work: UnitOfWork, job_id: int) -> JobRecord:
    query = JobQuery(work.scope, work.root_id)
    job = (await jobs.by_ids(work.connection, [job_id], query)).get(job_id)
    if job is None:
        raise not_found("job", path=_PATH)
    return job


async def _is_repeated(context: Context, command: CancelJob) -> bool:
    """Whether the idempotency key was used and has not expired, so that the first answer is due, or a refusal."""
    if command.idempotency_key is None:
        return False
    expired = context.clock() - IDEMPOTENCY_KEY_LIFETIME
    async with context.database.read() as connection:
        return await idempotency.is_used(connection, context.actor.key, command.idempotency_key, expired=expired)


async def _signal(context: Context, job_id: int, states: Collection[JobState]) -> bool:
    """Ask the server that runs the job, or will run it, to cancel it; return False if it is in no such state."""
    job = await find_job(context, job_id)
    if job is None or job.state not in states:
        return False
    async with context.database.aside(writes=True) as connection:
        context.commit_sent = True
        await signals.request_cancellation(connection, job.id, job.created_at)
    return True
