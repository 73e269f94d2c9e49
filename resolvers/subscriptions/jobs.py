"""Follow the progress of a job until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from db.jobs.queries import JobRecord
from domain.errors import not_found
from resolvers.access.sign_in import authenticate_again
from resolvers.core.context import Context
from resolvers.jobs.queries import find_job

INTERVAL_SECONDS = 0.5
"""How often a job is read while it is followed."""


async def job_progress(context: Context, job_id: int) -> AsyncIterator[JobRecord]:
    """Yield a job as it is now, after each change of its state or progress, and at its end. Raises NotFound."""
    told: JobRecord | None = None
    while True:
        job = await find_job(context, job_id)
        if job is None:
            raise not_found("job", path=("id",))
        if told is None or _visible(job) != _visible(told):
            told = job
            yield job
        if not job.state.is_open:
            return
        now = asyncio.get_running_loop().time()
        # All subscribers of a process read at the same moment, so that they share a statement for their tokens.
        await asyncio.sleep(INTERVAL_SECONDS - now % INTERVAL_SECONDS)
        await authenticate_again(context)


def _visible(job: JobRecord) -> tuple[object, ...]:
    return job.state, job.done, job.total, job.changed_count, job.started_at
