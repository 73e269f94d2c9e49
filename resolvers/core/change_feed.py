"""The changes that all processes make, read once per process and followed by any number of subscribers.

A subscriber reads at its own pace. Recent batches are kept in memory; one that falls further behind reads what it has
missed from the history, so slow subscribers neither lose anything nor take up memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from db.core.database import ChangeWatch, Database
from db.core.retry_logger import RetryLogger
from db.subscriptions import positions
from db.subscriptions.changes import operation_changes
from db.subscriptions.positions import Position, PositionExpired, Progress
from domain.access import ACCESS_EVENTS
from domain.errors import Expired
from domain.number_changes import OperationChanges
from domain.scope import path_ids
from domain.statuses import EventKind
from resolvers.core.deployment import Deployment

ANNOUNCE_SECONDS = 0.05
PAUSE_SECONDS = 0.1
"""How long changes are collected before they are announced to all processes, and before each of them reads them.

With a pause of 0.05 seconds, a thousand subscribers were told of 80 changes a second instead of about 90.
"""

RETRY_SECONDS = 1.0
PULSE_SECONDS = 5.0
"""How often subscribers are woken without a change, to authenticate again."""

KEPT_BATCHES = 200
KEPT_NUMBERS = 20_000
"""How many batches, and changed numbers in them, are kept in memory."""

READ_AT_ONCE = 100
READ_NUMBERS = 5_000
"""How many missed operations, and changed numbers of them, are read at once."""

TREE_EVENTS = frozenset({EventKind.ORGANIZATION_MOVED, EventKind.ORGANIZATION_DELETED, EventKind.ORGANIZATION_CREATED})
SCOPE_EVENTS = ACCESS_EVENTS | TREE_EVENTS
"""After these, any subscriber may see more or less, or nothing any more."""

logger = logging.getLogger("dialtree.subscriptions")


class Batch(NamedTuple):
    """Operations that were committed between two positions; none in a batch that only wakes the subscriber."""

    since: Position
    until: Position
    operations: tuple[OperationChanges, ...] = ()
    """In the order of their ids; the first ones are in batches before, if there are several between the positions."""

    is_last: bool = True
    """Whether no operation between the positions follows in another batch."""

    def progress(self, operation_id: int) -> Progress:
        """Return what a subscriber has been told after one of the operations."""
        if self.is_last and operation_id == self.operations[-1].id:
            return Progress(self.until)
        return Progress(self.since, self.until, operation_id)

    @property
    def number_count(self) -> int:
        """How many changed numbers the batch holds."""
        return sum(len(operation.numbers) for operation in self.operations)


async def keep_announcing(database: Database, deployment: Deployment) -> None:
    """Announce the changes of this process to all processes until cancelled."""
    while True:
        await deployment.changed.wait()
        await asyncio.sleep(ANNOUNCE_SECONDS)
        deployment.changed.clear()
        # Processes that miss an announcement look by themselves after a while.
        with contextlib.suppress(Exception):
            await database.announce()


class ChangeFeed:
    """Reads the changes of one database while there are subscribers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._batches: deque[Batch] = deque()
        self._next = 0
        self._numbers_kept = 0
        self._numbers_unseen = 0
        """How many changed numbers have come since all subscribers were woken."""

        self._position: Position | None = None
        self._pulses = 0
        self._subscribers: dict[int, set[asyncio.Event]] = defaultdict(set)
        """What wakes each subscriber, by the organizations that it follows."""

        self._subscriber_count = 0
        self._reading: asyncio.Task[None] | None = None

    @property
    def subscriber_count(self) -> int:
        """How many subscribers follow the changes."""
        return self._subscriber_count

    async def present(self) -> tuple[Position, Database]:
        """Return the present position, and where a query reads everything before it."""
        async with self._database.read(generic_plan=True) as connection:
            position = await positions.present(connection)
        return position, await self._database.for_queries()

    async def follow(self, organization_ids: Collection[int], *, after: Progress | None = None) -> AsyncIterator[Batch]:
        """Yield the changes that a subscriber has not been told, or those from now on.

        Changes at or below the organizations are told at once, others by the next pulse. An empty batch says that no
        change can be missed any more; others wake the subscriber now and then. Raises Expired if the position is too
        far back or from elsewhere.
        """
        with self._subscribed(organization_ids) as is_woken:
            pulses = self._pulses
            position, sequence = await self._advance()
            if after is not None:
                if after.until is not None:
                    async for batch in self._missed(after.since, after.until, after_id=after.last_id):
                        yield batch
                async for batch in self._missed(after.until or after.since, position):
                    yield batch
            yield Batch(position, position)
            while True:
                if sequence < self._next - len(self._batches):
                    missed_until, sequence = await self._advance()
                    async for batch in self._missed(position, missed_until):
                        yield batch
                    position = missed_until
                elif sequence < self._next:
                    batch = self._merged_since(sequence)
                    sequence, position = self._next, batch.until
                    yield batch
                elif pulses != self._pulses:
                    pulses = self._pulses
                    yield Batch(position, position)
                else:
                    await is_woken.wait()
                    is_woken.clear()

    async def close(self) -> None:
        """Stop reading."""
        reading = self._reading
        self._stop()
        if reading is not None:
            await asyncio.gather(reading, return_exceptions=True)

    @contextlib.contextmanager
    def _subscribed(self, organization_ids: Collection[int]) -> Iterator[asyncio.Event]:
        is_woken = asyncio.Event()
        self._subscriber_count += 1
        for organization_id in organization_ids:
            self._subscribers[organization_id].add(is_woken)
        try:
            yield is_woken
        finally:
            for organization_id in organization_ids:
                self._subscribers[organization_id].discard(is_woken)
                if not self._subscribers[organization_id]:
                    del self._subscribers[organization_id]
            self._subscriber_count -= 1
            if not self._subscriber_count:
                self._stop()

    def _stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._batches.clear()
        self._numbers_kept = 0
        self._position = None

    async def _advance(self) -> tuple[Position, int]:
        """Read up to the present; the position, and the sequence number of the next batch."""
        async with self._lock:
            async with self._database.read(generic_plan=True) as connection:
                present = await positions.present(connection)
                since = self._position
                if since is not None and since != present:
                    try:
                        found = await positions.operations_between(connection, since, present)
                    except PositionExpired:
                        # Subscribers that were there find out by their own position.
                        self._forget()
                        found = ()
                    if found:
                        changes = await operation_changes(connection, found, most=KEPT_NUMBERS)
                        if len(changes) == len(found):
                            self._keep(Batch(since, present, tuple(changes)))
                        else:
                            self._forget()
            self._position = present
            if self._reading is None:
                self._reading = asyncio.create_task(self._keep_reading(), name="subscriptions")
            return present, self._next

    def _forget(self) -> None:
        """Keep nothing, as if every subscriber were behind."""
        self._batches.clear()
        self._numbers_kept = 0
        self._next += 1
        self._wake_all()

    def _keep(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._next += 1
        self._numbers_kept += batch.number_count
        while len(self._batches) > KEPT_BATCHES or (self._numbers_kept > KEPT_NUMBERS and len(self._batches) > 1):
            self._numbers_kept -= self._batches.popleft().number_count
        self._numbers_unseen += batch.number_count
        concerns_all = any(operation.action in SCOPE_EVENTS for operation in batch.operations)
        # Before batches are dropped, so that nobody has to read them from the history.
        if concerns_all or self._numbers_unseen > KEPT_NUMBERS // 2:
            self._wake_all()
        else:
            touched = {path for operation in batch.operations for path in operation.touched}
            self._wake(dict.fromkeys(chain.from_iterable(map(path_ids, touched))))

    def _merged_since(self, sequence: int) -> Batch:
        """Return all batches from a sequence number on as one."""
        batches = [self._batches[index] for index in range(sequence - self._next, 0)]
        operations = chain.from_iterable(batch.operations for batch in batches)
        return Batch(batches[0].since, batches[-1].until, tuple(sorted(operations, key=attrgetter("id"))))

    async def _missed(self, since: Position, until: Position, *, after_id: int = 0) -> AsyncIterator[Batch]:
        """Yield the operations between two positions with ids after one."""
        try:
            async with self._database.read(generic_plan=True) as connection:
                between = await positions.operations_between(connection, since, until)
        except PositionExpired:
            raise Expired(
                "The changes since then are no longer known. Fetch the data again, and subscribe without `after`.",
                path=("after",),
            ) from None
        found = [operation_id for operation_id in between if operation_id > after_id]
        while found:
            async with self._database.read(generic_plan=True) as connection:
                changes = await operation_changes(connection, found[:READ_AT_ONCE], most=READ_NUMBERS)
            found = found[len(changes) :]
            yield Batch(since, until, tuple(changes), is_last=not found)

    def _wake(self, organization_ids: Iterable[int]) -> None:
        """Wake the subscribers that follow one of the organizations."""
        for organization_id in organization_ids:
            for is_woken in self._subscribers.get(organization_id, ()):
                is_woken.set()

    def _wake_all(self) -> None:
        self._numbers_unseen = 0
        self._wake(self._subscribers)

    async def _keep_reading(self) -> None:
        log = RetryLogger(logger, "cannot read changes")
        loop = asyncio.get_running_loop()
        next_pulse = loop.time() + PULSE_SECONDS
        while True:
            try:
                async with self._database.watch() as watch:
                    while True:
                        next_pulse = await self._read_once(watch, next_pulse)
                        log.success()
            except Exception:
                log.exception()
                await asyncio.sleep(RETRY_SECONDS)

    async def _read_once(self, watch: ChangeWatch, next_pulse: float) -> float:
        await watch.wait()
        await asyncio.sleep(PAUSE_SECONDS)
        await self._advance()
        now = asyncio.get_running_loop().time()
        if now < next_pulse:
            return next_pulse
        self._pulses += 1
        self._wake_all()
        return now + PULSE_SECONDS
