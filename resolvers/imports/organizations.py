"""Import organizations. Parents may come after their children."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import orjson

from db.core.database import Database, DatabaseConnection
from db.history import operations
from db.history.operations import NewOperation
from db.organizations import changes as organization_changes
from domain.errors import AlreadyExists, DialtreeError, InvalidInput, NotFound
from domain.organizations import (
    DEFAULT_TIME_ZONE,
    check_levels,
    check_region,
    check_time_zone,
    join_path,
    split_path,
)
from domain.statuses import EventKind
from domain.texts import clean_name
from domain.utilization import DEFAULT_THRESHOLD, check_threshold
from resolvers.core.csv_reader import Columns, Row, read_rows
from resolvers.core.csv_records import Record
from resolvers.imports.transactions import ACTOR, ImportReport, Progress, import_transaction
from resolvers.organizations.paths import FoldedNames, OrganizationPlace, folded_names, organizations_by_names

COLUMNS = Columns(
    ("path", "time_zone", "threshold", "region"), required=(("path",),), aliases={"Threshold Percent": "threshold"}
)


class _OrganizationLine(NamedTuple):
    row: Row
    names: tuple[str, ...]
    time_zone: str
    threshold: int
    region: str | None


async def import_organizations(
    database: Database,
    records: Iterable[Record],
    *,
    now: datetime,
    region: str | None = None,
    skip: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Import organizations. Any bad line refuses the whole file unless skipped.

    A line without a region has `region`; where that is None, too, its organization inherits one.
    """
    async with import_transaction(database, changes_tree=True, skip=skip, dry_run=dry_run) as (connection, report):
        existing = await organizations_by_names(connection)
        valid = _valid_lines(records, report, existing, region=region)
        for line in sorted(valid, key=lambda line: len(line.names)):
            await _create_organization(connection, line, existing, report, now=now)
            progress(report.imported + len(report.lines))
    return report


def _valid_lines(
    records: Iterable[Record],
    report: ImportReport,
    existing: dict[FoldedNames, OrganizationPlace],
    *,
    region: str | None,
) -> list[_OrganizationLine]:
    valid: dict[FoldedNames, _OrganizationLine] = {}
    for row in read_rows(records, COLUMNS):
        try:
            if row.error:
                raise row.error
            line = _parse(row, region=region)
            key = folded_names(line.names)
            if key in existing or key in valid:
                where = f"on line {valid[key].row.line}" if key in valid else "in the inventory"
                raise AlreadyExists(f"The organization {_path(line)} is already {where}.", path=("path",))
        except DialtreeError as error:
            report.add_error(row, error)
        else:
            valid[key] = line
    return list(valid.values())


def _parse(row: Row, *, region: str | None) -> _OrganizationLine:
    names = tuple(clean_name(name, noun="name", path=("path",)) for name in split_path(row.get("path")))
    check_levels(len(names), path=("path",))
    zone = row.get("time_zone").strip() or DEFAULT_TIME_ZONE
    check_time_zone(zone, path=("time_zone",))
    threshold = _parse_threshold(row.get("threshold").strip())
    given = row.get("region").strip()
    return _OrganizationLine(row, names, zone, threshold, check_region(given, path=("region",)) if given else region)


def _path(line: _OrganizationLine) -> str:
    return join_path(list(line.names))


def _parse_threshold(text: str) -> int:
    if not text:
        return DEFAULT_THRESHOLD
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput(f"The threshold {text!r} is not a whole number.", path=("threshold",))
    return check_threshold(int(text), path=("threshold",))


async def _create_organization(
    connection: DatabaseConnection,
    line: _OrganizationLine,
    existing: dict[FoldedNames, OrganizationPlace],
    report: ImportReport,
    *,
    now: datetime,
) -> None:
    key = folded_names(line.names)
    parent = existing.get(key[:-1])
    if parent is None and line.names[:-1]:
        parent_path = join_path(list(line.names[:-1]))
        error = NotFound(f"The parent {parent_path} is neither in the inventory nor in the file.", path=("path",))
        report.add_error(line.row, error)
        return
    created = OrganizationPlace(
        *await organization_changes.insert_one(
            connection,
            parent=parent and (parent.id, parent.path),
            name=line.names[-1],
            time_zone=line.time_zone,
            threshold_percent=line.threshold,
            region=line.region,
            at=now,
        )
    )
    changed = [
        ["name", None, line.names[-1]],
        ["timeZone", None, line.time_zone],
        ["thresholdPercent", None, line.threshold],
        *([["region", None, line.region]] if line.region else []),
    ]
    operation = await operations.begin_operation(
        connection,
        NewOperation(
            EventKind.ORGANIZATION_CREATED, now, ACTOR, created.root_id, changes=orjson.dumps(changed).decode()
        ),
    )
    await operations.link(connection, operation, [created.id, *([parent.id] if parent else [])])
    existing[key] = created
    report.imported += 1
