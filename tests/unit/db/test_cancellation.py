"""Work that must not be interrupted ends, and the cancellation is not forgotten."""

from __future__ import annotations

import asyncio

import pytest

from db.core.cancellation import finish


@pytest.mark.parametrize("fails", [False, True])
async def test_a_cancelled_task_ends_after_its_work_even_where_that_fails(fails: bool) -> None:  # noqa: FBT001
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await may_end.wait()
        ended.set()
        if fails:
            raise LookupError

    task = asyncio.create_task(finish(work()))
    await begun.wait()
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_failure_is_raised_where_nothing_is_cancelled() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await finish(work())
