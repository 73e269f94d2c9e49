"""How many jobs there are, in the whole deployment."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from db.core.database import Database
from db.jobs import queue
from domain.jobs import JobState


class JobBacklog(NamedTuple):
    """The number of jobs in each state, and the age of the oldest one that is queued, 0 if there is none."""

    jobs: dict[JobState, int]
    oldest_queued_seconds: float


async def job_backlog(database: Database, *, now: datetime) -> JobBacklog:
    """Count the jobs that are stored."""
    async with database.read() as connection:
        counts = {counted.state: counted for counted in await queue.counts(connection)}
    queued = counts.get(JobState.QUEUED)
    return JobBacklog(
        {state: counts[state].jobs if state in counts else 0 for state in JobState},
        (now - queued.oldest_since).total_seconds() if queued else 0.0,
    )
