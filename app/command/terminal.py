"""Shared by all commands: the settings, an open database, progress bars, and error messages."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, NoReturn, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from app.settings import Settings, SettingsError, load_settings
from db.core.database import Database, TransactionAborted
from db.core.engines import open_database
from db.core.migrations import is_current, is_new, migrate
from domain.errors import DialtreeError, RequestFailed

T = TypeVar("T")

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


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command; exit with a message if it is refused or the database cannot be used."""
    try:
        return asyncio.run(work)
    except DialtreeError as error:
        fail(error.message)
    except RequestFailed as error:
        fail(str(error))
    except (OSError, asyncpg.PostgresError, sqlite3.Error, SQLAlchemyError, TransactionAborted) as error:
        fail(f"cannot use the database: {str(error).partition(chr(10))[0]}")


async def prepare(url: str) -> None:
    """Create the tables of a new database; exit with a message if it belongs to another release."""
    if await is_new(url):
        await migrate(url)
    elif not await is_current(url):
        fail("the database has the tables of another release; run `dialtree migrate`.")


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
