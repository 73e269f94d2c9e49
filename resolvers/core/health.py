"""Whether the database answers."""

from __future__ import annotations

import asyncio
import logging

from db.core.database import Database
from db.organizations import queries as organizations

logger = logging.getLogger("dialtree")

PATIENCE_SECONDS = 5


async def answers(database: Database) -> bool:
    """Whether the database answers a small question within five seconds."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), database.read() as connection:
            await organizations.root_count(connection)
    except Exception:
        logger.exception("the database does not answer")
        return False
    return True
