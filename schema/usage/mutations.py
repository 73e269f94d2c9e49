"""The mutation of usage: recording it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from domain.usage import Direction, UsageKind
from resolvers.usage import changes as usage
from resolvers.usage.changes import RecordUsage
from resolvers.usage.records import NewRecord
from schema.core.errors import UserError, mutation
from schema.core.inputs import given
from schema.core.nodes import context_of
from schema.core.payloads import Refusable
from schema.core.scalars import E164, Long


@strawberry.input(description="What was used of a number, once.")
class UsageRecordInput:
    """Decoded to `resolvers.usage.records.NewRecord`."""

    record_id: str = strawberry.field(
        description="The sender's own id of the record, 128 characters at most; one that comes again is a repeat."
    )
    number: E164 = strawberry.field(description="The number that was used.")
    kind: UsageKind = strawberry.field(description="Voice, messages or data.")
    direction: Direction | None = strawberry.field(default=UNSET, description="Which way it went, if that is known.")
    quantity: Long = strawberry.field(description="Seconds, messages or bytes.")
    billable: bool = strawberry.field(default=True, description="Whether it is billed.")
    at: datetime = strawberry.field(description="When it was used.")

    def decoded(self) -> NewRecord:
        """The record."""
        return NewRecord(
            self.record_id, self.number, self.kind, given(self.direction), self.quantity, self.billable, self.at
        )


@strawberry.input(description="A batch of usage records.")
class RecordUsageInput:
    """Decoded to `resolvers.usage.changes.RecordUsage`."""

    records: list[UsageRecordInput] = strawberry.field(description="The records, 10,000 at most.")


@strawberry.type(description="The answer to `recordUsage`.")
class RecordUsagePayload(Refusable):
    """What became of a batch."""

    recorded_count: int = strawberry.field(default=0, description="How many records are new, and stored now.")
    repeated_count: int = strawberry.field(
        default=0, description="How many records were stored before, or stand twice in the batch; they changed nothing."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="One for each record that was refused; `path` names it. The others are stored all the same.",
    )


@strawberry.type
class UsageMutations:
    """The mutation of usage."""

    @mutation(
        "Record usage. A record belongs to the organization that held the number, and the user who had it, at the "
        "record's time. Records are refused one by one, and may be sent again without harm."
    )
    async def record_usage(
        self, info: Info, input: Annotated[RecordUsageInput, strawberry.argument(description="The records.")]
    ) -> RecordUsagePayload | None:
        command = RecordUsage(records=[record.decoded() for record in input.records])
        context = context_of(info)
        answer = await usage.record_usage(context, command)
        context.refused |= {refusal.code for refusal in answer.refusals}
        return RecordUsagePayload(
            recorded_count=answer.recorded_count,
            repeated_count=answer.repeated_count,
            user_errors=[UserError.of(refusal) for refusal in answer.refusals],
        )
