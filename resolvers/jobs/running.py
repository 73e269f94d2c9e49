"""Run a job: its mutation, as the caller who asked for it, with what that caller may do now."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from db.core.database import Database
from domain.access import CallerKind
from resolvers.access.sign_in import authenticate_absent
from resolvers.core.context import Clock, Context
from resolvers.core.deployment import Deployment
from resolvers.core.job_run import JobRun
from resolvers.jobs.kinds import KINDS, load_command
from resolvers.uploads.files import copy_upload


async def run_job(database: Database, clock: Clock, deployment: Deployment, run: JobRun) -> None:
    """Run the mutation of a job and settle the job in its transaction. Raises DialtreeError if it is refused."""
    claim = run.claim
    authentication = await authenticate_absent(
        database,
        clock,
        kind=CallerKind(claim.actor_kind),
        caller_id=claim.actor_id,
        acting_id=claim.organization_id,
    )
    context = Context(
        database, clock, deployment, authentication.actor, single_root=authentication.single_root, job=run
    )
    command = await asyncio.to_thread(load_command, claim.kind, claim.command)
    with tempfile.TemporaryDirectory(prefix="dialtree-job-") as folder:
        if claim.upload_id is not None:
            run.upload = Path(folder) / "upload"
            await copy_upload(database, claim.upload_id, run.upload)
        await KINDS[claim.kind].run(context, command)
