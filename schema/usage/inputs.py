"""Inputs of the mutation of usage."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain.usage import Direction, UsageKind
from resolvers.usage.commands import NewUsageRecord, RecordUsage
from schema.core.inputs import Input, optional, required
from schema.core.scalars import E164, Long


@strawberry.input(description="One use of a number: a call, messages or data.")
class UsageRecordInput(Input[NewUsageRecord]):
    record_id: str = required(
        "Your own id of the record, up to 128 characters, unique for the organization that your key or administrator "
        "belongs to. A record whose id was already recorded is skipped."
    )
    number: E164 = required("The number that was used.")
    kind: UsageKind = required("Voice, messages or data.")
    direction: Direction | None = optional("The direction of the call or message, if known.")
    quantity: Long = required("The amount: seconds of voice, number of messages, or bytes of data.")
    billable: bool = optional("Whether the usage is billed.", default=True)
    at: datetime = required("When the number was used.")


@strawberry.input(description="A batch of usage records.")
class RecordUsageInput(Input[RecordUsage]):
    records: list[UsageRecordInput] = required("The records, at most 10,000.")
