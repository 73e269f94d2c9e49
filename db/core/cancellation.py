"""Work that must not be interrupted, such as a COMMIT that was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def finish(work: Coroutine[Any, Any, object]) -> None:
    """Wait until the work is finished, however often this task is cancelled, and raise CancelledError afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:  # noqa: BLE001 - raised below
            break
    task.result()
    if cancelled is not None:
        raise cancelled
