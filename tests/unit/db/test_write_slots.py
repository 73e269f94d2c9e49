"""Fair shares of writer connections."""

from __future__ import annotations

import asyncio

import pytest

from db.core.write_slots import FairSemaphore, WriteSlots


async def _turn() -> None:
    """Let every other task run as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


class _Client:
    """Takes a slot for a key, notes it, and holds it until told to release it."""

    def __init__(self, semaphore: FairSemaphore, key: str, holding: list[str]) -> None:
        self.released = asyncio.Event()
        self.task = asyncio.create_task(self._run(semaphore, key, holding))

    async def _run(self, semaphore: FairSemaphore, key: str, holding: list[str]) -> None:
        await semaphore.acquire(key)
        holding.append(key)
        await self.released.wait()
        holding.remove(key)
        semaphore.release(key)


async def test_a_slot_that_is_released_as_its_waiter_is_cancelled_goes_to_the_next() -> None:
    semaphore, holding = FairSemaphore(1), list[str]()
    first = _Client(semaphore, "a", holding)
    await _turn()
    cancelled, other, next_ = (_Client(semaphore, key, holding) for key in "bbc")
    await _turn()
    # Before the task of the waiter runs again.
    cancelled.task.cancel()
    semaphore.release("a")
    holding.remove("a")
    await _turn()
    assert (cancelled.task.cancelled(), holding) == (True, ["c"])
    for client, then in ((next_, ["b"]), (other, [])):
        client.released.set()
        await _turn()
        assert holding == then
    first.task.cancel()
    assert semaphore.usage("writes") == ("writes", 1, 0, 0)


async def test_a_released_slot_goes_to_the_key_that_holds_the_fewest() -> None:
    semaphore, holding = FairSemaphore(2), list[str]()
    first = [_Client(semaphore, "a", holding) for _ in range(5)]
    late = _Client(semaphore, "b", holding)
    await _turn()
    assert holding == ["a", "a"]
    first[0].released.set()
    await _turn()
    assert holding == ["a", "b"]
    late.released.set()
    await _turn()
    assert holding == ["a", "a"]
    for client in first:
        client.released.set()
    await asyncio.gather(*(client.task for client in first))
    assert holding == []


async def test_keys_that_hold_as_many_take_turns() -> None:
    semaphore, granted = FairSemaphore(1), list[str]()

    async def use(key: str) -> None:
        await semaphore.acquire(key)
        granted.append(key)
        await asyncio.sleep(0)
        semaphore.release(key)

    await asyncio.gather(*(use(key) for key in ("a", "a", "a", "b", "b", "c")))
    assert granted == ["a", "a", "b", "c", "a", "b"]


async def test_a_key_holds_at_most_its_limit_while_other_keys_take_the_rest() -> None:
    semaphore, holding = FairSemaphore(3, per_key=1), list[str]()
    clients = [_Client(semaphore, key, holding) for key in ("a", "a", "b")]
    await _turn()
    assert holding == ["a", "b"]
    clients[0].released.set()
    await _turn()
    assert holding == ["b", "a"]
    for client in clients:
        client.released.set()
    await asyncio.gather(*(client.task for client in clients))


@pytest.mark.parametrize("granted_first", [False, True])
async def test_a_cancelled_waiter_leaves_its_slot_to_others(*, granted_first: bool) -> None:
    semaphore, holding = FairSemaphore(1), list[str]()
    await semaphore.acquire("a")
    cancelled, other = (_Client(semaphore, key, holding) for key in ("b", "c"))
    await _turn()
    if granted_first:
        semaphore.release("a")
    cancelled.task.cancel()
    await _turn()
    if not granted_first:
        semaphore.release("a")
    await _turn()
    assert holding == ["c"]
    other.released.set()
    await other.task
    await semaphore.acquire("d")


async def test_bulk_work_leaves_half_of_the_slots_and_has_one_for_each_root() -> None:
    slots, holding, release = WriteSlots(4), list[tuple[int, bool]](), asyncio.Event()

    async def use(root_id: int, *, bulk: bool) -> None:
        async with slots.slot(root_id, bulk=bulk):
            holding.append((root_id, bulk))
            await release.wait()

    tasks = [asyncio.create_task(use(root_id, bulk=True)) for root_id in (1, 1, 1, 2, 3)]
    await _turn()
    assert holding == [(1, True), (2, True)]
    tasks += [asyncio.create_task(use(3, bulk=False)) for _ in range(3)]
    await _turn()
    assert holding == [(1, True), (2, True), (3, False), (3, False)]
    release.set()
    await asyncio.gather(*tasks)
    assert len(holding) == 8
