"""Open a file of an import, CSV or an Excel workbook, as records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import InvalidInput
from resolvers.core.csv_files import csv_records
from resolvers.core.csv_records import Record
from resolvers.imports.workbooks import is_workbook, open_workbook


@contextmanager
def open_records(path: Path, *, sheet: str | None = None) -> Iterator[tuple[Iterator[Record], int | None]]:
    """Yield the records of a file and how many lines it has, if that is known. Raises InvalidInput.

    `sheet` names a sheet of a workbook, by default the first one.
    """
    with path.open("rb") as file:
        head = file.peek(8)[:8]
        if is_workbook(head):
            with open_workbook(path, sheet=sheet) as (records, count):
                yield records, count
            return
        if sheet is not None:
            raise InvalidInput(f"{path.name} is no workbook, so it has no sheet {sheet!r}.")
        with csv_records(file, path) as read:
            yield read
