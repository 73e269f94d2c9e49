"""Remember on which line of a file a value came first, outside of memory: files have millions of lines."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from types import TracebackType
from typing import Self


class FirstLines:
    """The first lines of values, in a temporary SQLite database without a name, which is deleted when it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE lines (value TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, value: str, line: int) -> int | None:
        """Remember the line of a value. If the value came before, return its line instead."""
        added = self._database.execute("INSERT OR IGNORE INTO lines VALUES (?, ?)", (value, line))
        return None if added.rowcount else self.get(value)

    def __setitem__(self, value: str, line: int) -> None:
        """Remember the line of a value that did not come before."""
        self.add(value, line)

    def get(self, value: str) -> int | None:
        """Return the line of a value, or None if it did not come before."""
        with closing(self._database.execute("SELECT line FROM lines WHERE value = ?", (value,))) as found:
            row: tuple[int] | None = found.fetchone()
        return row[0] if row else None
