"""What all commands share: the settings, an open database, progress bars, and faults as one sentence."""

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
    """End the command with a sentence on standard error."""
    typer.echo(f"dialtree: {message}", err=True)
    raise typer.Exit(1)


def settings() -> Settings:
    """The settings, or the end of the command."""
    try:
        return load_settings()
    except SettingsError as error:
        fail(str(error))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; a refusal or a database out of reach ends it with a sentence."""
    try:
        return asyncio.run(work)
    except DialtreeError as error:
        fail(error.message)
    except RequestFailed as error:
        fail(str(error))
    except (OSError, asyncpg.PostgresError, sqlite3.Error, SQLAlchemyError, TransactionAborted) as error:
        fail(f"the database can't be used: {str(error).partition(chr(10))[0]}")


async def prepare(url: str) -> None:
    """Make the tables of a new database; one of another release is left to `dialtree migrate`."""
    if await is_new(url):
        await migrate(url)
    elif not await is_current(url):
        fail("the database has the tables of another release; run `dialtree migrate`.")


@contextlib.asynccontextmanager
async def database(url: str) -> AsyncIterator[Database]:
    """An open database with the tables of this release."""
    await prepare(url)
    opened = await open_database(url)
    try:
        yield opened
    finally:
        await opened.close()


@contextlib.contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error where it is a terminal; the function takes how much is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=terminal, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
