"""Adding numbers to the inventory by range, list or CSV; only from the root organization."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from db.history import operations
from db.numbers import additions, changes
from db.numbers.additions import CHUNK, NewNumber
from domain.access import Permission, require
from domain.errors import (
    OFFENDING_NUMBERS_SHOWN,
    AlreadyExists,
    InvalidInput,
    LimitExceeded,
    LineReport,
    UserErrorCode,
)
from domain.numbers import OPERATION_LIMIT, parse, parse_span
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.csv_reader import Columns, read_rows
from resolvers.core.csv_records import records_of_text
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import NumbersChanged
from resolvers.numbers.completion import complete_change

COLUMNS = Columns(
    ("number",),
    required=(("number",),),
    aliases={"Telephone Number": "number", "Phone Number": "number"},
    optional_header=True,
)


class NumberRange(NamedTuple):
    """All numbers between two numbers, both included."""

    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNumbers:
    """Add numbers to a series, held by an organization (by default the acting one)."""

    series_id: int
    organization_id: int | None = None
    ranges: tuple[NumberRange, ...] = ()
    numbers: tuple[str, ...] = ()
    csv: str | None = None
    skip_duplicates: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersAdded(NumbersChanged):
    """The result of adding numbers, with a report of the skipped lines."""

    skipped_count: int = 0
    lines: list[LineReport] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    """A number to be added, with its line in the input."""

    line: int
    number: str


async def add_numbers(context: Context, command: AddNumbers) -> NumbersAdded:
    """Add numbers as AVAILABLE; duplicates are refused or, if the command says so, skipped."""

    async def change(work: UnitOfWork) -> NumbersAdded:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        work.require_root("Adding numbers")
        series = await work.series(command.series_id)
        holder = await work.organization(command.organization_id, name="organizationId")
        return await _Addition(work, command, series_id=series.id, organization_id=holder.id).run()

    return await run_mutation(context, command, change, NumbersAdded, bulk=True)


class _Addition:
    """One addition. It reads the lines once, in chunks, and keeps only the lines to report."""

    def __init__(self, work: UnitOfWork, command: AddNumbers, *, series_id: int, organization_id: int) -> None:
        self._work = work
        self._command = command
        self._series_id = series_id
        self._organization_id = organization_id
        self._bad: list[LineReport] = []
        self._duplicates: list[LineReport] = []
        self._duplicate_count = 0
        self._existing_count = 0
        self._bad_count = 0
        self._first_lines: dict[str, int] = {}
        self._region: str | None = None

    async def run(self) -> NumbersAdded:
        self._refuse_too_long()
        self._region = await self._work.region()
        # Parsing is slow; a thread keeps the event loop free.
        lines = await asyncio.to_thread(self._lines)
        # Serialize additions per root, so that each sees the numbers that others have added.
        await self._work.connection.advisory_lock(f"stock {self._work.root_id}")
        operation = await operations.begin_operation(self._work.connection, self._work.new_operation(EventKind.ADDED))
        while chunk := list(islice(lines, CHUNK)):
            await self._add(chunk, operation)
        self._refuse()
        result = await changes.finish_operation(self._work.connection, operation, recorded_count=0)
        changed = await complete_change(self._work, result, unchanged_count=self._existing_count)
        return NumbersAdded(
            **changed.utilization(),
            changed_count=changed.changed_count,
            # The rows of a dry run are rolled back, and other numbers may get their ids.
            number_ids=[] if self._work.dry_run else changed.number_ids,
            unchanged_count=changed.unchanged_count,
            preview=changed.preview,
            skipped_count=self._duplicate_count + self._bad_count,
            lines=sorted(self._bad + self._duplicates, key=lambda report: report.line),
        )

    def _refuse_too_long(self) -> None:
        """Raise LimitExceeded for lists that are too long, before they are parsed."""
        command = self._command
        for name, size in (("numbers", len(command.numbers)), ("csv", (command.csv or "").count("\n") // 2)):
            if size > OPERATION_LIMIT:
                raise LimitExceeded(
                    f"`{name}` is too long. The limit of one operation is {OPERATION_LIMIT} numbers.",
                    path=("input", name),
                )

    def _lines(self) -> Iterator[_Line]:
        """All lines in order. Raises InvalidInput for none or for a wrong number, LimitExceeded for too many."""
        command = self._command
        if not (command.ranges or command.numbers or command.csv):
            raise InvalidInput("Give `ranges`, `numbers` or `csv`.", path=("input", "numbers"))
        spans = [
            parse_span(first, last, region=self._region, path=("input", "ranges", str(index)))
            for index, (first, last) in enumerate(command.ranges)
        ]
        listed = self._listed()
        rows = self._rows()
        count = sum(len(span) for span in spans) + len(listed) + len(rows)
        if count > OPERATION_LIMIT:
            raise LimitExceeded(
                f"{count} numbers are too many. The limit of one operation is {OPERATION_LIMIT}.",
                path=("input", "ranges" if spans else "numbers" if listed else "csv"),
            )

        def lines() -> Iterator[_Line]:
            for index, span in enumerate(spans, 1):
                for number in span:
                    yield _Line(index, number)
            yield from listed
            yield from rows

        return lines()

    def _listed(self) -> list[_Line]:
        lines, errors = [], []
        for index, text in enumerate(self._command.numbers):
            try:
                number = parse(text, region=self._region, path=("input", "numbers", str(index)))
            except InvalidInput as error:
                errors.append(error)
            else:
                lines.append(_Line(index + 1, number))
        if errors:
            first, *others = errors[:OFFENDING_NUMBERS_SHOWN]
            first.also = tuple(others)
            raise first
        return lines

    def _rows(self) -> list[_Line]:
        lines: list[_Line] = []
        if not self._command.csv:
            return lines
        for row in read_rows(records_of_text(self._command.csv), COLUMNS, path=("input", "csv")):
            text = row.get("number")
            try:
                if row.error:
                    raise row.error
                number = parse(text, region=self._region)
            except InvalidInput as error:
                self._bad_count += 1
                if len(self._bad) < OFFENDING_NUMBERS_SHOWN:
                    self._bad.append(LineReport(row.line, text[:60], UserErrorCode.INVALID_INPUT, error.message))
            else:
                lines.append(_Line(row.line, number))
        return lines

    async def _add(self, chunk: list[_Line], operation: int) -> None:
        connection = self._work.connection
        existing = await additions.existing(connection, [line.number for line in chunk], root_id=self._work.root_id)
        new: list[NewNumber] = []
        retired: list[NewNumber] = []
        for line in chunk:
            before = existing.get(line.number)
            first = self._first_lines.get(line.number)
            if first is not None:
                self._duplicate(line, f"is in the list twice: it is on line {first} too")
                continue
            if before is not None and not before.is_retired:
                self._duplicate(line, "exists already")
                self._existing_count += 1
                continue
            self._first_lines[line.number] = line.line
            number = NewNumber(line.number, self._series_id, self._organization_id)
            (new if before is None else retired).append(number)
        await additions.add(
            connection, new, retired, root_id=self._work.root_id, operation=operation, at=self._work.now
        )

    def _duplicate(self, line: _Line, problem: str) -> None:
        self._duplicate_count += 1
        if len(self._duplicates) < OFFENDING_NUMBERS_SHOWN:
            message = f"{line.number} {problem}."
            self._duplicates.append(LineReport(line.line, line.number, UserErrorCode.ALREADY_EXISTS, message))

    def _refuse(self) -> None:
        if self._command.skip_duplicates or not (self._bad or self._duplicates):
            return
        lines = tuple(sorted(self._bad + self._duplicates, key=lambda report: report.line))
        if self._bad:
            first = self._bad[0].line
            raise InvalidInput(
                f"Line {first} has no telephone number."
                if self._bad_count == 1
                else f"{self._bad_count} lines have no telephone number, the first is line {first}.",
                path=("input", "csv"),
                lines=lines,
            )
        numbers = tuple(report.value for report in self._duplicates)
        more = f" and {self._duplicate_count - 1} more" if self._duplicate_count > 1 else ""
        raise AlreadyExists(
            f"{self._duplicates[0].message.rstrip('.')}{more}. Nothing was added.",
            path=("input", self._source()),
            numbers=numbers,
            number_count=self._duplicate_count,
            lines=lines,
        )

    def _source(self) -> str:
        command = self._command
        return "ranges" if command.ranges else "numbers" if command.numbers else "csv"
