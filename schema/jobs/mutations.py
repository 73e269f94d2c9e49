"""Mutations of jobs."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.jobs import cancellation
from schema.core.arguments import described
from schema.core.errors import mutation
from schema.core.inputs import decode
from schema.core.nodes import context_of
from schema.jobs.inputs import CancelJobInput
from schema.jobs.payloads import CancelJobPayload


@strawberry.type
class JobMutations:
    """The mutations of jobs."""

    @mutation("Cancel a job that has not ended. It changes nothing; a running one ends in a moment.")
    async def cancel_job(
        self, info: Info, input: Annotated[CancelJobInput, described("The job to cancel.")]
    ) -> CancelJobPayload | None:
        answer = await cancellation.cancel_job(context_of(info), decode(input))
        return CancelJobPayload(answer=answer)
