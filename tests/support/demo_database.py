"""A database with the demo."""

from __future__ import annotations

from app.demo import Demo, prepare_demo
from db.core.engines import open_database
from db.core.migrations import migrate
from resolvers.core.context import system_clock


async def create_demo(url: str) -> Demo:
    """Create the tables and the demo, and return its credentials."""
    await migrate(url)
    database = await open_database(url)
    demo = await prepare_demo(database, system_clock)
    await database.close()
    assert demo is not None
    return demo
