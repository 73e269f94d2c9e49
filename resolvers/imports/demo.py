"""A made-up inventory for trying things out: the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from db.core.database import Database, DatabaseConnection
from db.history import events, operations
from db.history.operations import NewOperation
from db.numbers import additions
from db.numbers.additions import CHUNK, ImportedUser, NewNumber
from db.organizations import changes as tree
from db.organizations import queries as organizations
from db.organizations import series
from db.usage import user_rollups as registrations
from db.utilization import counters
from db.utilization.deltas import UtilizationDeltas
from domain.statuses import EventKind, NumberStatus
from domain.texts import fold
from domain.users import UserStatus
from domain.utilization import DEFAULT_THRESHOLD
from resolvers.imports.organizations import Progress

ROOT = "Halcyon Group"
ACTOR = "dialtree demo"

_UNITS = (
    "Sales",
    "Support",
    "Field Service",
    "Finance",
    "Legal",
    "Retail",
    "Operations",
    "Research",
    "Branch",
    "Trading",
)
_PLACES = (
    "Quebec",
    "Montreal",
    "New York",
    "Boston",
    "Seattle",
    "London",
    "Manchester",
    "Paris",
    "Berlin",
    "Mumbai",
    "Sydney",
)
_ZONES = ("America/New_York", "Europe/London", "Asia/Kolkata", "UTC")
_FIRST = (
    "Ada",
    "Grace",
    "Alan",
    "Edsger",
    "Barbara",
    "Ken",
    "Radia",
    "Donald",
    "Frances",
    "Tim",
    "Émile",
    "Zoë",
)
_LAST = (
    "Lovelace",
    "Hopper",
    "Turing",
    "Dijkstra",
    "Liskov",
    "Thompson",
    "Perlman",
    "Knuth",
    "Allen",
    "Lee",
    "Baudot",
)
_TAGS = (
    "salestag",
    "vip",
    "hold 2027-Q1",
    "sales_14182",
    "front desk",
    "100% reserved",
    "naïve café",
    "spare",
)


class _Block(NamedTuple):
    """A series and the numbers that it is made of: a prefix and so many digits."""

    name: str
    region: str
    prefix: str
    lowest: int


_BLOCKS = (
    _Block("+1 418 Quebec", "CA", "+1418", 2_000_000),
    _Block("+1 514 Montreal", "CA", "+1514", 2_000_000),
    _Block("+1 212 New York", "US", "+1212", 2_000_000),
    _Block("+1 617 Boston", "US", "+1617", 2_000_000),
    _Block("+1 206 Seattle", "US", "+1206", 2_000_000),
    _Block("+44 20 London", "GB", "+4420", 30_000_000),
    _Block("+33 1 Paris", "FR", "+331", 40_000_000),
    _Block("+49 30 Berlin", "DE", "+4930", 20_000_000),
    _Block("+91 22 Mumbai", "IN", "+9122", 20_000_000),
    _Block("+61 2 Sydney", "AU", "+612", 80_000_000),
)
_STATUSES = (
    *[NumberStatus.AVAILABLE] * 12,
    *[NumberStatus.RESERVED] * 3,
    *[NumberStatus.ASSIGNED] * 2,
    *[NumberStatus.IN_USE] * 5,
)
_USER_STATUS = {
    NumberStatus.ASSIGNED: UserStatus.INVITED,
    NumberStatus.IN_USE: UserStatus.ACTIVATED,
}


class _Planned(NamedTuple):
    number: str
    block: int
    organization_id: int
    status: NumberStatus
    tag: str | None
    user: ImportedUser | None


async def is_empty(database: Database) -> bool:
    """Whether there is no organization yet."""
    async with database.read() as connection:
        return await organizations.root_count(connection) == 0


async def fill(
    database: Database,
    *,
    organization_count: int,
    number_count: int,
    seed: int,
    now: datetime,
    progress: Progress = lambda _: None,
) -> int:
    """Fill an empty database, in one transaction; the root's id."""
    dice = random.Random(seed)  # noqa: S311 - made-up data, no secrets
    async with database.write(bulk=True) as connection:
        paths = await _plant_tree(connection, dice, organization_count, now=now)
        ids = list(paths)
        series_ids = [
            await series.insert_one(connection, root_id=ids[0], name=block.name, region=block.region)
            for block in _BLOCKS
        ]
        operation = await operations.begin_operation(
            connection, NewOperation(EventKind.ADDED, now, ACTOR, ids[0], changed_count=number_count)
        )
        plan = _plan(dice, ids, number_count)
        done = 0
        while chunk := list(islice(plan, CHUNK)):
            await _add(connection, chunk, series_ids, root_id=ids[0], operation=operation, now=now)
            done += len(chunk)
            progress(done)
        tallies = await events.inventory_changes(connection, operation)
        await counters.apply(connection, tallies, paths=paths, deltas=UtilizationDeltas())
        await registrations.apply(connection, tallies, paths=paths, at=now)
        await operations.link(connection, operation, ids)
    return ids[0]


async def _plant_tree(
    connection: DatabaseConnection, dice: random.Random, count: int, *, now: datetime
) -> dict[int, str]:
    """Organizations in a few levels; children per node vary, names are unique among siblings."""
    root_id, root_path = await tree.insert_one(
        connection,
        parent=None,
        name=ROOT,
        time_zone=_ZONES[0],
        threshold_percent=DEFAULT_THRESHOLD,
        at=now,
    )
    paths = {root_id: root_path}
    nodes = [(root_id, root_path)]
    taken: set[tuple[int, str]] = set()
    for index in range(1, count):
        # Early nodes are drawn more often, so that the tree is wide at the top and a few levels deep.
        parent = nodes[int(len(nodes) * dice.random() ** 2.5)]
        name = f"{dice.choice(_UNITS)} {dice.choice(_PLACES)}"
        if (parent[0], name) in taken:
            name = f"{name} {index}"
        taken.add((parent[0], name))
        node = await tree.insert_one(
            connection,
            parent=parent,
            name=name,
            time_zone=dice.choice(_ZONES),
            threshold_percent=dice.choice((50, 80, 80, 95)),
            at=now,
        )
        nodes.append(node)
        paths[node[0]] = node[1]
    return paths


def _plan(dice: random.Random, holders: list[int], count: int) -> Iterator[_Planned]:
    """Numbers in runs, as they are allocated in real life: a block's neighbours mostly have the same holder."""
    following = [block.lowest for block in _BLOCKS]
    planned = 0
    while planned < count:
        block = dice.randrange(len(_BLOCKS))
        # The root keeps a stock of its own, from which the others are given theirs.
        holder = holders[0] if dice.random() < 0.1 else dice.choice(holders)  # noqa: PLR2004
        for _ in range(min(dice.randint(1, 40), count - planned)):
            local = following[block]
            following[block] += 1 if dice.random() < 0.8 else dice.randint(2, 9)  # noqa: PLR2004
            planned += 1
            status = dice.choice(_STATUSES)
            tag = f"{dice.choice(_TAGS)} {dice.randrange(500)}" if status is NumberStatus.RESERVED else None
            user = None
            if status in _USER_STATUS:
                first, last = dice.choice(_FIRST), dice.choice(_LAST)
                email = f"{fold(first[0])}.{fold(last)}.{planned}@halcyon.example"
                user = ImportedUser(holder, first, last, email, _USER_STATUS[status])
            yield _Planned(f"{_BLOCKS[block].prefix}{local}", block, holder, status, tag, user)


async def _add(
    connection: DatabaseConnection,
    chunk: list[_Planned],
    series_ids: list[int],
    *,
    root_id: int,
    operation: int,
    now: datetime,
) -> None:
    users = [planned.user for planned in chunk if planned.user]
    await additions.insert_users(connection, users, at=now)
    known = await additions.users_by_mail(connection, [fold(user.email) for user in users])
    pending: dict[int, tuple[int, int]] = {}
    numbers = []
    for planned in chunk:
        user = planned.user
        if user and user.status is UserStatus.INVITED:
            pending[user.organization_id] = (pending.get(user.organization_id, (0, 0))[0] + 1, 0)
        numbers.append(
            NewNumber(
                planned.number,
                series_ids[planned.block],
                planned.organization_id,
                planned.status,
                planned.tag,
                known[user.organization_id, fold(user.email)] if user else None,
            )
        )
    await additions.add(connection, numbers, [], root_id=root_id, operation=operation, at=now)
    await counters.add_pending(connection, pending)
