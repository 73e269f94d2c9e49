"""Divide the work of an operation into portions, so that the event loop serves others in between."""

from __future__ import annotations

import asyncio
from collections import deque
from inspect import isawaitable, iscoroutine
from time import perf_counter
from typing import Any

PORTION_SECONDS = 0.01
"""How long an operation works before it gives up the event loop."""

WOKEN_TOGETHER = 8
"""How many waiting parts of an operation go on in one iteration of the event loop."""


class Pace:
    """Lets the parts of one operation wait for their turn once it has used up its portion of time."""

    def __init__(self) -> None:
        self._end = perf_counter() + PORTION_SECONDS
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def is_used_up(self) -> bool:
        """Whether the portion is used up."""
        return perf_counter() >= self._end

    async def in_turn(self, value: Any) -> Any:
        """The value, awaited if it is awaitable, as soon as it is its turn."""
        try:
            await self._turn()
        except BaseException:
            if iscoroutine(value):
                value.close()
            raise
        if isawaitable(value):
            value = await value
            await self._turn()
        return value

    async def _turn(self) -> None:
        if not self.is_used_up:
            return
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._renew)
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _renew(self) -> None:
        """Begin a portion, and wake some of those who wait."""
        self._end = perf_counter() + PORTION_SECONDS
        for _ in range(min(WOKEN_TOGETHER, len(self._waiting))):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._renew)
