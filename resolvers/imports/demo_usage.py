"""Made-up usage of a demo's numbers: two months of it, more by day than by night, and less at weekends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from db.core.database import Database
from db.organizations import queries as organizations
from db.usage import records as usage
from domain.numbers import try_parse
from domain.usage import Direction, UsageKind
from resolvers.usage.records import NewRecord, store

DAYS = 60
SATURDAY = 5
_LARGEST = {UsageKind.VOICE: 1_800, UsageKind.MESSAGE: 4, UsageKind.DATA: 80_000_000}


async def use(database: Database, *, record_count: int, seed: int, now: datetime) -> None:
    """Record usage of the numbers that are in use."""
    dice = random.Random(seed)  # noqa: S311 - made-up data, no secrets
    async with database.write(bulk=True) as connection:
        # A demo database has one root.
        root, *_ = await organizations.all_organizations(connection)
        numbers = await usage.numbers_in_use(connection)
        if numbers:
            records = list(enumerate(_records(dice, numbers, record_count, now)))
            await store(connection, records, sender_id=root[0], scope=root[1], read=try_parse)


def _records(dice: random.Random, numbers: list[str], count: int, now: datetime) -> Iterator[NewRecord]:
    made = 0
    while made < count:
        at = now - timedelta(seconds=dice.randrange(DAYS * 86_400))
        busy = dice.gauss(14, 4) % 24
        at = at.replace(hour=int(busy), minute=dice.randrange(60), microsecond=0)
        if at > now or (at.weekday() >= SATURDAY and dice.random() < 0.7):  # noqa: PLR2004 - a share
            continue
        kind = dice.choice(tuple(UsageKind))
        yield NewRecord(
            record_id=f"demo-{made}",
            number=dice.choice(numbers),
            kind=kind,
            direction=dice.choice(tuple(Direction)),
            quantity=dice.randint(1, _LARGEST[kind]),
            billable=dice.random() < 0.8,  # noqa: PLR2004 - a share
            at=at,
        )
        made += 1
