"""The command that records usage, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.errors import DialtreeError
from domain.usage import Direction, UsageKind
from resolvers.core.results import MutationResult


class NewUsageRecord(NamedTuple):
    """A usage record as its sender wrote it."""

    record_id: str
    number: str
    kind: UsageKind
    direction: Direction | None
    quantity: int
    billable: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUsage:
    """Record a batch of usage. It needs no idempotency key: records that were already recorded are skipped."""

    records: tuple[NewUsageRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRecorded(MutationResult):
    """How many records were new and how many already recorded, and the errors of the first others."""

    recorded_count: int
    repeated_count: int
    refusals: list[DialtreeError]
