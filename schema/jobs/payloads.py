"""Payloads of the mutations of jobs, and the job of the mutations that can run as one."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.jobs import queries
from schema.core.nodes import context_of
from schema.core.payloads import Payload, payload
from schema.jobs.types import Job


async def _job(root: strawberry.Parent[Any], info: Info) -> Any:
    job_id = root.answer.job_id if root.answer else None
    return None if job_id is None else await queries.find_job(context_of(info), job_id)


@strawberry.type
class JobPayload(Payload):
    """A payload with the job of its `answer`."""

    job: Job | None = strawberry.field(
        resolver=_job,
        description="The job that runs the mutation, if `asJob` is true; the other fields then tell nothing. Null "
        "otherwise.",
    )


@payload("The result of `cancelJob`.")
class CancelJobPayload(Payload):
    answer: strawberry.Private[Any] = None
    job: Job | None = strawberry.field(
        resolver=_job,
        description="The job; a running one may be RUNNING for another moment, until its change is rolled back. Null "
        "if the mutation was refused.",
    )
