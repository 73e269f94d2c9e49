"""Read CSV files by column name."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from domain.errors import InvalidInput


class CSVReader:
    """The rows of a CSV file with their line numbers, as dictionaries by column name.

    Blank rows are skipped. Raises InvalidInput for a missing column or malformed CSV.
    """

    def __init__(self, lines: Iterable[str], columns: tuple[str, ...], *, required: tuple[str, ...]) -> None:
        self._reader = csv.reader(lines)
        header = [cell.strip().removeprefix("\ufeff").casefold() for cell in next(self._reader, [])]
        for column in required:
            if column not in header:
                raise InvalidInput(f"The first line does not name the column `{column}`.")
        self._positions = {column: header.index(column) for column in columns if column in header}

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            for row in self._reader:
                if any(cell.strip() for cell in row):
                    yield (
                        self._reader.line_num,
                        {name: row[at] if at < len(row) else "" for name, at in self._positions.items()},
                    )
        except csv.Error as error:
            raise InvalidInput(f"The file can't be read on line {self._reader.line_num}: {error}.") from None
