"""Readiness of the database."""

from __future__ import annotations

import asyncio
import logging

from db.core.database import Database
from db.organizations import queries as organizations
from domain.errors import Unavailable

logger = logging.getLogger("dialtree")

TIMEOUT_SECONDS = 5


async def database_responds(database: Database) -> bool:
    """Return whether the database answers a small query within `TIMEOUT_SECONDS`."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS), database.read() as connection:
            await organizations.root_count(connection)
    except (Unavailable, TimeoutError) as error:
        logger.warning("the database does not answer (%r)", error.__cause__ or error)
        return False
    except Exception:
        logger.exception("the database does not answer")
        return False
    return True
