"""The numbers of an addition, read from ranges, lists, CSV texts and uploaded files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import OFFENDING_NUMBERS_SHOWN, InvalidInput, LimitExceeded, LineReport, UserErrorCode
from domain.numbers import limit_text, parse, parse_span
from resolvers.core.csv_reader import Columns, read_rows
from resolvers.core.csv_records import Record, records_of_text

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
    upload_id: int | None = None
    skip_duplicates: bool = False
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None

    @property
    def source(self) -> str:
        """The field of the input that a refusal of its numbers names."""
        if self.upload_id is not None:
            return "uploadId"
        return "ranges" if self.ranges else "numbers" if self.numbers else "csv"


@dataclass(frozen=True, slots=True)
class Line:
    """A number to be added, with its line in the input."""

    line: int
    number: str


class AdditionLines:
    """Reads the lines of a command once, and keeps the first of those without a number.

    `uploaded` has the records of the uploaded file, which are read as they are needed.
    """

    def __init__(
        self, command: AddNumbers, uploaded: Iterable[Record] | None, *, region: str | None, limit: int
    ) -> None:
        self._command = command
        self._uploaded = uploaded
        self._region = region
        self._limit = limit
        self.bad: list[LineReport] = []
        self.bad_count = 0
        self.count = 0
        """How many numbers there are, except in an uploaded file."""

    def refuse_too_long(self) -> None:
        """Raise LimitExceeded for lists that are too long, before they are parsed."""
        command = self._command
        for name, size in (("numbers", len(command.numbers)), ("csv", (command.csv or "").count("\n") // 2)):
            if size > self._limit:
                raise LimitExceeded(f"`{name}` is too long. {limit_text(self._limit)}", path=("input", name))

    def read(self) -> Iterator[Line]:
        """All lines in order. Raises InvalidInput for none or for a wrong number, LimitExceeded for too many."""
        command = self._command
        if self._uploaded is not None:
            return self._limited(self._rows(self._uploaded))
        if not (command.ranges or command.numbers or command.csv):
            raise InvalidInput("Give `ranges`, `numbers` or `csv`.", path=("input", "numbers"))
        spans = [
            parse_span(first, last, region=self._region, limit=self._limit, path=("input", "ranges", str(index)))
            for index, (first, last) in enumerate(command.ranges)
        ]
        listed = self._listed()
        rows = list(self._rows(records_of_text(command.csv))) if command.csv else []
        self.count = sum(len(span) for span in spans) + len(listed) + len(rows)
        if self.count > self._limit:
            raise LimitExceeded(
                f"{self.count} numbers are too many. {limit_text(self._limit)}", path=("input", command.source)
            )

        def lines() -> Iterator[Line]:
            for index, span in enumerate(spans, 1):
                for number in span:
                    yield Line(index, number)
            yield from listed
            yield from rows

        return lines()

    def _limited(self, lines: Iterator[Line]) -> Iterator[Line]:
        for count, line in enumerate(lines, 1):
            if count > self._limit:
                raise LimitExceeded(
                    f"The file has too many numbers. {limit_text(self._limit)}", path=("input", "uploadId")
                )
            yield line

    def _listed(self) -> list[Line]:
        lines, errors = [], []
        for index, text in enumerate(self._command.numbers):
            try:
                number = parse(text, region=self._region, path=("input", "numbers", str(index)))
            except InvalidInput as error:
                errors.append(error)
            else:
                lines.append(Line(index + 1, number))
        if errors:
            first, *others = errors[:OFFENDING_NUMBERS_SHOWN]
            first.also = tuple(others)
            raise first
        return lines

    def _rows(self, records: Iterable[Record]) -> Iterator[Line]:
        name = "csv" if self._uploaded is None else "uploadId"
        for row in read_rows(records, COLUMNS, path=("input", name)):
            text = row.get("number")
            try:
                if row.error:
                    raise row.error
                number = parse(text, region=self._region)
            except InvalidInput as error:
                self.bad_count += 1
                if len(self.bad) < OFFENDING_NUMBERS_SHOWN:
                    self.bad.append(LineReport(row.line, text[:60], UserErrorCode.INVALID_INPUT, error.message))
            else:
                yield Line(row.line, number)
