"""Parse pasted CSV: with or without a byte-order mark, any line ending, and comma, semicolon or tab as delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from domain.errors import InvalidInput

DELIMITERS = ",;\t"
"""Spreadsheets write semicolons where the decimal mark is a comma, and tabs when cells are copied."""


def parse_records(text: str, *, path: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the number of its first line.

    The delimiter is the one that occurs most in the first record; a comma in case of a tie. Raises InvalidInput with
    `path` for malformed CSV.
    """
    text = text.removeprefix("\ufeff")
    delimiter = max(DELIMITERS, key=text.lstrip().partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(f"The CSV can't be read on line {line}: {error}.", path=path) from None
