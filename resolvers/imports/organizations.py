"""Loading the tree from `organizations.csv`: path, time_zone, threshold; parents may come in any order."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import orjson

from db.core.database import Database, DatabaseConnection
from db.history import operations
from db.history.operations import NewOperation
from db.organizations import changes as organization_changes
from db.organizations.queries import root_ids
from domain.errors import DialtreeError, InvalidInput, LineReport, UserErrorCode
from domain.organizations import DEFAULT_TIME_ZONE, check_time_zone, join_path, split_path
from domain.statuses import EventKind
from domain.texts import clean_name
from domain.utilization import DEFAULT_THRESHOLD, check_threshold
from resolvers.organizations.paths import OrganizationPlace, organizations_by_names

COLUMNS = ("path", "time_zone", "threshold")
ACTOR = "dialtree import"

Progress = Callable[[int], None]
"""Told how many lines are done."""


@dataclass
class ImportReport:
    """What an import did, and every bad line. When bad lines are refused and there are any, it did nothing.

    `repeated` counts lines that were loaded before and change nothing.
    """

    imported: int = 0
    repeated: int = 0
    lines: list[LineReport] = field(default_factory=list)


class Refused(Exception):
    """Bad lines were met where they are refused; carried out of the transaction so that it is rolled back."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


class CSVRows:
    """The rows of a CSV file by column name, with their line numbers. Raises InvalidInput for a missing column."""

    def __init__(self, lines: Iterable[str], columns: tuple[str, ...], *, required: tuple[str, ...]) -> None:
        self._reader = csv.reader(lines)
        header = [cell.strip().removeprefix("\ufeff").casefold() for cell in next(self._reader, [])]
        for column in required:
            if column not in header:
                raise InvalidInput(f"The first line does not name the column `{column}`.")
        self._positions = {column: header.index(column) for column in columns if column in header}

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            for row in self._reader:
                if any(cell.strip() for cell in row):
                    yield (
                        self._reader.line_num,
                        {name: row[at] if at < len(row) else "" for name, at in self._positions.items()},
                    )
        except csv.Error as error:
            raise InvalidInput(f"The file can't be read on line {self._reader.line_num}: {error}.") from None


class _Line(NamedTuple):
    line: int
    path: str
    names: tuple[str, ...]
    time_zone: str
    threshold: int


async def import_organizations(
    database: Database,
    lines: Iterable[str],
    *,
    now: datetime,
    skip: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Load organizations. Unless bad lines are skipped, any of them means that nothing is loaded."""
    report = ImportReport()
    try:
        async with database.write(bulk=True) as connection:
            await connection.lock_tree(await root_ids(connection), exclusive=True)
            known = await organizations_by_names(connection)
            wanted = _read(lines, report, known)
            for line in sorted(wanted, key=lambda line: len(line.names)):
                await _add(connection, line, known, report, now=now)
                progress(report.imported + len(report.lines))
            report.lines.sort(key=lambda bad: bad.line)
            if dry_run or (report.lines and not skip):
                raise Refused(report)  # noqa: TRY301 - rolls the transaction back
    except Refused:
        if report.lines and not skip:
            report.imported = 0
    return report


def _read(lines: Iterable[str], report: ImportReport, known: dict[tuple[str, ...], OrganizationPlace]) -> list[_Line]:
    wanted: dict[tuple[str, ...], _Line] = {}
    for number, row in CSVRows(lines, COLUMNS, required=("path",)):
        try:
            names = tuple(clean_name(name, noun="name", path=("path",)) for name in split_path(row["path"]))
            zone = row.get("time_zone", "").strip() or DEFAULT_TIME_ZONE
            check_time_zone(zone, path=("time_zone",))
            threshold = _threshold(row.get("threshold", "").strip())
        except DialtreeError as error:
            report.lines.append(LineReport(number, row["path"], error.code, error.message))
            continue
        if names in known or names in wanted:
            where = f"on line {wanted[names].line}" if names in wanted else "in the inventory"
            message = f"The organization {row['path']} is {where} already."
            report.lines.append(LineReport(number, row["path"], UserErrorCode.ALREADY_EXISTS, message))
            continue
        wanted[names] = _Line(number, row["path"], names, zone, threshold)
    return list(wanted.values())


def _threshold(text: str) -> int:
    if not text:
        return DEFAULT_THRESHOLD
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput(f"The threshold {text!r} is not a whole number.", path=("threshold",))
    return check_threshold(int(text), path=("threshold",))


async def _add(
    connection: DatabaseConnection,
    line: _Line,
    known: dict[tuple[str, ...], OrganizationPlace],
    report: ImportReport,
    *,
    now: datetime,
) -> None:
    parent = known.get(line.names[:-1]) if line.names[:-1] else None
    if parent is None and line.names[:-1]:
        above = join_path(list(line.names[:-1]))
        message = f"The parent {above} is neither in the inventory nor in the file."
        report.lines.append(LineReport(line.line, line.path, UserErrorCode.NOT_FOUND, message))
        return
    added = OrganizationPlace(
        *await organization_changes.insert_one(
            connection,
            parent=parent,
            name=line.names[-1],
            time_zone=line.time_zone,
            threshold_percent=line.threshold,
            at=now,
        )
    )
    changed = [
        ["name", None, line.names[-1]],
        ["timeZone", None, line.time_zone],
        ["thresholdPercent", None, line.threshold],
    ]
    root_id = added.root_id
    beginning = NewOperation(
        EventKind.ORGANIZATION_CREATED, now, ACTOR, root_id, changes=orjson.dumps(changed).decode()
    )
    operation = await operations.begin_operation(connection, beginning)
    await operations.link(connection, operation, [added.id, *([parent.id] if parent else [])])
    known[line.names] = added
    report.imported += 1
