"""Fresh databases for tests, copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from pathlib import Path
from typing import Protocol

from db.core.migrations import migrate
from tests.support.postgres import PostgresServer


class Databases(Protocol):
    """Makes databases with all tables and no rows."""

    def create(self) -> str:
        """The URL of a new one."""

    def copy(self, url: str) -> str:
        """The URL of a copy of one that nobody has open."""

    def drop(self, url: str) -> None:
        """Remove one."""


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


class PostgresDatabases:
    """Databases of the tests' own server, made from a migrated template."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._template = f"template_{uuid.uuid4().hex}"
        server.create_database(self._template)
        asyncio.run(migrate(server.url(self._template)))

    def create(self) -> str:
        return self.copy(self._server.url(self._template))

    def copy(self, url: str) -> str:
        name = f"test_{uuid.uuid4().hex}"
        self._server.create_database(name, template=url.rpartition("/")[2])
        return self._server.url(name)

    def drop(self, url: str) -> None:
        self._server.drop_database(url.rpartition("/")[2])
