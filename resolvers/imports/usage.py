"""Loading usage from `usage.csv`: record_id, number, kind, direction, quantity, billable, at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import IntEnum
from itertools import islice
from typing import NamedTuple, TypeVar

from db.core.database import Database, DatabaseConnection
from db.numbers.additions import CHUNK
from domain.errors import DialtreeError, InvalidInput, LineReport
from domain.numbers import try_parse_national_first
from domain.usage import Direction, UsageKind
from resolvers.imports.organizations import CSVRows, ImportReport, Progress, Refused
from resolvers.organizations.paths import OrganizationPlace, only_root, organization_at
from resolvers.usage.records import NewRecord, store, usage_lock

COLUMNS = ("record_id", "number", "kind", "direction", "quantity", "billable", "at")
REQUIRED = ("record_id", "number", "kind", "quantity", "at")
_BOOLEANS = {"": True, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

E = TypeVar("E", bound=IntEnum)


class _Line(NamedTuple):
    line: int
    record: NewRecord


async def import_usage(
    database: Database,
    lines: Iterable[str],
    *,
    organization: str | None = None,
    skip: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Load usage records, each once. A bad line means that nothing is loaded, unless bad lines are skipped.

    `organization` is the written path of the sender, by default the only root: record ids are unique for it, and its
    scope limits which numbers can have used anything.
    """
    sender = await (only_root(database) if organization is None else organization_at(database, organization))
    report = ImportReport()
    try:
        async with database.write(bulk=True) as connection:
            await connection.lock_tree([sender.root_id], exclusive=False)
            await connection.advisory_lock(usage_lock(sender.root_id))
            await _load(connection, lines, report, progress, sender=sender)
            report.lines.sort(key=lambda bad: bad.line)
            if dry_run or (report.lines and not skip):
                raise Refused(report)  # noqa: TRY301 - rolls the transaction back
    except Refused:
        if report.lines and not skip:
            report.imported = report.repeated = 0
    return report


async def _load(
    connection: DatabaseConnection,
    lines: Iterable[str],
    report: ImportReport,
    progress: Progress,
    *,
    sender: OrganizationPlace,
) -> None:
    good = _good(lines, report)
    done = 0
    while chunk := list(islice(good, CHUNK)):
        stored = await store(
            connection,
            chunk,
            sender_id=sender.id,
            scope=sender.path,
            read=lambda text: try_parse_national_first(text, "ZZ"),
        )
        written = {line.line: line.record.number for line in chunk}
        for line, refusal in stored.refusals:
            _bad(report, line, written[line], refusal)
        report.imported += stored.recorded
        report.repeated += stored.repeated
        done += len(chunk)
        progress(done)


def _good(lines: Iterable[str], report: ImportReport) -> Iterator[_Line]:
    for line, row in CSVRows(lines, COLUMNS, required=REQUIRED):
        try:
            yield _Line(line, _read(row))
        except DialtreeError as error:
            _bad(report, line, row["record_id"], error)


def _bad(report: ImportReport, line: int, text: str, error: DialtreeError) -> None:
    report.lines.append(LineReport(line, text.strip(), error.code, error.message))


def _read(row: dict[str, str]) -> NewRecord:
    direction = row.get("direction", "").strip()
    return NewRecord(
        record_id=row["record_id"].strip(),
        number=row["number"],
        kind=_word(UsageKind, row["kind"], column="kind"),
        direction=_word(Direction, direction, column="direction") if direction else None,
        quantity=_quantity(row["quantity"]),
        billable=_billable(row.get("billable", "")),
        at=_moment(row["at"]),
    )


def _word(words: type[E], text: str, *, column: str) -> E:
    name = text.strip().upper()
    if name not in words.__members__:
        raise InvalidInput(
            f"{text.strip()[:60]!r} is not a {column}; use {' or '.join(words.__members__)}.", path=(column,)
        )
    return words[name]


def _quantity(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):  # noqa: PLR2004 - what 63 bits hold
        raise InvalidInput(f"{digits[:60]!r} is not a whole number of seconds, messages or bytes.", path=("quantity",))
    return int(digits)


def _billable(text: str) -> bool:
    word = text.strip().casefold()
    if word not in _BOOLEANS:
        raise InvalidInput(f"{text.strip()[:60]!r} is neither true nor false.", path=("billable",))
    return _BOOLEANS[word]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(
        f"{text.strip()[:60]!r} is not a moment such as 2026-11-09T12:31:54Z, with its offset from UTC.", path=("at",)
    )
