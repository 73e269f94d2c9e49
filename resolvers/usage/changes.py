"""Record usage."""

from __future__ import annotations

from functools import partial

from domain.access import Permission, require
from domain.errors import LimitExceeded
from domain.numbers import needs_region, parse
from domain.usage import RECORD_LIMIT
from resolvers.core.context import Context
from resolvers.core.counters import count_totals
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.usage.commands import RecordUsage, UsageRecorded
from resolvers.usage.records import record_batch, recording_lock

REFUSALS_SHOWN = 1_000
"""How many refused records a result reports."""


async def record_usage(context: Context, command: RecordUsage) -> UsageRecorded:
    """Record the valid records of a batch and return the errors of the first others."""
    require(context.actor.role, Permission.RECORD_USAGE)
    if len(command.records) > RECORD_LIMIT:
        raise LimitExceeded(
            f"You can send at most {RECORD_LIMIT} records at a time, not {len(command.records)}.",
            path=("input", "records"),
        )

    async def change(work: UnitOfWork) -> UsageRecorded:
        national = any(needs_region(record.number) for record in command.records)
        region = await work.region() if national else None
        await work.connection.advisory_lock(recording_lock(work.root_id), shared=True)
        result = await record_batch(
            work.connection,
            list(enumerate(command.records)),
            sender_id=work.actor.home.id,
            scope=work.scope,
            parse=partial(parse, region=region),
            add=partial(count_totals, work),
        )
        return UsageRecorded(
            recorded_count=result.recorded,
            repeated_count=result.repeated,
            refusals=[
                refusal.at("input", "records", str(index)) for index, refusal in result.refusals[:REFUSALS_SHOWN]
            ],
        )

    return await run_mutation(context, command, change, UsageRecorded, bulk=True)
