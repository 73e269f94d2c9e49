"""The mutation of usage."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.usage import changes
from schema.core.arguments import described
from schema.core.errors import as_user_errors, mutation
from schema.core.inputs import decode_large
from schema.core.nodes import context_of
from schema.usage.inputs import RecordUsageInput
from schema.usage.payloads import RecordUsagePayload


@strawberry.type
class UsageMutations:
    """The mutation of usage."""

    @mutation(
        "Record usage. A record belongs to the organization that held the number, and the user who had it, at the time "
        "of the usage. Records are accepted or refused one by one; sending a record again changes nothing."
    )
    async def record_usage(
        self, info: Info, input: Annotated[RecordUsageInput, described("The batch.")]
    ) -> RecordUsagePayload | None:
        command = await decode_large(input)
        answer = await changes.record_usage(context_of(info), command)
        # A thousand errors would hold the event loop.
        user_errors = await asyncio.to_thread(as_user_errors, info, answer.refusals)
        return RecordUsagePayload(
            recorded_count=answer.recorded_count, repeated_count=answer.repeated_count, user_errors=user_errors
        )
