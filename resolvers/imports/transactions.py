"""Run an import in one transaction, which is rolled back for a dry run or because of bad lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from db.core.database import Database, DatabaseConnection
from db.organizations import queries as organizations
from domain.errors import DialtreeError, LineReport

ACTOR = "dialtree import"
"""The actor of imports in the history."""

Progress = Callable[[int], None]
"""Called with the number of processed lines."""


@dataclass
class ImportReport:
    """The result of an import: the numbers of imported and already imported lines, and every bad line."""

    imported: int = 0
    repeated: int = 0
    lines: list[LineReport] = field(default_factory=list)

    def add_error(self, line: int, value: str, error: DialtreeError) -> None:
        """Report a bad line."""
        self.lines.append(LineReport(line, value, error.code, error.message))


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
            report.imported = report.repeated = 0
