"""CSV as people paste it: with or without a byte-order mark, whatever ends its lines and parts its cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from domain.errors import InvalidInput

SEPARATORS = ",;\t"
"""What cells are parted by: spreadsheets write a semicolon where the decimal mark is a comma, and tabs when copied."""


def records(text: str, *, path: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, each with the number of its first line.

    The separator is the one that the first of them has most of, a comma unless there is more of another. Raises
    InvalidInput naming the path for what is no CSV.
    """
    text = text.removeprefix("\ufeff")
    separator = max(SEPARATORS, key=text.lstrip().partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"The CSV can't be read on line {line}: {error}."
        raise InvalidInput(message, path=path) from None
