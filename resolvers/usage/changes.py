"""Recording usage."""

from __future__ import annotations

from dataclasses import dataclass

from domain.access import Permission, require
from domain.errors import DialtreeError, LimitExceeded
from domain.numbers import try_parse
from domain.usage import RECORD_LIMIT
from resolvers.core.context import Context
from resolvers.core.results import MutationResult
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.usage.records import NewRecord, store, usage_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUsage:
    """Store usage records. It needs no idempotency key: a record that comes again changes nothing."""

    records: tuple[NewRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRecorded(MutationResult):
    """How many records are new, how many were there already, and why each of the others was refused."""

    recorded_count: int
    repeated_count: int
    refusals: list[DialtreeError]


async def record_usage(context: Context, command: RecordUsage) -> UsageRecorded:
    """Store what is right of a batch, and refuse the rest record by record."""
    require(context.actor.role, Permission.RECORD_USAGE)
    if len(command.records) > RECORD_LIMIT:
        raise LimitExceeded(
            f"`records` holds {len(command.records)} records; {RECORD_LIMIT} is the most.", path=("input", "records")
        )

    async def change(work: UnitOfWork) -> UsageRecorded:
        await work.connection.advisory_lock(usage_lock(work.root_id), shared=True)
        done = await store(
            work.connection,
            list(enumerate(command.records)),
            sender_id=work.actor.home.id,
            scope=work.scope,
            read=try_parse,
        )
        return UsageRecorded(
            recorded_count=done.recorded,
            repeated_count=done.repeated,
            refusals=[refusal.at("input", "records", str(place)) for place, refusal in done.refusals],
        )

    return await run_mutation(context, command, change, UsageRecorded)
