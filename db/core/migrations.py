"""Run the Alembic migrations, and inspect which of them a database has had."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from db.core.engines import sqlite_path
from db.core.sqlite_connection import WAIT_SECONDS

MIGRATIONS = Path(__file__).parents[1] / "migrations"
_LOCKS = {
    "sqlite": "BEGIN IMMEDIATE",
    # The key of the advisory lock is arbitrary, but the same in every process.
    "postgresql": "SELECT pg_advisory_xact_lock(4191002)",
}
"""Statements that keep other processes, which may start at the same time, from migrating concurrently."""


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def run_in_transaction(url: str, function: Callable[[Connection], Any]) -> Any:
    """Call the function with a SQLAlchemy connection to the database, in a transaction, and return its result."""
    path = sqlite_path(url)
    if path is not None:
        return await asyncio.to_thread(_run_on_sqlite, path, function)
    # SQLAlchemy reads options such as `sslmode` in another way than asyncpg, which all other connections leave it to.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(asyncpg.connect, url))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(function)
    finally:
        await engine.dispose()


def _run_on_sqlite(path: str, function: Callable[[Connection], Any]) -> Any:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": WAIT_SECONDS})
    try:
        with engine.begin() as connection:
            return function(connection)
    finally:
        engine.dispose()


class DatabaseState(Enum):
    """How the tables of a database relate to this release."""

    NEW = "new"
    """Without tables."""
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    """At a revision that this release does not know."""


class NewerDatabaseError(Exception):
    """The database was migrated by a newer release."""


async def migrate(url: str) -> None:
    """Upgrade the database to the newest revision, in one transaction. Raises NewerDatabaseError."""

    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql(_LOCKS[connection.dialect.name])
        if _state(connection) is DatabaseState.NEWER:
            raise NewerDatabaseError
        command.upgrade(alembic_config(connection), "head")

    await run_in_transaction(url, upgrade)


async def database_state(url: str) -> DatabaseState:
    """Compare the database's revision with those of this release."""
    state: DatabaseState = await run_in_transaction(url, _state)
    return state


def _state(connection: Connection) -> DatabaseState:
    if not inspect(connection).has_table("alembic_version"):
        return DatabaseState.NEW
    scripts = ScriptDirectory.from_config(alembic_config(connection))
    current = set(MigrationContext.configure(connection).get_current_heads())
    if current == set(scripts.get_heads()):
        return DatabaseState.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return DatabaseState.OLDER if current <= known else DatabaseState.NEWER
