"""Run an import in one transaction, which is rolled back for a dry run or because of bad lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from db.core.database import Database, DatabaseConnection
from db.organizations import queries as organizations
from domain.errors import DialtreeError, LineReport
from resolvers.core.csv_reader import VALUE_LENGTH, Row

ACTOR = "dialtree import"
"""The actor of imports in the history."""

WARNINGS_KEPT = 1_000

Progress = Callable[[int], None]
"""Called with the number of the last processed line."""


class LineWarning(NamedTuple):
    """Something odd about a line that is imported nevertheless."""

    line: int
    column: str
    value: str
    message: str


@dataclass
class ImportReport:
    """The result of an import: how much was imported, imported before or unchanged, and every bad line.

    The inventory already has the unchanged numbers as their lines describe them. The first warnings are kept.
    """

    imported: int = 0
    repeated: int = 0
    unchanged: int = 0
    lines: list[LineReport] = field(default_factory=list)
    warnings: list[LineWarning] = field(default_factory=list)
    warning_count: int = 0

    def add_error(self, row: Row, error: DialtreeError) -> None:
        """Report a bad line, with the cell that the error's path names."""
        column = error.path[0] if error.path else None
        value = row.get(column) if column else next(iter(row.cells.values()), "")
        self.lines.append(LineReport(row.line, value.strip()[:VALUE_LENGTH], error.code, error.message, column))

    def warn(self, row: Row, column: str, message: str) -> None:
        """Count a warning, and keep it if it is among the first."""
        self.warning_count += 1
        if len(self.warnings) < WARNINGS_KEPT:
            self.warnings.append(LineWarning(row.line, column, row.get(column).strip()[:VALUE_LENGTH], message))


class _Rollback(Exception):
    """Rolls the transaction back."""


@asynccontextmanager
async def import_transaction(
    database: Database, *, root_id: int | None = None, changes_tree: bool, skip: bool, dry_run: bool
) -> AsyncIterator[tuple[DatabaseConnection, ImportReport]]:
    """Open a transaction and a report, with the trees of all roots, or of one, locked.

    `changes_tree` locks them exclusively. Bad lines roll the transaction back unless they are skipped.
    """
    report = ImportReport()
    try:
        async with database.write(bulk=True) as connection:
            roots = await organizations.root_ids(connection) if root_id is None else [root_id]
            await connection.lock_tree(roots, exclusive=changes_tree)
            yield connection, report
            report.lines.sort(key=lambda bad_line: bad_line.line)
            if dry_run or (report.lines and not skip):
                raise _Rollback  # noqa: TRY301 - rolls the transaction back
    except _Rollback:
        if report.lines and not skip:
            report.imported = report.repeated = report.unchanged = 0
