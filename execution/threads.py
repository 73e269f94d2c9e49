"""Run long synchronous work of operations outside the event loop.

The interpreter switches between threads every five milliseconds, so the event loop goes on, at half its speed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

_EXECUTOR = ThreadPoolExecutor(max_workers=2, thread_name_prefix="operations")


async def in_thread(work: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """The result of a function that runs in another thread."""
    return await asyncio.get_running_loop().run_in_executor(_EXECUTOR, partial(work, *arguments, **named))
