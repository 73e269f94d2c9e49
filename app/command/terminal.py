"""Shared by all commands: the settings, an open database, progress bars, and error messages."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from app.database_errors import SETTING, describe, unusable_file
from app.settings import Settings, SettingsError, load_settings
from db.core.database import Database, TransactionAborted
from db.core.engines import open_database, sqlite_path
from db.core.migrations import DatabaseState, NewerDatabaseError, database_state, migrate
from domain.errors import DialtreeError, OutcomeUnknown, RequestFailed

T = TypeVar("T")

NEWER = "the database is newer than this release, which does not know its revision. Run the newer release."

_DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, sqlite3.Error, SQLAlchemyError, TransactionAborted)

terminal = Console(stderr=True)


def fail(message: str) -> NoReturn:
    """Exit with status 1 and a message on standard error."""
    typer.echo(f"dialtree: {message}", err=True)
    raise typer.Exit(1)


def settings() -> Settings:
    """Load the settings; exit with a message if one is invalid."""
    try:
        return load_settings()
    except SettingsError as error:
        fail(str(error))


def run(work: Coroutine[Any, Any, T], *, url: str | None = None, setting: str = SETTING) -> T:
    """Run a command; exit with a message if it is refused or the database cannot be used.

    The message names the database of the URL, which the setting contains; by default, that of `DIALTREE_DATABASE_URL`.
    """
    try:
        return asyncio.run(work)
    except DialtreeError as error:
        fail(error.message)
    except OutcomeUnknown as error:
        fail(str(error))
    except NewerDatabaseError:
        fail(NEWER)
    except OSError as error:
        # Errors about files name them; the others come from connections.
        fail(
            f"cannot use {error.filename}: {error.strerror}."
            if error.filename
            else describe(error, url or settings().database_url, setting)
        )
    except (RequestFailed, *_DATABASE_ERRORS) as error:
        fail(describe(error, url or settings().database_url, setting))


async def prepare(url: str) -> None:
    """Create the tables of a new database; exit with a message if it belongs to another release or is read-only."""
    check_file(url)
    state = await database_state(url)
    if state is DatabaseState.NEW:
        await migrate(url)
    elif state is DatabaseState.OLDER:
        fail("the database is older than this release. Make a backup and run `dialtree migrate`.")
    elif state is DatabaseState.NEWER:
        fail(NEWER)


def check_file(url: str) -> None:
    """Exit with a message if the file of an SQLite database cannot be written."""
    path = sqlite_path(url)
    if path is not None and (reason := unusable_file(Path(path))):
        fail(reason)


@contextlib.asynccontextmanager
async def database(url: str) -> AsyncIterator[Database]:
    """Open a database that has the tables of this release."""
    await prepare(url)
    opened = await open_database(url)
    try:
        yield opened
    finally:
        await opened.close()


@contextlib.contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on standard error if it is a terminal; call the function with the amount done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=terminal, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
