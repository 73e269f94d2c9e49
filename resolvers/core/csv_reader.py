"""Read records by the names of their columns: the one reader of CSV for files, requests and workbooks.

What is wrong with the whole (an unknown column, an unclosed quotation mark) raises InvalidInput. What is wrong with one
line is returned with it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from domain.errors import InvalidInput, LineReport
from domain.reports import unescape_formula
from resolvers.core.csv_records import MalformedCSVError, Record

VALUE_LENGTH = 60
"""How much of a cell a report shows."""


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of CSV.

    One name of each group in `required` must be there. Case, spaces, underscores and hyphens do not count in a header,
    so that `Reserved Tag` is `reserved_tag`; `aliases` has further names. If `optional_header` is true, a first line
    without a known name is data, in the order of `names`.
    """

    names: tuple[str, ...]
    required: tuple[tuple[str, ...], ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    optional_header: bool = False

    @property
    def by_heading(self) -> dict[str, str]:
        """The names by their reduced form."""
        return {_reduce(name): name for name in self.names} | {_reduce(a): name for a, name in self.aliases.items()}


class Row(NamedTuple):
    """The cells of a line by column name; `error` tells why the line as such is bad."""

    line: int
    cells: dict[str, str]
    error: InvalidInput | None = None

    def get(self, column: str) -> str:
        """Return the cell of a column, empty if the file has no such column."""
        return self.cells.get(column, "")


def read_rows(records: Iterable[Record], columns: Columns, *, path: tuple[str, ...] = ()) -> Iterator[Row]:
    """Yield all rows. Raises InvalidInput, with `path` and one LineReport for each fault, for the whole."""
    header: list[str | None] | None = None
    try:
        for record in records:
            if header is None:
                header = _read_header(record, columns, path=path)
                if header is not None:
                    continue
                header = list(columns.names)
            yield _read_row(record, header, columns)
    except MalformedCSVError as error:
        column = header[error.cell] if header and error.cell is not None and error.cell < len(header) else None
        raise _refusal([_report(error.line, error.value, error.message, column)], path=path) from None
    if header is None:
        raise InvalidInput(f"There is no line. The first line must name the columns: {_listed(columns)}.", path=path)


def _read_header(record: Record, columns: Columns, *, path: tuple[str, ...]) -> list[str | None] | None:
    """Return the columns in the order of the header, None for a blank heading; None if the line is no header."""
    by_heading = columns.by_heading
    headings = [_reduce(cell) for cell in record.cells]
    if columns.optional_header and not any(heading in by_heading for heading in headings):
        return None
    names = [by_heading.get(heading) for heading in headings]
    faults = [
        _report(record.line, cell, _unknown(heading, columns), None)
        for cell, heading, name in zip(record.cells, headings, names, strict=True)
        if heading and name is None
    ]
    for name in {name for name in names if name is not None and names.count(name) > 1}:
        cells = [cell.strip() for cell, other in zip(record.cells, names, strict=True) if other == name]
        message = f"The column `{name}` is there {len(cells)} times: {', '.join(cells)}."
        faults.append(_report(record.line, cells[-1], message, name))
    faults += [
        _report(record.line, "", f"The column {' or '.join(f'`{name}`' for name in group)} is missing.", group[0])
        for group in columns.required
        if not any(name in names for name in group)
    ]
    if faults:
        raise _refusal(faults, path=path)
    return names


def _unknown(heading: str, columns: Columns) -> str:
    by_heading = columns.by_heading
    near = get_close_matches(heading, by_heading, n=1)
    hint = f"Did you mean `{by_heading[near[0]]}`? " if near else ""
    return f"This column is unknown. {hint}The columns are {_listed(columns)}."


def _read_row(record: Record, header: Sequence[str | None], columns: Columns) -> Row:
    texts = [unescape_formula(cell) if cell[:1] == "'" else cell for cell in record.cells]
    cells = {name: text for name, text in zip(header, texts, strict=False) if name is not None}
    plain = len(cells) == len(texts) == len(header) and not record.unreadable
    return Row(record.line, cells, None if plain else _check_row(record, header, columns))


def _check_row(record: Record, header: Sequence[str | None], columns: Columns) -> InvalidInput | None:
    count, expected = len(record.cells), len(header)
    if count > expected:
        return InvalidInput(f"The line has {count} cells, but there are {_counted(expected)}.")
    for index, name in enumerate(header):
        if record.unreadable and index in record.unreadable:
            return InvalidInput(record.unreadable[index], path=(name,) if name else ())
        if name is None and index < count and record.cells[index].strip():
            return InvalidInput(f"Cell {index + 1} has a value, but the first line has no name for its column.")
    if count < expected and (record.cut_off or _lacks_required(header[count:], header[:count], columns)):
        end = " The file ends inside of it." if record.cut_off else ""
        return InvalidInput(f"The line has {_counted(count, 'cell')}, but there are {_counted(expected)}.{end}")
    return None


def _lacks_required(missing: Sequence[str | None], present: Sequence[str | None], columns: Columns) -> bool:
    return any(
        any(name in missing for name in group) and not any(name in present for name in group)
        for group in columns.required
    )


def _refusal(faults: list[LineReport], *, path: tuple[str, ...]) -> InvalidInput:
    first = faults[0]
    value = f", {first.value!r}" if first.value else ""
    place = f"Line {first.line}" + (f", column {first.column}" if first.column else "") + value
    others = "" if len(faults) == 1 else f" {_counted(len(faults) - 1, 'more fault')}."
    return InvalidInput(f"{place}: {first.message}{others}", path=path, lines=tuple(faults))


def _report(line: int, value: str, message: str, column: str | None) -> LineReport:
    return LineReport(line, value.strip().partition("\n")[0][:VALUE_LENGTH], InvalidInput.code, message, column)


def _listed(columns: Columns) -> str:
    *names, last = columns.names
    return f"{', '.join(names)} and {last}" if names else last


def _counted(count: int, noun: str = "column") -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _reduce(heading: str) -> str:
    """Return a heading without case, spaces, underscores, hyphens and invisible characters."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", heading).casefold()
        if not character.isspace() and character not in "_-" and unicodedata.category(character) != "Cf"
    )
