"""Loaders: they gather the ids that fields ask for at the same moment, and read them in one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aiodataloader import DataLoader

from db import counters, history, organizations, period_sums, phone_numbers, series, users
from db.counters import Counters, SeriesCounters
from db.database import Connection, Database
from db.history import OperationRecord
from db.organizations import OrganizationRecord
from db.period_sums import Daily, Sums
from db.phone_numbers import NumberRecord
from db.series import SeriesRecord
from db.users import UserRecord
from domain.usage import Figure

K = TypeVar("K")
T = TypeVar("T")


class Loaders:
    """What one request has loaded; it never shows what is outside the scope."""

    def __init__(self, database: Database, *, scope: str, root_id: int) -> None:
        self._database = database
        self.organizations: DataLoader[int, OrganizationRecord | None] = self._loader(
            lambda connection, keys: organizations.by_ids(connection, keys, within=scope)
        )
        self.series: DataLoader[int, SeriesRecord | None] = self._loader(
            lambda connection, keys: series.by_ids(connection, keys, root_id=root_id)
        )
        self.phone_numbers: DataLoader[int, NumberRecord | None] = self._loader(
            lambda connection, keys: phone_numbers.by_ids(connection, keys, within=scope)
        )
        self.users: DataLoader[int, UserRecord | None] = self._loader(
            lambda connection, keys: users.by_ids(connection, keys, within=scope)
        )
        self.operations: DataLoader[int, OperationRecord | None] = self._loader(
            lambda connection, keys: history.operations(connection, keys, within=scope)
        )
        self.utilization: DataLoader[int, Counters | None] = self._loader(counters.utilization)
        self.inventory: DataLoader[int, list[SeriesCounters] | None] = self._loader(counters.inventory)
        self.child_counts: DataLoader[int, int | None] = self._loader(organizations.child_counts)
        self.occupied: DataLoader[int, bool | None] = self._loader(_occupied)

        self.daily: DataLoader[tuple[int, int], Daily | None] = self._loader(_daily)
        self.all_time: DataLoader[int, dict[Figure, Sums] | None] = self._loader(period_sums.all_time)

    def _loader(self, read: Callable[[Connection, Sequence[K]], Awaitable[dict[K, T]]]) -> DataLoader[K, T | None]:
        async def load(keys: list[K]) -> list[T | None]:
            async with self._database.read() as connection:
                found = await read(connection, keys)
            return [found.get(key) for key in keys]

        return DataLoader(load)


async def _occupied(connection: Connection, keys: Sequence[int]) -> dict[int, bool]:
    return dict.fromkeys(await organizations.occupied(connection, keys), True)


async def _daily(connection: Connection, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Daily]:
    """The daily sums of each organization from its day on."""
    found: dict[tuple[int, int], Daily] = {}
    for first in {first for _, first in keys}:
        wanted = [id_ for id_, from_ in keys if from_ == first]
        daily = await period_sums.daily(connection, wanted, first=first)
        found |= {(id_, first): daily[id_] for id_ in wanted}
    return found
