"""Adding numbers to the inventory by range, list, CSV or uploaded file; only from the root organization."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

from db.history import operations
from db.numbers import additions, changes
from db.numbers.additions import CHUNK, NewNumber
from db.organizations.queries import OrganizationRecord
from domain.access import Permission, require
from domain.errors import OFFENDING_NUMBERS_SHOWN, AlreadyExists, InvalidInput, LineReport, UserErrorCode
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.first_lines import FirstLines
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.addition_lines import AdditionLines, AddNumbers, Line
from resolvers.numbers.commands import NumbersChanged
from resolvers.numbers.completion import complete_change


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersAdded(NumbersChanged):
    """The result of adding numbers, with a report of the skipped lines."""

    skipped_count: int = 0
    lines: list[LineReport] = field(default_factory=list)


async def add_numbers(context: Context, command: AddNumbers) -> NumbersAdded:
    """Add numbers as AVAILABLE; duplicates are refused or, if the command says so, skipped."""

    async def change(work: UnitOfWork) -> NumbersAdded:
        holder = await check_addition(work, command)
        with ExitStack() as stack:
            return await _Addition(work, command, stack, organization_id=holder.id).run()

    return await run_mutation(context, command, change, NumbersAdded, bulk=True)


async def check_addition(work: UnitOfWork, command: AddNumbers) -> OrganizationRecord:
    """Refuse what is refused without looking at the numbers, and return the holder of the new ones."""
    require(work.actor.role, Permission.CHANGE_NUMBERS)
    work.require_root("Adding numbers")
    await work.series(command.series_id)
    holder = await work.organization(command.organization_id, name="organizationId")
    given = command.ranges or command.numbers or command.csv
    if command.upload_id is not None and given:
        raise InvalidInput("Give `uploadId` alone, or `ranges`, `numbers` and `csv`.", path=("input", "uploadId"))
    if work.admits_job and command.upload_id is None and not given:
        raise InvalidInput("Give `ranges`, `numbers`, `csv` or `uploadId`.", path=("input", "numbers"))
    return holder


class _Addition:
    """One addition. It reads the lines once, in chunks, and keeps only the lines to report.

    What an uploaded file needs is closed with `stack`. Of a file, the first lines of numbers are kept outside memory.
    """

    def __init__(self, work: UnitOfWork, command: AddNumbers, stack: ExitStack, *, organization_id: int) -> None:
        self._work = work
        self._command = command
        self._stack = stack
        self._organization_id = organization_id
        self._duplicates: list[LineReport] = []
        self._duplicate_count = 0
        self._existing_count = 0
        self._first_lines: dict[str, int] | FirstLines = {}
        self._total: int | None = None
        self._done = 0

    async def run(self) -> NumbersAdded:
        work, connection = self._work, self._work.connection
        uploaded = None
        if work.job is not None and self._command.upload_id is not None:
            self._first_lines = self._stack.enter_context(FirstLines())
            # Counting the lines of a large file would hold the event loop.
            uploaded, self._total = await asyncio.to_thread(self._stack.enter_context, work.job.open_upload())
        source = AdditionLines(self._command, uploaded, region=await work.region(), limit=work.limit)
        source.refuse_too_long()
        # Parsing is slow; a thread keeps the event loop free.
        lines = await asyncio.to_thread(source.read)
        if uploaded is None:
            self._total = source.count
        # Serialize additions per root, so that each sees the numbers that others have added.
        await connection.advisory_lock(f"stock {work.root_id}")
        operation = await operations.begin_operation(connection, work.new_operation(EventKind.ADDED))
        while chunk := await self._next(lines):
            await self._add(chunk, operation)
            self._advance(chunk)
        self._refuse(source)
        await additions.update_statistics(connection, added=self._done)
        result = await changes.finish_operation(connection, operation, recorded_count=0)
        changed = await complete_change(work, result, unchanged_count=self._existing_count)
        return NumbersAdded(
            **changed.utilization(),
            changed_count=changed.changed_count,
            # The rows of a dry run are rolled back, and other numbers may get their ids.
            number_ids=[] if work.dry_run else changed.number_ids,
            unchanged_count=changed.unchanged_count,
            preview=changed.preview,
            skipped_count=self._duplicate_count + source.bad_count,
            lines=sorted(source.bad + self._duplicates, key=lambda report: report.line),
        )

    async def _next(self, lines: Iterator[Line]) -> list[Line]:
        if self._command.upload_id is None:
            return list(islice(lines, CHUNK))
        # The lines of a file are parsed only now.
        return await asyncio.to_thread(lambda: list(islice(lines, CHUNK)))

    def _advance(self, chunk: list[Line]) -> None:
        """Tell the job its progress: in lines of a file, otherwise in numbers."""
        self._done = self._done + len(chunk) if self._command.upload_id is None else chunk[-1].line
        if self._work.job is not None:
            # The last line of a file need not have an end, by which lines are counted.
            self._work.job.advance(self._done, max(self._done, self._total or 0))

    async def _add(self, chunk: list[Line], operation: int) -> None:
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
            number = NewNumber(line.number, self._command.series_id, self._organization_id)
            (new if before is None else retired).append(number)
        await additions.add(
            connection, new, retired, root_id=self._work.root_id, operation=operation, at=self._work.now
        )

    def _duplicate(self, line: Line, problem: str) -> None:
        self._duplicate_count += 1
        if len(self._duplicates) < OFFENDING_NUMBERS_SHOWN:
            message = f"{line.number} {problem}."
            self._duplicates.append(LineReport(line.line, line.number, UserErrorCode.ALREADY_EXISTS, message))

    def _refuse(self, source: AdditionLines) -> None:
        if self._command.skip_duplicates or not (source.bad or self._duplicates):
            return
        lines = tuple(sorted(source.bad + self._duplicates, key=lambda report: report.line))
        if source.bad:
            first = source.bad[0].line
            raise InvalidInput(
                f"Line {first} has no telephone number."
                if source.bad_count == 1
                else f"{source.bad_count} lines have no telephone number, the first is line {first}.",
                path=("input", "csv" if self._command.upload_id is None else "uploadId"),
                lines=lines,
            )
        numbers = tuple(report.value for report in self._duplicates)
        more = f" and {self._duplicate_count - 1} more" if self._duplicate_count > 1 else ""
        raise AlreadyExists(
            f"{self._duplicates[0].message.rstrip('.')}{more}. Nothing was added.",
            path=("input", self._command.source),
            numbers=numbers,
            number_count=self._duplicate_count,
            lines=lines,
        )
