"""Loaders: what the fields of all requests ask for by id at the same moment is read together (`db.gathering`).

A loader never shows what is outside the scope.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

from db import counters, history, organizations, period_sums, phone_numbers, series, users
from db.counters import Counters, SeriesCounters
from db.database import Database
from db.gathering import Read
from db.history import OperationRecord
from db.number_relations import NONE, Relations
from db.organizations import OrganizationRecord
from db.period_sums import Daily, Sums
from db.phone_numbers import NumberRecord
from db.series import SeriesRecord
from db.users import UserRecord
from domain.scope import child_path
from domain.usage import Figure

T = TypeVar("T")


class Loader(Generic[T]):
    """What is read by one kind of id."""

    def __init__(self, database: Database, read: Read, **arguments: Hashable) -> None:
        self._database = database
        self._read = read
        self._arguments = arguments

    def load(self, key: int) -> asyncio.Future[T | None]:
        """The row, or None."""
        return self._database.gathering.load(self._read, key, **self._arguments)

    async def load_many(self, keys: Sequence[int]) -> list[T | None]:
        """The rows in the order of the keys."""
        return list(await asyncio.gather(*map(self.load, keys)))


class Loaders:
    """What one request may load."""

    def __init__(self, database: Database, *, scope: str, root_id: int) -> None:
        self._database = database
        self._scope = scope
        self.organizations: Loader[OrganizationRecord] = Loader(database, organizations.by_ids, within=scope)
        self.roots: Loader[OrganizationRecord] = Loader(database, organizations.by_ids, within=child_path("", root_id))
        """The root above the caller, which everybody below it may know the supplier of."""
        self.series: Loader[SeriesRecord] = Loader(database, series.by_ids, root_id=root_id)
        self.users: Loader[UserRecord] = Loader(database, users.by_ids, within=scope)
        self.operations: Loader[OperationRecord] = Loader(database, history.operations, within=scope)
        self.utilization: Loader[Counters] = Loader(database, counters.utilization)
        self.inventory: Loader[list[SeriesCounters]] = Loader(database, counters.inventory)
        self.child_counts: Loader[int] = Loader(database, organizations.child_counts)
        self.occupied: Loader[bool] = Loader(database, organizations.occupied)
        self.all_time: Loader[dict[Figure, Sums]] = Loader(database, period_sums.all_time)

    def daily(self, *, first: int) -> Loader[Daily]:
        """The sums of organizations by day, from a day on."""
        return Loader(self._database, period_sums.daily, first=first)

    def phone_numbers(self, relations: Relations = NONE) -> Loader[NumberRecord]:
        """Numbers with what is related to them."""
        return Loader(self._database, phone_numbers.by_ids, within=self._scope, relations=relations)
