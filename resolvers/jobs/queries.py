"""Read jobs, with the progress of those that are running."""

from __future__ import annotations

from collections.abc import Sequence

from db.core.database import Database
from db.core.keyset import ConnectionPage, PageRequest
from db.jobs import queries, signals
from db.jobs.queries import JobQuery, JobRecord
from domain.jobs import JobState
from resolvers.core.context import Context


def job_query(context: Context, states: Sequence[JobState] | None = None) -> JobQuery:
    """Return the query for the jobs that the caller may see. Raises Forbidden."""
    return JobQuery(context.scope, context.root_id, tuple(JobState) if states is None else tuple(states))


async def job_page(context: Context, states: Sequence[JobState] | None, page: PageRequest) -> ConnectionPage[JobRecord]:
    """Return a page of the jobs that were asked for from organizations in scope, newest first."""
    async with context.database.read() as connection:
        found = await queries.page(connection, job_query(context, states), page)
    return ConnectionPage(await _with_progress(context.database, found.rows), found.has_next, found.has_previous)


async def job_count(context: Context, states: Sequence[JobState] | None) -> int:
    """Return the number of jobs that were asked for from organizations in scope."""
    async with context.database.read() as connection:
        return await queries.count(connection, job_query(context, states))


async def find_job(context: Context, job_id: int) -> JobRecord | None:
    """Return a job that the caller may see, or None."""
    async with context.database.read() as connection:
        found = await queries.by_ids(connection, [job_id], job_query(context))
    jobs = await _with_progress(context.database, list(found.values()))
    return jobs[0] if jobs else None


async def _with_progress(database: Database, jobs: list[JobRecord]) -> list[JobRecord]:
    """Return the jobs, the running ones with what their current attempt has done."""
    running = [job.id for job in jobs if job.state is JobState.RUNNING]
    if not running:
        return jobs
    async with database.aside() as connection:
        found = await signals.find(connection, running)
    shown = []
    for job in jobs:
        signal = found.get((job.id, job.created_at))
        if job.state is JobState.RUNNING and signal is not None and signal.attempt == job.attempts:
            shown.append(job._replace(done=signal.done, total=signal.total))
        else:
            shown.append(job)
    return shown
