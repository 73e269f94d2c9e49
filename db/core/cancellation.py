"""Work that must not be interrupted, such as a COMMIT that was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def finish(work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """Return the result of the work, which is finished however often this task is cancelled.

    At its end, an event loop cancels all tasks: only a future that is no task is finished then, too.

    Raise CancelledError afterwards if it was, also where the work failed: the caller might try again.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:  # noqa: BLE001 - raised below
            break
    if cancelled is not None:
        raise cancelled from task.exception()
    return task.result()
