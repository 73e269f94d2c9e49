"""Fresh databases for tests, copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest

from db.core.migrations import migrate
from tests.support.postgres import PostgresServer

by_default_on_postgresql = pytest.mark.parametrize(
    "databases", ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)], indirect=True
)
"""For slow tests whose subject has nothing of its own on SQLite."""


class Databases(Protocol):
    """Makes databases with all tables and no rows."""

    def create(self) -> str:
        """The URL of a new one."""

    def copy(self, url: str) -> str:
        """The URL of a copy of one that nobody has open."""

    def drop(self, url: str) -> None:
        """Remove one."""

    def recycle(self, url: str) -> None:
        """Remove one whose tables are as they were made; `create` may return it again, without rows."""


class SQLiteDatabases:
    """Files, copied from a migrated one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        asyncio.run(migrate(f"sqlite:///{self._template}"))

    def create(self) -> str:
        return self.copy(f"sqlite:///{self._template}")

    def copy(self, url: str) -> str:
        path = self._folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(url.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = url.removeprefix("sqlite:///")
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)

    def recycle(self, url: str) -> None:
        self.drop(url)


_DELETE_ALL_ROWS = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('alembic_version', 'folding')
    LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END
$$
"""


class PostgresDatabases:
    """Databases of the tests' own server, made from a migrated template."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._template = f"template_{uuid.uuid4().hex}"
        server.create_database(self._template)
        asyncio.run(migrate(server.url(self._template)))

        self._recycled: list[str] = []

    def create(self) -> str:
        return self._recycled.pop() if self._recycled else self.copy(self._server.url(self._template))

    def copy(self, url: str) -> str:
        name = f"test_{uuid.uuid4().hex}"
        self._server.create_database(name, template=url.rpartition("/")[2])
        return self._server.url(name)

    def drop(self, url: str) -> None:
        self._server.drop_database(url.rpartition("/")[2])

    def recycle(self, url: str) -> None:
        asyncio.run(_delete_all_rows(url))
        self._recycled.append(url)


async def _delete_all_rows(url: str) -> None:
    # A third of what a new database costs.
    connection = await asyncpg.connect(url)
    await connection.execute(_DELETE_ALL_ROWS)
    await connection.close()
