"""Say in a sentence why a database cannot be used, and what to do about it."""

from __future__ import annotations

import os
import sqlite3
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from db.core.engines import sqlite_path

SETTING = "DIALTREE_DATABASE_URL"
POOLER_SETTING = "DIALTREE_POOLER_URL"


def describe(error: BaseException, url: str, setting: str = SETTING) -> str:
    """What is wrong with the database of a URL, which a setting contains."""
    for cause in _causes(error):
        sentence = _postgresql(cause, url, setting) if sqlite_path(url) is None else _sqlite(cause, url)
        if sentence is not None:
            return sentence
    *_, cause = _causes(error)
    return f"cannot use the database: {_first_line(cause)}"


def unusable_file(path: Path) -> str | None:
    """Why a database file cannot be written, or None. SQLite itself only says so at the first change."""
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"cannot open the database file {path}: there is no folder {folder}. Create it, or set {SETTING}."
    if path.is_dir():
        return f"cannot open the database file {path}: it is a folder. Set {SETTING}."
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        return f"the database file {path} is read-only for this user. Change its owner or permissions."
    if not os.access(folder, os.W_OK | os.X_OK):
        return (
            f"the folder {folder} of the database file is read-only for this user. SQLite creates files next to the"
            " database: change the folder's owner or permissions."
        )
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it was raised for, outermost first."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__


_POSTGRESQL: tuple[tuple[type[BaseException], str], ...] = (
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "{server} refuses the user {user!r} or the password. Check {setting} and the server's pg_hba.conf.",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "{server} has no database {database!r}. Create it with `createdb {database}`, or set {setting}.",
    ),
    (asyncpg.CannotConnectNowError, "{server} is starting or stopping. Try again in a moment."),
    (
        asyncpg.TooManyConnectionsError,
        "{server} has no connection left. Raise its max_connections, or lower DIALTREE_DATABASE_CONNECTIONS.",
    ),
    (asyncpg.ReadOnlySQLTransactionError, "{server} is a read-only standby. Set {setting} to the primary server."),
    (asyncpg.InsufficientPrivilegeError, "{server} refuses this in the database {database!r}: {error}."),
    (asyncpg.ClientConfigurationError, "cannot use {setting}: {error}."),
    (ssl.SSLError, "cannot reach {server} with TLS: {reason}. Check `sslmode` and `sslrootcert` in {setting}."),
    (TimeoutError, "{server} did not answer in time. Check that it runs, and {setting}."),
    (OSError, "cannot reach {server}: {reason}. Check that it runs, and {setting}."),
)
"""The first that fits is used."""


def _postgresql(error: BaseException, url: str, setting: str) -> str | None:
    parts = urlsplit(url)
    for kind, sentence in _POSTGRESQL:
        if isinstance(error, kind):
            return sentence.format(
                server=f"PostgreSQL at {parts.hostname or 'localhost'}:{parts.port or 5432}",
                database=unquote(parts.path.lstrip("/")),
                user=unquote(parts.username or ""),
                setting=setting,
                error=_first_line(error).rstrip("."),
                reason=_reason(error) if isinstance(error, OSError) else "",
            )
    return None


def _first_line(error: BaseException) -> str:
    # asyncpg's errors cannot be shown without a message.
    return (str(error) if error.args else "").partition("\n")[0] or type(error).__name__


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (getattr(error, "verify_message", "") or error.strerror or str(error)).rstrip(".")
    # asyncio words the errors of connections as "Connect call failed ('127.0.0.1', 5432)".
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__


def _sqlite(error: BaseException, url: str) -> str | None:
    path = Path(sqlite_path(url) or "")
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return unusable_file(path) or f"cannot write the database file {path}: {error}."
    return {
        sqlite3.SQLITE_NOTADB: f"{path} is not an SQLite database. Set {SETTING}.",
        sqlite3.SQLITE_CORRUPT: f"the database file {path} is damaged. Restore a backup.",
        sqlite3.SQLITE_BUSY: f"another program keeps the database file {path} locked. Try again when it has ended.",
        sqlite3.SQLITE_FULL: f"the disk of the database file {path} is full.",
    }.get(code)
