"""Generate two months of demo usage, with more by day than by night and less at weekends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from db.core.database import Database
from db.organizations import queries as organizations
from db.usage import records as usage_records
from db.usage import rollups
from domain.numbers import try_parse
from domain.usage import Direction, UsageKind
from resolvers.usage.commands import NewUsageRecord
from resolvers.usage.records import record_batch

DAYS = 60
SATURDAY = 5
_MAX_QUANTITIES = {UsageKind.VOICE: 1_800, UsageKind.MESSAGE: 4, UsageKind.DATA: 80_000_000}


async def record_demo_usage(database: Database, *, record_count: int, seed: int, now: datetime) -> None:
    """Record generated usage of the numbers in use."""
    rng = random.Random(seed)  # noqa: S311 - generated data, no secrets
    async with database.write(bulk=True) as connection:
        # A demo database has one root.
        root_id, path, _ = (await organizations.all_organizations(connection))[0]
        numbers = await usage_records.numbers_in_use(connection)
        if numbers:
            records = list(enumerate(_records(rng, numbers, record_count, now)))
            add = partial(rollups.add, connection)
            await record_batch(connection, records, sender_id=root_id, scope=path, parse=try_parse, add=add)


def _records(rng: random.Random, numbers: list[str], count: int, now: datetime) -> Iterator[NewUsageRecord]:
    generated = 0
    while generated < count:
        at = now - timedelta(seconds=rng.randrange(DAYS * 86_400))
        busy = rng.gauss(14, 4) % 24
        at = at.replace(hour=int(busy), minute=rng.randrange(60), microsecond=0)
        if at > now or (at.weekday() >= SATURDAY and rng.random() < 0.7):  # noqa: PLR2004 - a probability
            continue
        kind = rng.choice(tuple(UsageKind))
        yield NewUsageRecord(
            record_id=f"demo-{generated}",
            number=rng.choice(numbers),
            kind=kind,
            direction=rng.choice(tuple(Direction)),
            quantity=rng.randint(1, _MAX_QUANTITIES[kind]),
            billable=rng.random() < 0.8,  # noqa: PLR2004 - a probability
            at=at,
        )
        generated += 1
