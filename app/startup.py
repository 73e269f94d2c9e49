"""Wait at start for a database server that is starting as well."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from db.core.postgresql_connection import CONNECTION_ERRORS
from domain.errors import Unavailable

WAIT_SECONDS = 30.0
"""How long a server waits at start for its database: containers and services start in any order."""

PAUSE_SECONDS = 0.5

T = TypeVar("T")

logger = logging.getLogger("dialtree")


async def when_available(attempt: Callable[[], Awaitable[T]], *, describe: Callable[[BaseException], str]) -> T:
    """Return the result of an attempt, which is repeated for a while if the database server does not answer.

    `describe` words the reason for the log.
    """
    end = time.monotonic() + WAIT_SECONDS
    has_logged = False
    while True:
        try:
            async with asyncio.timeout(max(end - time.monotonic(), PAUSE_SECONDS)):
                return await attempt()
        except (*CONNECTION_ERRORS, Unavailable) as error:
            if time.monotonic() + PAUSE_SECONDS > end:
                raise
            if not has_logged:
                logger.warning("%s Trying again for %g seconds.", describe(error), WAIT_SECONDS)
                has_logged = True
        await asyncio.sleep(PAUSE_SECONDS)
