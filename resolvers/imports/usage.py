"""Import usage records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import IntEnum
from functools import lru_cache, partial
from itertools import islice
from typing import NamedTuple, TypeVar

from db.core.database import Database, DatabaseConnection
from db.numbers.additions import CHUNK
from db.usage import rollups
from domain.errors import DialtreeError, InvalidInput
from domain.moments import parse_moment
from domain.numbers import parse
from domain.usage import Direction, UsageKind
from resolvers.core.csv_reader import Columns, Row, read_rows
from resolvers.core.csv_records import Record
from resolvers.imports.regions import ANY_REGION, region_of_line
from resolvers.imports.transactions import ImportReport, Progress, import_transaction
from resolvers.organizations.paths import OrganizationPlace, only_root, organization_at
from resolvers.usage.commands import NewUsageRecord
from resolvers.usage.records import record_batch, recording_lock

COLUMNS = Columns(
    ("record_id", "number", "kind", "direction", "quantity", "billable", "at"),
    required=(("record_id",), ("number",), ("kind",), ("quantity",), ("at",)),
    aliases={"Telephone Number": "number", "Phone Number": "number"},
)
NUMBERS_REMEMBERED = 65_536
"""How many written numbers are remembered: a file has many records of each, and parsing is slow."""

_BOOLEANS = {"": True, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

E = TypeVar("E", bound=IntEnum)


class _UsageLine(NamedTuple):
    row: Row
    record: NewUsageRecord


async def import_usage(
    database: Database,
    records: Iterable[Record],
    *,
    organization: str | None = None,
    region: str | None = None,
    default_region: str = ANY_REGION,
    skip: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Import usage records. Any bad line refuses the whole file unless skipped.

    `organization` is the written path of the sender, by default the only root. The numbers must be in its scope;
    national ones are read in `region`, or else in that of the sender, or else in `default_region`.
    """
    sender = await (only_root(database) if organization is None else organization_at(database, organization))
    region = region_of_line(sender, given=region, default=default_region)
    async with import_transaction(database, root_id=sender.root_id, changes_tree=False, skip=skip, dry_run=dry_run) as (
        connection,
        report,
    ):
        await connection.advisory_lock(recording_lock(sender.root_id))
        valid = _valid_lines(records, report, region=region)
        while chunk := list(islice(valid, CHUNK)):
            await _record(connection, chunk, report, sender=sender)
            progress(chunk[-1].row.line)
    return report


async def _record(
    connection: DatabaseConnection, chunk: list[_UsageLine], report: ImportReport, *, sender: OrganizationPlace
) -> None:
    result = await record_batch(
        connection,
        [(index, line.record) for index, line in enumerate(chunk)],
        sender_id=sender.id,
        scope=sender.path,
        parse=lambda number: number,
        add=partial(rollups.add, connection),
    )
    for index, error in result.refusals:
        error.path = ("record_id",) if error.path == ("recordId",) else error.path
        report.add_error(chunk[index].row, error)
    report.imported += result.recorded
    report.repeated += result.repeated


def _valid_lines(records: Iterable[Record], report: ImportReport, *, region: str) -> Iterator[_UsageLine]:
    @lru_cache(NUMBERS_REMEMBERED)
    def parse_number(text: str) -> str:
        return parse(text, region=region, path=("number",))

    for row in read_rows(records, COLUMNS):
        try:
            if row.error:
                raise row.error
            yield _UsageLine(row, _parse_record(row, parse_number(row.get("number"))))
        except DialtreeError as error:
            report.add_error(row, error)


def _parse_record(row: Row, number: str) -> NewUsageRecord:
    direction = row.get("direction").strip()
    return NewUsageRecord(
        record_id=row.get("record_id").strip(),
        number=number,
        kind=_parse_enum(UsageKind, row.get("kind"), column="kind"),
        direction=_parse_enum(Direction, direction, column="direction") if direction else None,
        quantity=_parse_quantity(row.get("quantity")),
        billable=_parse_billable(row.get("billable")),
        at=_parse_moment(row.get("at")),
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
