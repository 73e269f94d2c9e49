"""Open the database that a URL names."""

from __future__ import annotations

from urllib.parse import unquote

from db.core.database import Database
from db.core.postgresql import CONNECTIONS, PostgreSQLDatabase
from db.core.replica import ReplicatedDatabase
from db.core.sqlite import SQLiteDatabase


async def open_database(
    url: str, *, connections: int = CONNECTIONS, replica_url: str = "", pooler_url: str = ""
) -> Database:
    """Open `sqlite:///file.db`, or `postgresql://user@host/database` with at most this many connections.

    Queries read on the PostgreSQL replica, if one is given, with as many connections again. The connections to the
    database are through the pooler in transaction mode, if one is given. Raises ValueError for any other URL.
    """
    if (path := sqlite_path(url)) is not None:
        return SQLiteDatabase(path)
    if is_postgresql(url):
        if replica_url:
            database = ReplicatedDatabase(url, connections, replica_url=replica_url, pooler_url=pooler_url)
            await database.detect()
            return database
        return await PostgreSQLDatabase.connect(url, connections=connections, pooler_url=pooler_url)
    raise ValueError(f"{url.partition(':')[0]!r} is not a supported database. Use sqlite:///… or postgresql://…")


def is_postgresql(url: str) -> bool:
    """Whether a URL names a PostgreSQL database."""
    return url.startswith(("postgresql://", "postgres://"))


def sqlite_path(url: str) -> str | None:
    """Return the path in an SQLite URL (relative after three slashes, absolute after four), or None."""
    prefix = "sqlite:///"
    return unquote(url.removeprefix(prefix)) if url.startswith(prefix) and len(url) > len(prefix) else None
