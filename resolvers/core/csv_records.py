"""Split CSV into records by the standard library, behind checks of what it would read by guessing.

Lines end with CR, LF or CRLF. The delimiter is a comma, semicolon or tab: the one in the first line, or the one that a
line `sep=;` names. A quotation mark must open a cell or be doubled inside a quoted one, and every quoted cell must end.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""Spreadsheets write semicolons where the decimal mark is a comma, and tabs when cells are copied."""

LINE_LENGTH = 1_000_000
"""The longest line in characters."""

CELL_LENGTH = csv.field_size_limit()
"""The longest cell in characters."""

_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n]*)"?[\r\n]*', re.IGNORECASE)
_QUOTED_PARTS = re.compile(r'"(?:[^"]|"")*"?')
_QUOTED_CELL = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
_LINE_END = re.compile(r"\r\n|\r|\n")


class Record(NamedTuple):
    """The cells of a record, which may span several lines, and the number of its first line.

    `cut_off` tells that the file ends inside of it. `unreadable` has the reasons why cells of a workbook have no text,
    by their index.
    """

    line: int
    cells: list[str]
    cut_off: bool = False
    unreadable: Mapping[int, str] | None = None


class MalformedCSVError(Exception):
    """Why a text cannot be split into records: the line, the index of the cell if it is known, and its beginning."""

    def __init__(self, message: str, *, line: int, cell: int | None = None, value: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.cell = cell
        self.value = value


def records_of_text(text: str) -> Iterator[Record]:
    """Split a text that came as a whole, so that its last line may lack its end."""
    return split_records(io.StringIO(text if text.endswith(("\n", "\r")) else text + "\n", newline=""))


def split_records(lines: Iterable[str]) -> Iterator[Record]:
    """Yield the records of lines that still have their ends, except blank ones. Raises MalformedCSVError."""
    checked = _checked(lines)
    number, line = 1, next(checked, "")
    delimiter = None
    if separator := _SEPARATOR_LINE.fullmatch(line):
        delimiter = separator[1]
        if delimiter not in DELIMITERS:
            raise MalformedCSVError(
                "`sep=` names an unknown separator. Separate cells by commas, semicolons or tabs.", line=1, value=line
            )
        number, line = 2, next(checked, "")
    while line and not line.strip():
        number, line = number + 1, next(checked, "")
    if line:
        yield from _split(chain([line], checked), delimiter or _find_delimiter(line, number), first_line=number)


def _checked(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            at = line.index("\0")
            raise MalformedCSVError(
                f"Character {at + 1} is U+0000, so this is no text in UTF-8. Save the file as CSV in UTF-8.",
                line=number,
            )
        if len(line) > LINE_LENGTH:
            raise MalformedCSVError(f"The line has more than {LINE_LENGTH} characters.", line=number, value=line)
        yield line.removeprefix("\ufeff") if number == 1 else line


def _find_delimiter(line: str, number: int) -> str:
    """Return the one delimiter outside quotation marks; a comma if there is none."""
    bare = _QUOTED_PARTS.sub("", line)
    found = [delimiter for delimiter in DELIMITERS if delimiter in bare]
    if len(found) > 1:
        names = " and ".join(DELIMITERS[delimiter] for delimiter in found)
        raise MalformedCSVError(
            f"The line has {names}, so it is unclear what separates cells. Begin the file with a line such as `sep=;`,"
            " or put the cells in quotation marks.",
            line=number,
            value=line,
        )
    return found[0] if found else ","


def _split(lines: Iterable[str], delimiter: str, *, first_line: int) -> Iterator[Record]:
    taken: list[str] = []
    """The lines of the current record."""

    def take() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    reader = csv.reader(take(), delimiter=delimiter, strict=True)
    quotes = _QuotationMarks(delimiter)
    line = first_line
    while True:
        taken.clear()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            quotes.check("".join(taken), line)
            raise MalformedCSVError(_too_long(error), line=line, value=taken[0]) from None
        if cells is None:
            return
        if any('"' in text for text in taken):
            quotes.check("".join(taken), line)
        if any(map(str.strip, cells)):
            yield Record(line, cells, not taken[-1].endswith(("\n", "\r")))
        line += len(taken)


def _too_long(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"A cell has more than {CELL_LENGTH} characters."
    return f"The record can't be read: {error}."


class _QuotationMarks:
    """Checks that quotation marks stand where RFC 4180 allows them."""

    def __init__(self, delimiter: str) -> None:
        plain = f'[^"{delimiter}\\r\\n]*+'
        cell = f"(?:{_QUOTED_CELL.pattern}|{plain})"
        self._delimiter = delimiter
        self._plain = re.compile(plain)
        self._record = re.compile(rf"{cell}(?:{delimiter}{cell})*+[\r\n]*")

    def check(self, record: str, line: int) -> None:
        """Raise MalformedCSVError, with the line on which the cell at fault begins, unless all marks are right."""
        if self._record.fullmatch(record):
            return
        at = cell = 0
        while True:
            begin = at
            quoted = _QUOTED_CELL.match(record, at)
            if record.startswith('"', at) and quoted is None:
                self._fail("The quotation mark that opens here is not closed", record, line, begin=begin, cell=cell)
            at = quoted.end() if quoted else self._plain.match(record, at).end()  # type: ignore[union-attr]
            following = record[at : at + 1]
            if following != self._delimiter:
                break
            at, cell = at + 1, cell + 1
        if quoted and following not in {"", "\r", "\n"}:
            ended = line + len(_LINE_END.findall(record, 0, at))
            where = "" if ended == _line_at(record, begin, line) else f" on line {ended}"
            self._fail(
                f"The quoted cell that begins here has text after its end{where}", record, line, begin=begin, cell=cell
            )
        if following == '"':
            self._fail("A cell with a quotation mark is not quoted", record, line, begin=begin, cell=cell)

    def _fail(self, problem: str, record: str, line: int, *, begin: int, cell: int) -> None:
        raise MalformedCSVError(
            f"{problem}. Put the cell in quotation marks, and double those inside of it.",
            line=_line_at(record, begin, line),
            cell=cell,
            value=record[begin:],
        )


def _line_at(record: str, at: int, first_line: int) -> int:
    """Return the line of a character of a record."""
    return first_line + len(_LINE_END.findall(record, 0, at))
