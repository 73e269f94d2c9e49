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
    split_root_id,
)
from domain.statuses import EventKind
from domain.texts import clean_name
from domain.utilization import DEFAULT_THRESHOLD, check_threshold
from resolvers.core.csv_reader import Columns, Row, read_rows
from resolvers.core.csv_records import Record
from resolvers.imports.transactions import ACTOR, ImportReport, Progress, import_transaction
from resolvers.organizations.paths import OrganizationDirectory, OrganizationPlace, PathKey, read_directory

COLUMNS = Columns(
    ("path", "time_zone", "threshold", "region"), required=(("path",),), aliases={"Threshold Percent": "threshold"}
)


class _OrganizationLine(NamedTuple):
    row: Row
    key: PathKey
    path: str
    name: str
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
        directory = await read_directory(connection)
        valid = _valid_lines(records, report, directory, region=region)
        for line in sorted(valid, key=lambda line: len(line.key)):
            await _create_organization(connection, line, directory, report, now=now)
            progress(report.imported + len(report.lines))
    return report


def _valid_lines(
    records: Iterable[Record],
    report: ImportReport,
    directory: OrganizationDirectory,
    *,
    region: str | None,
) -> list[_OrganizationLine]:
    valid: dict[PathKey, _OrganizationLine] = {}
    for row in read_rows(records, COLUMNS):
        try:
            if row.error:
                raise row.error
            line = _parse(row, directory, region=region)
            if line.key in valid or directory.get(line.key):
                where = f"on line {valid[line.key].row.line}" if line.key in valid else "in the inventory"
                raise AlreadyExists(f"The organization {line.path} is already {where}.", path=("path",))
        except DialtreeError as error:
            report.add_error(row, error)
        else:
            valid[line.key] = line
    return list(valid.values())


def _parse(row: Row, directory: OrganizationDirectory, *, region: str | None) -> _OrganizationLine:
    root_id, names = split_root_id(split_path(row.get("path")))
    names = [clean_name(name, noun="name", path=("path",)) for name in names]
    path = join_path(names if root_id is None else ["", str(root_id), *names])
    key = directory.key_below(root_id, names, field="path")
    check_levels(len(key), path=("path",))
    zone = row.get("time_zone").strip() or DEFAULT_TIME_ZONE
    check_time_zone(zone, path=("time_zone",))
    threshold = _parse_threshold(row.get("threshold").strip())
    given = row.get("region").strip()
    region = check_region(given, path=("region",)) if given else region
    return _OrganizationLine(row, key, path, names[-1] if names else "", zone, threshold, region)


def _parse_threshold(text: str) -> int:
    if not text:
        return DEFAULT_THRESHOLD
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput(f"The threshold {text!r} is not a whole number.", path=("threshold",))
    return check_threshold(int(text), path=("threshold",))


async def _create_organization(
    connection: DatabaseConnection,
    line: _OrganizationLine,
    directory: OrganizationDirectory,
    report: ImportReport,
    *,
    now: datetime,
) -> None:
    parent = directory.get(line.key[:-1])
    if parent is None and line.key[:-1]:
        parent_path = join_path(split_path(line.path)[:-1])
        error = NotFound(f"The parent {parent_path} is neither in the inventory nor in the file.", path=("path",))
        report.add_error(line.row, error)
        return
    created = OrganizationPlace(
        *await organization_changes.insert_one(
            connection,
            parent=parent and (parent.id, parent.path),
            name=line.name,
            time_zone=line.time_zone,
            threshold_percent=line.threshold,
            region=line.region,
            at=now,
        )
    )
    changed = [
        ["name", None, line.name],
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
    directory.add(line.key, created)
    report.imported += 1
