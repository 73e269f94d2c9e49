"""Import usage records from CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import IntEnum
from itertools import islice
from typing import NamedTuple, TypeVar

from db.core.database import Database, DatabaseConnection
from db.numbers.additions import CHUNK
from domain.errors import DialtreeError, InvalidInput
from domain.moments import parse_moment
from domain.numbers import try_parse_national_first
from domain.usage import Direction, UsageKind
from resolvers.imports.csv_reader import CSVReader
from resolvers.imports.numbers import NO_REGION
from resolvers.imports.transactions import ImportReport, Progress, import_transaction
from resolvers.organizations.paths import OrganizationPlace, only_root, organization_at
from resolvers.usage.commands import NewUsageRecord
from resolvers.usage.records import record_batch, recording_lock

COLUMNS = ("record_id", "number", "kind", "direction", "quantity", "billable", "at")
REQUIRED = ("record_id", "number", "kind", "quantity", "at")
_BOOLEANS = {"": True, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

E = TypeVar("E", bound=IntEnum)


class _UsageLine(NamedTuple):
    line: int
    record: NewUsageRecord


async def import_usage(
    database: Database,
    lines: Iterable[str],
    *,
    organization: str | None = None,
    skip: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Import usage records. Any bad line refuses the whole file unless skipped.

    `organization` is the written path of the sender, by default the only root. The numbers must be in its scope.
    """
    sender = await (only_root(database) if organization is None else organization_at(database, organization))
    async with import_transaction(database, root_id=sender.root_id, changes_tree=False, skip=skip, dry_run=dry_run) as (
        connection,
        report,
    ):
        await connection.advisory_lock(recording_lock(sender.root_id))
        await _record(connection, lines, report, progress, sender=sender)
    return report


async def _record(
    connection: DatabaseConnection,
    lines: Iterable[str],
    report: ImportReport,
    progress: Progress,
    *,
    sender: OrganizationPlace,
) -> None:
    valid = _valid_lines(lines, report)
    done = 0
    while chunk := list(islice(valid, CHUNK)):
        result = await record_batch(
            connection,
            chunk,
            sender_id=sender.id,
            scope=sender.path,
            parse=lambda text: try_parse_national_first(text, NO_REGION),
        )
        numbers = {line.line: line.record.number for line in chunk}
        for line, error in result.refusals:
            report.add_error(line, numbers[line].strip(), error)
        report.imported += result.recorded
        report.repeated += result.repeated
        done += len(chunk)
        progress(done)


def _valid_lines(lines: Iterable[str], report: ImportReport) -> Iterator[_UsageLine]:
    for line, row in CSVReader(lines, COLUMNS, required=REQUIRED):
        try:
            yield _UsageLine(line, _parse_record(row))
        except DialtreeError as error:
            report.add_error(line, row["record_id"].strip(), error)


def _parse_record(row: dict[str, str]) -> NewUsageRecord:
    direction = row.get("direction", "").strip()
    return NewUsageRecord(
        record_id=row["record_id"].strip(),
        number=row["number"],
        kind=_parse_enum(UsageKind, row["kind"], column="kind"),
        direction=_parse_enum(Direction, direction, column="direction") if direction else None,
        quantity=_parse_quantity(row["quantity"]),
        billable=_parse_billable(row.get("billable", "")),
        at=_parse_moment(row["at"]),
    )


def _parse_enum(enum: type[E], text: str, *, column: str) -> E:
    name = text.strip().upper()
    if name not in enum.__members__:
        raise InvalidInput(
            f"{text.strip()[:60]!r} is not a {column}. Use {' or '.join(enum.__members__)}.", path=(column,)
        )
    return enum[name]


def _parse_quantity(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):  # noqa: PLR2004 - fits in 64 bits
        raise InvalidInput(f"{digits[:60]!r} is not a whole number of seconds, messages or bytes.", path=("quantity",))
    return int(digits)


def _parse_billable(text: str) -> bool:
    value = text.strip().casefold()
    if value not in _BOOLEANS:
        raise InvalidInput(f"{text.strip()[:60]!r} is neither true nor false.", path=("billable",))
    return _BOOLEANS[value]


def _parse_moment(text: str) -> datetime:
    try:
        return parse_moment(text.strip())
    except ValueError:
        raise InvalidInput(
            f"{text.strip()[:60]!r} is not an RFC 3339 time with a UTC offset, such as 2026-11-09T12:31:54Z.",
            path=("at",),
        ) from None
