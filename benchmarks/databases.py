"""The measured databases: loaded once per size and kept, copied for each run.

A kept database is named by a digest of its sources, and loaded again when one of them changes.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks import inventory
from benchmarks.cores import REST, on_core
from benchmarks.inventory import Size
from benchmarks.processes import run_dialtree
from db.core.engines import sqlite_path
from db.core.migrations import MIGRATIONS
from resolvers.imports import demo
from tests.support.postgres import PostgresServer, kept_server

PEERS = Path(__file__).parent / "peers"
DEMO = Path(demo.__file__)
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
timezone = 'UTC'
shared_buffers = '1GB'
# No background work of the server during measurements.
autovacuum = off
max_wal_size = '8GB'
checkpoint_timeout = '1h'
"""


class Databases:
    """Copies of the inventory in PostgreSQL (with Dialtree's tables and with the peers') and in SQLite."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._copies = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
        self._names: list[str] = []
        self.logs = folder / "logs"
        self.logs.mkdir(exist_ok=True)
        # Remove leftovers of a killed run.
        for left in set(folder.glob("run-*")) - {self._copies}:
            shutil.rmtree(left)
        for name in server.databases():
            if name.startswith(("copy_", "loading_")):
                server.drop_database(name)

    def close(self) -> None:
        """Remove the copies."""
        for name in self._names:
            self.server.drop_database(name)
        shutil.rmtree(self._copies)

    def version(self) -> str:
        """The version of PostgreSQL."""
        (row,) = asyncio.run(fetch(self.server.url("postgres"), "SHOW server_version"))
        return str(row[0]).partition(" ")[0]

    def postgresql(self, size: Size, name: str) -> str:
        """The URL of a copy of Dialtree's PostgreSQL database."""
        return self._copy(self._dialtree(size), name)

    def empty(self, name: str) -> str:
        """The URL of a PostgreSQL database without tables."""
        self.server.create_database(f"copy_{name}")
        self._names.append(f"copy_{name}")
        return self.server.url(f"copy_{name}")

    def empty_sqlite(self, name: str) -> str:
        """The URL of an SQLite database that does not exist yet."""
        return f"sqlite:///{self._copies / name}.db"

    def peers(self, size: Size, name: str) -> str:
        """The URL of a copy of the peers' database."""
        return self._copy(self._of_peers(size), name)

    def sqlite(self, size: Size, name: str) -> str:
        """The URL of a copy of Dialtree's SQLite database."""
        kept = self._folder / f"{_kept(size, MIGRATIONS)}.db"
        if not kept.exists():
            loading = self._copies / "loading.db"
            with _told(f"Loading {size.numbers:,} numbers into SQLite"):
                self._import(f"sqlite:///{loading}", size)
            for stale in self._folder.glob(f"{size.name}_*.db"):
                stale.unlink()
            loading.rename(kept)
        copy = self._copies / f"{name}.db"
        shutil.copyfile(kept, copy)
        return f"sqlite:///{copy}"

    def demo(self, size: Size) -> str:
        """The URL of the PostgreSQL database that `dialtree demo` has made; it is kept, with all later changes."""
        kept = f"demo_{_kept(size, MIGRATIONS, DEMO)}"
        if kept not in self.server.databases():
            loading = f"loading_demo_{size.name}"
            self.server.create_database(loading)
            self._make_demo(self.server.url(loading), size, kept)
            asyncio.run(execute(self.server.url(loading), "VACUUM ANALYZE"))
            self._keep(loading, kept)
        return self.server.url(kept)

    def demo_sqlite(self, size: Size) -> str:
        """As `demo`, in an SQLite database."""
        kept = f"demo_{_kept(size, MIGRATIONS, DEMO)}"
        path = self._folder / f"{kept}.db"
        if not path.exists():
            loading = self._copies / "loading.db"
            self._make_demo(f"sqlite:///{loading}", size, f"{kept}.db")
            loading.rename(path)
        return f"sqlite:///{path}"

    def _make_demo(self, url: str, size: Size, kept: str) -> None:
        options = ("--numbers", str(size.numbers), "--organizations", str(size.organizations))
        started = time.monotonic()
        with _told(f"dialtree demo {' '.join(options)}, {kept}"):
            run_dialtree(url, "demo", *options)
        self._seconds(kept).write_text(f"{time.monotonic() - started:.0f}\n")

    def demo_seconds(self, url: str) -> float:
        """How long it took to make the demo of a URL."""
        return float(self._seconds(url.rpartition("/")[2]).read_text())

    def _seconds(self, kept: str) -> Path:
        return self._folder / f"{kept}.seconds"

    def _copy(self, template: str, name: str) -> str:
        copy = f"copy_{name}"
        self.server.create_database(copy, template=template)
        self._names.append(copy)
        return self.server.url(copy)

    def _dialtree(self, size: Size) -> str:
        kept = _kept(size, MIGRATIONS)
        if kept not in self.server.databases():
            loading = f"loading_{size.name}"
            self.server.create_database(loading)
            with _told(f"Loading {size.numbers:,} numbers into PostgreSQL"):
                asyncio.run(self._load(self.server.url(loading), size))
            self._keep(loading, kept)
        return kept

    def _of_peers(self, size: Size) -> str:
        kept = f"peers_{_kept(size, MIGRATIONS, PEERS / 'schema.sql')}"
        if kept not in self.server.databases():
            loading = f"loading_peers_{size.name}"
            self.server.create_database(loading, template=self._dialtree(size))
            with _told(f"Copying {size.numbers:,} numbers for the peers"):
                asyncio.run(execute(self.server.url(loading), (PEERS / "schema.sql").read_text(), "VACUUM ANALYZE"))
            self._keep(loading, kept)
        return kept

    def _keep(self, loading: str, kept: str) -> None:
        for stale in self.server.databases():
            if stale.startswith(kept.rpartition("_")[0] + "_"):
                self.server.drop_database(stale)
        self.server.rename_database(loading, kept)

    async def _load(self, url: str, size: Size) -> None:
        run_dialtree(url, "migrate")
        indexes = await fetch(
            url,
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'phone_numbers' AND indexdef NOT LIKE 'CREATE UNIQUE%'",
        )
        # Building an index after loading is much faster than maintaining it row by row.
        await execute(url, *(f"DROP INDEX {name}" for name, _ in indexes))
        await asyncio.to_thread(self._import, url, size)
        await execute(url, *(definition for _, definition in indexes), "VACUUM ANALYZE")

    def _import(self, url: str, size: Size) -> None:
        organizations, numbers = self._copies / "organizations.csv", self._copies / "numbers.csv"
        inventory.write_organizations(organizations, size)
        inventory.write_numbers(numbers, size)
        run_dialtree(url, "import", "organizations", organizations)
        run_dialtree(url, "import", "numbers", numbers)
        run_dialtree(url, "check")


@contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """Start a PostgreSQL server for the benchmark and stop it at the end; `folder` keeps loaded databases."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with on_core(REST):
            server = stack.enter_context(kept_server(folder / "postgresql", SETTINGS))
        made = Databases(server, folder)
        stack.callback(made.close)
        yield made


def _kept(size: Size, *sources: Path) -> str:
    """A name derived from the sources; it changes when one of them does."""
    digest = hashlib.sha256(Path(inventory.__file__).read_bytes())
    for source in sources:
        for file in sorted(source.rglob("*.py")) if source.is_dir() else [source]:
            digest.update(file.read_bytes())
    return f"{size.name}_{digest.hexdigest()[:12]}"


@contextmanager
def _told(what: str) -> Iterator[None]:
    print(f"{what} ...", end=" ", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:.0f} s", flush=True)


async def execute(url: str, *statements: str) -> None:
    """Run statements on a PostgreSQL database, each in its own transaction."""
    connection = await asyncpg.connect(url, ssl=False)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str, query: str) -> list[asyncpg.Record]:
    """The rows of a query on a PostgreSQL database."""
    connection = await asyncpg.connect(url, ssl=False)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query)
        return rows
    finally:
        await connection.close()


def rows_of(url: str, query: str) -> Sequence[Sequence[Any]]:
    """The rows of a query on a database of either kind."""
    path = sqlite_path(url)
    if path is None:
        return asyncio.run(fetch(url, query))
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()
