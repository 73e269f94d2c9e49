"""Loaders of objects by id. Loads of all requests in one tick of the event loop are batched (`db.core.batch_loader`).

A loader returns nothing outside the scope.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from db.core.batch_loader import BatchFunction
from db.core.database import Database
from db.history import queries as history
from db.history.queries import OperationRecord
from db.numbers import queries as phone_numbers
from db.numbers.queries import NumberRecord
from db.numbers.relations import NONE, Relations
from db.organizations import queries as organizations
from db.organizations import series
from db.organizations.paths import written_paths
from db.organizations.queries import OrganizationRecord
from db.organizations.series import SeriesRecord
from db.usage import queries as usage
from db.usage.queries import DailyTotals, UsageTotals
from db.users import queries as users
from db.users.queries import UserRecord
from db.utilization import queries as utilization
from db.utilization.queries import Counters, SeriesCounters
from domain.access import Role, hidden_events
from domain.scope import child_path
from domain.usage import Metric

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MANY_KEYS = 1_000
"""More keys are read by themselves: a future for each of 100,000 would hold the event loop for a second."""


class Loader(Generic[K, T]):
    """Loads one kind of object by id, or by another key."""

    def __init__(self, database: Database, read: BatchFunction, **arguments: Hashable) -> None:
        self._database = database
        self._read = read
        self._arguments = arguments

    def load(self, key: K) -> asyncio.Future[T | None]:
        """Return a future of the object, or of None."""
        return self._database.batch_loader.load(self._read, key, **self._arguments)

    async def load_many(self, keys: Sequence[K]) -> list[T | None]:
        """Load objects in the order of the keys."""
        if len(keys) > MANY_KEYS:
            async with self._database.read(generic_plan=True) as connection:
                found = await self._read(connection, list(dict.fromkeys(keys)), **self._arguments)
            return [found.get(key) for key in keys]
        return list(await asyncio.gather(*map(self.load, keys)))


class Loaders:
    """The loaders of one request, each created at its first use."""

    def __init__(self, database: Database, *, scope: str, root_id: int, role: Role) -> None:
        self._database = database
        self._scope = scope
        self._root_id = root_id
        self._role = role

    @cached_property
    def organizations(self) -> Loader[int, OrganizationRecord]:
        """Organizations."""
        return Loader(self._database, organizations.by_ids, within=self._scope)

    @cached_property
    def written_paths(self) -> Loader[str, str]:
        """Written paths of organizations by materialized path, from the acting organization down."""
        return Loader(self._database, written_paths, within=self._scope)

    @cached_property
    def roots(self) -> Loader[int, OrganizationRecord]:
        """The caller's root, whose supplier is visible to everyone below it."""
        return Loader(self._database, organizations.by_ids, within=child_path("", self._root_id))

    @cached_property
    def series(self) -> Loader[int, SeriesRecord]:
        """Series."""
        return Loader(self._database, series.by_ids, root_id=self._root_id)

    @cached_property
    def users(self) -> Loader[int, UserRecord]:
        """Users."""
        return Loader(self._database, users.by_ids, within=self._scope)

    @cached_property
    def operations(self) -> Loader[int, OperationRecord]:
        """Operations."""
        return Loader(self._database, history.operations, within=self._scope, without=hidden_events(self._role))

    @cached_property
    def utilization(self) -> Loader[int, Counters]:
        """Counters of organizations."""
        return Loader(self._database, utilization.utilization)

    @cached_property
    def inventory(self) -> Loader[int, list[SeriesCounters]]:
        """Counters of organizations, by series."""
        return Loader(self._database, utilization.inventory)

    @cached_property
    def child_counts(self) -> Loader[int, int]:
        """The number of child organizations."""
        return Loader(self._database, organizations.child_counts)

    @cached_property
    def occupied(self) -> Loader[int, bool]:
        """Whether organizations, or their descendants, have users or administrators."""
        return Loader(self._database, organizations.occupied)

    @cached_property
    def all_time(self) -> Loader[int, dict[Metric, UsageTotals]]:
        """Usage totals of organizations over all time."""
        return Loader(self._database, usage.all_time)

    def daily(self, *, first: int) -> Loader[int, DailyTotals]:
        """Usage totals of organizations by day, starting at a day."""
        return Loader(self._database, usage.daily_totals, first=first)

    def phone_numbers(self, relations: Relations = NONE) -> Loader[int, NumberRecord]:
        """Numbers with the given relations."""
        return Loader(self._database, phone_numbers.by_ids, within=self._scope, relations=relations)
