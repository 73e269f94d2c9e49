"""The batch loader: keys requested in one tick are read in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

import db.core.batch_loader
from db.core.batch_loader import BatchLoader


class Source:
    """A source that records each read, and can be made to wait or to fail."""

    def __init__(self) -> None:
        self.reads: list[tuple[list[int], dict[str, Any]]] = []
        self.rows = {1: "one", 2: "two", 3: "three"}
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def read(self, _connection: None, keys: Sequence[int], **arguments: Any) -> Mapping[int, str]:
        self.reads.append((list(keys), arguments))
        found = {key: self.rows[key] for key in keys if key in self.rows}
        await self.may_go.wait()
        if 13 in keys:
            raise LookupError("unlucky")
        return found


@asynccontextmanager
async def connect() -> AsyncIterator[None]:
    yield None


def test_keys_of_one_tick_are_read_in_one_statement() -> None:
    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        found = await asyncio.gather(*(gathering.load(source.read, key) for key in (2, 1, 2, 9)))
        assert found == ["two", "one", "two", None]
        assert source.reads == [([2, 1, 9], {})]

    asyncio.run(run())


def test_different_arguments_are_read_in_different_statements() -> None:
    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        await asyncio.gather(
            gathering.load(source.read, 1, within="1/"),
            gathering.load(source.read, 2, within="1/2/"),
            gathering.load(source.read, 3, within="1/"),
        )
        assert source.reads == [([1, 3], {"within": "1/"}), ([2], {"within": "1/2/"})]

    asyncio.run(run())


def test_keys_loaded_during_a_statement_are_batched_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.core.batch_loader, "MAX_BATCH_DELAY_SECONDS", 60)

    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        source.may_go.clear()
        waiting = []
        for key in (1, 2, 3, 2):
            waiting.append(gathering.load(source.read, key))
            await asyncio.sleep(0.001)
        assert [keys for keys, _ in source.reads] == [[1]]
        source.may_go.set()
        assert await asyncio.gather(*waiting) == ["one", "two", "three", "two"]
        assert [keys for keys, _ in source.reads] == [[1], [2, 3]]

    asyncio.run(run())


def test_a_hanging_statement_does_not_block_other_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.core.batch_loader, "MAX_BATCH_DELAY_SECONDS", 0.001)

    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        source.may_go.clear()
        hanging = gathering.load(source.read, 1)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        source.may_go = asyncio.Event()
        source.may_go.set()
        async with asyncio.timeout(5):
            found = await asyncio.gather(*(gathering.load(source.read, key) for key in (2, 3)))
        assert found == ["two", "three"]
        assert [keys for keys, _ in source.reads] == [[1], [2, 3]]
        assert not hanging.done()

    asyncio.run(run())


def test_concurrent_statements_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.core.batch_loader, "MAX_BATCH_DELAY_SECONDS", 0.001)
    monkeypatch.setattr(db.core.batch_loader, "MAX_CONCURRENT_BATCHES", 2)

    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        source.may_go.clear()
        waiting = []
        for key in (1, 2, 3, 1):
            waiting.append(gathering.load(source.read, key))
            await asyncio.sleep(0.02)
        assert [keys for keys, _ in source.reads] == [[1], [2]]
        source.may_go.set()
        assert await asyncio.gather(*waiting) == ["one", "two", "three", "one"]
        assert [keys for keys, _ in source.reads] == [[1], [2], [3, 1]]

    asyncio.run(run())


def test_a_load_after_a_change_sees_it() -> None:
    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        source.may_go.clear()
        before = gathering.load(source.read, 1)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        source.rows[1] = "changed"
        after = gathering.load(source.read, 1)
        source.may_go.set()
        assert [await before, await after] == ["one", "changed"]

    asyncio.run(run())


def test_a_failure_reaches_all_waiters_and_is_not_cached() -> None:
    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        failed = await asyncio.gather(
            gathering.load(source.read, 13), gathering.load(source.read, 1), return_exceptions=True
        )
        assert [str(failure) for failure in failed] == ["unlucky", "unlucky"]
        assert await gathering.load(source.read, 1) == "one"

    asyncio.run(run())


def test_cancelling_one_load_does_not_affect_others() -> None:
    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        source.may_go.clear()

        async def ask() -> Any:
            return await gathering.load(source.read, 1)

        impatient, patient = asyncio.create_task(ask()), asyncio.create_task(ask())
        await asyncio.sleep(0.001)
        impatient.cancel()
        source.may_go.set()
        assert await patient == "one"
        with pytest.raises(asyncio.CancelledError):
            await impatient

    asyncio.run(run())


async def _hang(cancelled: asyncio.Event) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        cancelled.set()


def test_a_read_that_no_request_waits_for_any_longer_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.core.batch_loader, "ABANDONED_SECONDS", 0.001)

    async def run() -> None:
        gathering, cancelled, reads = BatchLoader(connect), asyncio.Event(), []

        async def read(_connection: None, keys: Sequence[int]) -> Mapping[int, str]:
            reads.append(list(keys))
            if len(reads) == 1:
                await _hang(cancelled)
            return dict.fromkeys(keys, "read")

        leaving = [gathering.load(read, key) for key in (1, 2, 2)]
        await asyncio.sleep(0.01)
        leaving[0].cancel()
        leaving[1].cancel()
        # One request still waits.
        await asyncio.sleep(0.01)
        assert not cancelled.is_set()
        leaving[2].cancel()
        async with asyncio.timeout(5):
            await cancelled.wait()
            assert await gathering.load(read, 3) == "read"
        assert reads == [[1, 2], [3]]

    asyncio.run(run())


def test_keys_that_were_cancelled_before_their_statement_are_not_read() -> None:
    async def run() -> None:
        source, gathering = Source(), BatchLoader(connect)
        gathering.load(source.read, 1).cancel()
        await asyncio.sleep(0.001)
        assert source.reads == []
        assert await gathering.load(source.read, 2) == "two"

    asyncio.run(run())


class Search:
    """A search that counts its readings, and can be made to wait or to fail."""

    def __init__(self) -> None:
        self.readings = 0
        self.cancelled = 0
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def read(self, _connection: None, text: str) -> str:
        self.readings += 1
        found = f"{text} {self.readings}"
        try:
            await self.may_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if text == "unlucky":
            raise LookupError(found)
        return found


def test_equal_searches_at_the_same_time_share_the_next_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.core.batch_loader, "MAX_BATCH_DELAY_SECONDS", 60)

    async def run() -> None:
        search, loader = Search(), BatchLoader(connect)
        search.may_go.clear()
        asked = []
        for text in ("a", "a", "b", "a"):
            asked.append(asyncio.ensure_future(loader.share(search.read, text)))
            await asyncio.sleep(0.001)
        # Only the first of each text: the second "a" was asked for when the first was already being read.
        assert search.readings == 2
        search.may_go.set()
        assert await asyncio.gather(*asked) == ["a 1", "a 3", "b 2", "a 3"]
        assert await loader.share(search.read, "a") == "a 4"

    asyncio.run(run())


def test_a_slow_search_delays_an_equal_one_only_for_a_moment() -> None:
    async def run() -> None:
        search, loader = Search(), BatchLoader(connect)
        search.may_go.clear()
        asked = [asyncio.ensure_future(loader.share(search.read, "a"))]
        await asyncio.sleep(0)
        asked += [asyncio.ensure_future(loader.share(search.read, "a")) for _ in range(3)]
        await asyncio.sleep(2 * db.core.batch_loader.MAX_BATCH_DELAY_SECONDS)
        assert search.readings == 2
        search.may_go.set()
        assert await asyncio.gather(*asked) == ["a 1", "a 2", "a 2", "a 2"]

    asyncio.run(run())


def test_a_failure_reaches_all_who_share_a_reading_and_is_not_kept() -> None:
    async def run() -> None:
        search, loader = Search(), BatchLoader(connect)
        search.may_go.clear()
        asked = [asyncio.ensure_future(loader.share(search.read, "unlucky")) for _ in range(3)]
        await asyncio.sleep(0.001)
        search.may_go.set()
        failures = await asyncio.gather(*asked, return_exceptions=True)
        assert [repr(failure) for failure in failures] == [
            "LookupError('unlucky 1')",
            "LookupError('unlucky 2')",
            "LookupError('unlucky 2')",
        ]
        with pytest.raises(LookupError, match="unlucky 3"):
            await loader.share(search.read, "unlucky")

    asyncio.run(run())


@pytest.mark.parametrize("leaving", [0, 1, 2])
def test_a_search_goes_on_for_the_others_when_one_leaves(leaving: int) -> None:
    async def run() -> None:
        search, loader = Search(), BatchLoader(connect)
        search.may_go.clear()
        asked = [asyncio.ensure_future(loader.share(search.read, "a")) for _ in range(3)]
        await asyncio.sleep(0.001)
        asked[leaving].cancel()
        await asyncio.sleep(0.001)
        search.may_go.set()
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(found.pop(leaving), asyncio.CancelledError)
        assert found == (["a 2", "a 2"] if leaving == 0 else ["a 1", "a 2"])
        assert search.cancelled == (leaving == 0)

    asyncio.run(run())


def test_a_shared_reading_that_nobody_waits_for_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.core.batch_loader, "ABANDONED_SECONDS", 0.01)

    async def run() -> None:
        search, loader = Search(), BatchLoader(connect)
        search.may_go.clear()
        asked = [asyncio.ensure_future(loader.share(search.read, "a")) for _ in range(3)]
        await asyncio.sleep(2 * db.core.batch_loader.MAX_BATCH_DELAY_SECONDS)
        for task in asked:
            task.cancel()
        await asyncio.sleep(0.05)
        assert (search.readings, search.cancelled) == (2, 2)

    asyncio.run(run())
