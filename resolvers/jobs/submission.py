"""Run a mutation at once, or queue a job that runs it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from db.jobs import queue
from db.jobs.queue import NewJob
from domain.errors import InvalidInput, LimitExceeded
from domain.jobs import OPEN_JOBS
from resolvers.core.context import Context
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.jobs.kinds import KIND_OF_COMMAND, KINDS, dump_command
from resolvers.uploads.files import require_upload


async def submit(context: Context, command: Any) -> Any:
    """Return the result of a command, or one that names the job if the command says so."""
    upload_id: int | None = getattr(command, "upload_id", None)
    if command.as_job:
        return await _enqueue(context, command, upload_id)
    if upload_id is not None:
        raise InvalidInput("Only a job reads an uploaded file: set `asJob` to true.", path=("input", "uploadId"))
    return await KINDS[KIND_OF_COMMAND[type(command)]].run(context, command)


async def _enqueue(context: Context, command: Any, upload_id: int | None) -> Any:
    """Check what can be checked at once, and queue the job."""
    if command.dry_run:
        raise InvalidInput("A dry run cannot be a job: leave out `dryRun` or `asJob`.", path=("input", "dryRun"))
    name = KIND_OF_COMMAND[type(command)]
    kind = KINDS[name]
    # A command may have megabytes of lines.
    text = await asyncio.to_thread(dump_command, command)

    async def change(work: UnitOfWork) -> Any:
        work.admits_job = True
        await kind.check(work, command)
        if upload_id is not None:
            await require_upload(work, upload_id, path=("input", "uploadId"))
        if await queue.count_open(work.connection, root_id=work.root_id) >= OPEN_JOBS:
            raise LimitExceeded(
                f"{OPEN_JOBS} jobs are waiting already. Try again when some have ended.", path=("input", "asJob")
            )
        actor = work.actor
        job = NewJob(work.root_id, actor.acting.id, name, text, upload_id, actor.kind.value, actor.id)
        return replace(kind.nothing, job_id=await queue.enqueue(work.connection, job, now=work.now))

    result = await run_mutation(context, command, change, type(kind.nothing))
    context.deployment.jobs_queued.set()
    if result.job_id is not None:
        context.deployment.job_changed(result.job_id)
    return result
