"""SQLite without its threads: what is asked first is answered first, so an operation goes the same way every time.

With them, the clock decides which of two failures comes first, and an answer tells only the one that did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from db.core import sqlite_connection


class AtOnce(ThreadPoolExecutor):
    """Does its work on the thread that asks for it."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(function(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is awaited
            done.set_exception(error)
        return done


@contextmanager
def without_threads() -> Iterator[None]:
    """Databases that are opened meanwhile have no threads."""
    with patch.object(sqlite_connection, "ThreadPoolExecutor", AtOnce):
        yield
