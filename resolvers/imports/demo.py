"""Generate a demo inventory, the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import islice
from typing import NamedTuple

from db.core.database import Database, DatabaseConnection
from db.core.tables import NumberEventRow, PhoneNumberRow, UserRow
from db.history import events, operations
from db.history.operations import NewOperation
from db.numbers import additions
from db.numbers.additions import CHUNK, NewNumber
from db.organizations import changes as organization_changes
from db.organizations import queries as organizations
from db.organizations import series
from db.organizations.additions import NewOrganization, insert_tree
from db.users.additions import ImportedUser
from domain.emails import mailbox_key
from domain.statuses import EventKind, NumberStatus
from domain.texts import fold
from domain.utilization import DEFAULT_THRESHOLD
from resolvers.imports import inventory
from resolvers.imports.demo_data import (
    DELIVERY_DAYS,
    DEPARTMENTS,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    SERIES,
    SUPPLIER_EMAIL,
    SUPPLIER_TELEPHONE,
    TAGS,
)
from resolvers.imports.inventory import USER_STATUSES
from resolvers.imports.transactions import Progress

ROOT_NAME = "Halcyon Group"
ACTOR = "dialtree demo"
"""The actor of the demo's first operation in the history."""


_FILLED = (PhoneNumberRow, NumberEventRow, UserRow)


class _Supply(Enum):
    """Whether an organization has many numbers left."""

    AMPLE = auto()
    USUAL = auto()
    ALSO_USUAL = auto()
    SCARCE = auto()


class _DemoOrganization(NamedTuple):
    id: int
    path: str
    supply: _Supply = _Supply.USUAL


_STATUSES = (
    *[NumberStatus.AVAILABLE] * 12,
    *[NumberStatus.RESERVED] * 3,
    *[NumberStatus.ASSIGNED] * 2,
    *[NumberStatus.IN_USE] * 5,
)


class _DemoNumber(NamedTuple):
    number: str
    series_index: int
    organization_id: int
    status: NumberStatus
    tag: str | None
    user: ImportedUser | None


async def is_empty(database: Database) -> bool:
    """Return whether the database has no organizations."""
    async with database.read() as connection:
        return await organizations.root_count(connection) == 0


async def create_demo_inventory(
    database: Database,
    *,
    organization_count: int,
    number_count: int,
    seed: int,
    now: datetime,
    progress: Progress = lambda _: None,
) -> int:
    """Fill an empty database in one transaction and return the id of the root."""
    rng = random.Random(seed)  # noqa: S311 - generated data, no secrets
    async with database.write(bulk=True) as connection:
        founded = now - timedelta(days=DELIVERY_DAYS[0] + 1)
        holders = await _create_organizations(connection, rng, organization_count, now=founded)
        root = holders[0]
        series_ids = [
            await series.insert_one(connection, root_id=root.id, name=demo_series.name, region=demo_series.region)
            for demo_series in SERIES
        ]
        numbers = _numbers(rng, holders, number_count)
        done = 0
        async with connection.filling(*_FILLED):
            for delivery, days in enumerate(DELIVERY_DAYS, 1):
                share = islice(numbers, number_count * delivery // len(DELIVERY_DAYS) - done)
                at = now - timedelta(days=days)
                done = await _deliver(connection, share, series_ids, holders, at=at, done=done, progress=progress)
    return root.id


async def _deliver(
    connection: DatabaseConnection,
    numbers: Iterator[_DemoNumber],
    series_ids: list[int],
    holders: list[_DemoOrganization],
    *,
    at: datetime,
    done: int,
    progress: Progress,
) -> int:
    """Add numbers in one operation, and return how many there are now."""
    root, before = holders[0], done
    operation = await operations.begin_operation(connection, NewOperation(EventKind.ADDED, at, ACTOR, root.id))
    while chunk := list(islice(numbers, CHUNK)):
        await _add_numbers(connection, chunk, series_ids, root_id=root.id, operation=operation, now=at)
        done += len(chunk)
        progress(done)
    if done == before:
        await operations.drop_operation(connection, operation)
        return done
    await operations.set_count(connection, operation, done - before)
    changes = await events.inventory_changes(connection, operation)
    paths = {holder.id: holder.path for holder in holders}
    await inventory.update_totals(connection, changes, paths=paths, at=at)
    await operations.link(connection, operation, paths)
    return done


async def _create_organizations(
    connection: DatabaseConnection, rng: random.Random, count: int, *, now: datetime
) -> list[_DemoOrganization]:
    """Create a tree of organizations, a few levels deep, each with a name of its own; parents come first."""
    place = PLACES["New York"]
    new = [NewOrganization(None, ROOT_NAME, place.time_zone, place.region, DEFAULT_THRESHOLD)]
    supplies = [_Supply.USUAL]
    taken: Counter[str] = Counter()
    while len(new) < count:
        # Prefer early nodes, so that the tree is wide at the top and only a few levels deep.
        parent = int(len(new) * rng.random() ** 2.5)
        department, city = rng.choice(DEPARTMENTS), rng.choice(tuple(PLACES))
        name = f"{department} {city}"
        taken[name] += 1
        supplies.append(rng.choice(tuple(_Supply)))
        new.append(
            NewOrganization(
                parent,
                name if taken[name] == 1 else f"{name} {taken[name]}",
                PLACES[city].time_zone,
                PLACES[city].region,
                rng.choice((50, 80, 80, 95)),
            )
        )
    inserted = await insert_tree(connection, new, at=now)
    root_id, root_path = inserted[0]
    (root,) = (await organizations.by_ids(connection, [root_id], within=root_path)).values()
    supplied = root._replace(supplier_email=SUPPLIER_EMAIL, supplier_telephone=SUPPLIER_TELEPHONE)
    await organization_changes.write(connection, supplied)
    return [_DemoOrganization(*node, supply) for node, supply in zip(inserted, supplies, strict=True)]


def _numbers(rng: random.Random, holders: list[_DemoOrganization], count: int) -> Iterator[_DemoNumber]:
    """Generate numbers in runs of the same holder, as they are allocated in practice."""
    next_numbers = [demo_series.first for demo_series in SERIES]
    generated = 0
    while generated < count:
        index = rng.randrange(len(SERIES))
        # The root keeps some numbers itself, to allocate from.
        holder = holders[0] if rng.random() < 0.1 else rng.choice(holders)  # noqa: PLR2004
        for _ in range(min(rng.randint(1, 40), count - generated)):
            local = next_numbers[index]
            next_numbers[index] += 1 if rng.random() < 0.8 else rng.randint(2, 9)  # noqa: PLR2004
            generated += 1
            status = rng.choice(_STATUSES)
            tag = f"{rng.choice(TAGS)} {rng.randrange(500)}" if status is NumberStatus.RESERVED else None
            user = None
            if status in USER_STATUSES:
                first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
                email = f"{fold(first[0])}.{fold(last)}.{generated}@halcyon.example"
                user = ImportedUser(holder.id, first, last, email, USER_STATUSES[status])
            if holder.supply is _Supply.AMPLE and status is NumberStatus.RESERVED:
                status, tag = NumberStatus.AVAILABLE, None
            elif holder.supply is _Supply.SCARCE and status is NumberStatus.AVAILABLE and generated % 8:
                status, tag = NumberStatus.RESERVED, TAGS[generated % len(TAGS)]
            yield _DemoNumber(f"{SERIES[index].prefix}{local}", index, holder.id, status, tag, user)


async def _add_numbers(
    connection: DatabaseConnection,
    chunk: list[_DemoNumber],
    series_ids: list[int],
    *,
    root_id: int,
    operation: int,
    now: datetime,
) -> None:
    user_ids = await inventory.insert_users(connection, [number.user for number in chunk if number.user], at=now)
    numbers = [
        NewNumber(
            number.number,
            series_ids[number.series_index],
            number.organization_id,
            number.status,
            number.tag,
            user_ids[number.organization_id, mailbox_key(number.user.email)] if number.user else None,
            number.user.person.display_name if number.user else None,
        )
        for number in chunk
    ]
    await additions.add(connection, numbers, [], root_id=root_id, operation=operation, at=now)
