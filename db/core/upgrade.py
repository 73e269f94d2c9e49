"""Bringing a database to the tables of this release, through Alembic's migrations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from db.core.engines import sqlite_path
from db.core.sqlite import BUSY_SECONDS

MIGRATIONS = Path(__file__).parents[1] / "migrations"
_ALONE = {
    "sqlite": "BEGIN IMMEDIATE",
    # The key of an advisory lock; any number will do, as long as every process uses the same.
    "postgresql": "SELECT pg_advisory_xact_lock(4191002)",
}
"""What keeps other processes from migrating until the transaction ends: they may all be started at the same moment."""


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def run_on(url: str, function: Callable[[Connection], Any]) -> Any:
    """Run a function of a SQLAlchemy connection, in a transaction, on the database that a URL names."""
    path = sqlite_path(url)
    if path is not None:
        return await asyncio.to_thread(_run_on_sqlite, path, function)
    engine = create_async_engine("postgresql+asyncpg://" + url.partition("://")[2])
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(function)
    finally:
        await engine.dispose()


def _run_on_sqlite(path: str, function: Callable[[Connection], Any]) -> Any:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS})
    try:
        with engine.begin() as connection:
            return function(connection)
    finally:
        engine.dispose()


async def migrate(url: str) -> None:
    """Bring the database to the newest tables, all or none; an up-to-date one is left as it is."""

    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql(_ALONE[connection.dialect.name])
        command.upgrade(configuration(connection), "head")

    await run_on(url, upgrade)


async def is_new(url: str) -> bool:
    """Whether the database has no tables of Dialtree yet."""
    return not await run_on(url, lambda connection: inspect(connection).has_table("alembic_version"))


async def is_current(url: str) -> bool:
    """Whether the database has the newest tables."""

    def compare(connection: Connection) -> bool:
        heads = ScriptDirectory.from_config(configuration(connection)).get_heads()
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)

    return bool(await run_on(url, compare))
