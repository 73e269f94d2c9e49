"""The process that reads a workbook: writes one JSON array per row that is not blank.

An array has the number of the row, its cells as text without blank ones at the end, and why cells have no text.
This file runs as a script, apart from the package.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import IO, Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

REFUSED = 3
"""The exit status if the workbook is refused with a message on standard error."""

EXACT = 10**15
"""Spreadsheets keep 15 digits of a number."""

SUSPICIOUS = re.compile(rb"""t\s*=\s*["']e["']|<(\w+:)?f[ />]""")
Faults = dict[tuple[int, int], str]
"""Why cells have no text, by row and column from 0."""


class UnreadableCellError(Exception):
    """Why a cell has no text."""


def text_of(value: Any) -> str:
    """Return the text of a cell. Raises UnreadableCellError."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date | datetime | time | timedelta):
        raise UnreadableCellError(
            f"The spreadsheet has turned the cell into a date or time ({value}). Format the column as text and enter it"
            " again."
        )
    if abs(value) >= EXACT:
        raise UnreadableCellError(
            "The cell is a number of more than 15 digits, of which a spreadsheet keeps 15. Format the column as text"
            " and enter it again."
        )
    return str(int(value)) if value == int(value) else repr(value)


def convert(row: list[Any], at: int, faults: Faults) -> tuple[list[str], dict[int, str]]:
    """Return the texts of a row without blank ones at its end, and the reasons of cells that have none."""
    cells: list[str] = []
    reasons: dict[int, str] = {}
    for index, value in enumerate(row):
        if faults and (at, index) in faults:
            cells.append("?")
            reasons[index] = faults[at, index]
            continue
        try:
            cells.append(text_of(value))
        except UnreadableCellError as error:
            cells.append(str(value))
            reasons[index] = str(error)
    while cells and not cells[-1].strip():
        cells.pop()
    return cells, reasons


def find_faults(path: str, sheet: str) -> Faults:
    """Return the cells of a sheet that have an error or an unsaved formula, which calamine reads as blank."""
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            refuse(f"The part {damaged} is damaged.")
        part = find_part(archive, sheet)
        with archive.open(part) as opened:
            if not is_suspicious(opened):
                return {}
        with archive.open(part) as opened:
            return read_faults(opened)


def find_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part of a workbook that has a sheet."""
    workbook = ET.parse(archive.open("xl/workbook.xml"))  # noqa: S314 - this process is bounded
    (listed,) = (each for each in workbook.iter() if local_name(each) == "sheet" and each.get("name") == sheet)
    (wanted,) = (value for name, value in listed.items() if name.endswith("}id"))
    related = ET.parse(archive.open("xl/_rels/workbook.xml.rels"))  # noqa: S314 - likewise
    (target,) = (each.get("Target", "") for each in related.getroot() if each.get("Id") == wanted)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def is_suspicious(part: IO[bytes]) -> bool:
    """Whether a sheet has an error or a formula. Most have none, and need not be parsed into elements.

    Raises ExpatError for XML that is not well-formed, which calamine reads as far as it can.
    """
    parser, end, found = expat.ParserCreate(), b"", False
    for chunk in iter(partial(part.read, 1 << 20), b""):
        parser.Parse(chunk)
        found = found or SUSPICIOUS.search(end + chunk) is not None
        end = chunk[-32:]
    parser.Parse(b"", True)  # noqa: FBT003 - it takes no names
    return found


def read_faults(part: IO[bytes]) -> Faults:
    """Return the cells with an error or an unsaved formula. Rows and cells may have their places, or follow on."""
    faults: Faults = {}
    row = column = -1
    for event, element in ET.iterparse(part, ("start", "end")):  # noqa: S314 - this process is bounded
        name = local_name(element)
        if (event, name) == ("start", "row"):
            row, column = int(element.get("r", row + 2)) - 1, -1
        elif (event, name) == ("start", "c"):
            column = column_of(element.get("r", "")) if element.get("r") else column + 1
        elif (event, name) == ("end", "c"):
            if fault := fault_of(element):
                faults[row, column] = fault
        elif (event, name) == ("end", "row"):
            element.clear()
    return faults


def fault_of(cell: ET.Element) -> str | None:
    """Return why a cell has no text, if it has an error or an unsaved formula."""
    parts = {local_name(part): part.text for part in cell}
    if cell.get("t") == "e":
        return f"The cell has the error {parts.get('v')}."
    if "f" in parts and not parts.get("v") and cell.get("t") != "str":
        return "The cell has a formula whose value was not saved. Open the workbook in a spreadsheet and save it."
    return None


def local_name(element: ET.Element) -> str:
    """Return the name of an element without its namespace, of which there are two."""
    return element.tag.rpartition("}")[2]


def column_of(place: str) -> int:
    """Return the column, from 0, of a place such as AB12."""
    column = 0
    for letter in place.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    return column - 1


def main(path: str, sheet: str | None) -> None:
    """Write the rows of a sheet, by default of the first visible one."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 - within the limits

    try:
        workbook = CalamineWorkbook.from_path(path)
        names = [each.name for each in workbook.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
        if sheet is not None and sheet not in workbook.sheet_names:
            refuse(f"There is no sheet {sheet!r}. The sheets are: {', '.join(names)}.")
        chosen = workbook.get_sheet_by_name(names[0] if sheet is None else sheet)
        faults = find_faults(path, chosen.name)
        for at, row in enumerate(chosen.to_python(skip_empty_area=False)):
            cells, reasons = convert(row, at, faults)
            if cells:
                sys.stdout.write(json.dumps([at + 1, cells, reasons]) + "\n")
    except (CalamineError, expat.ExpatError, zipfile.BadZipFile) as error:
        refuse(f"The workbook can't be read: {error}.")


def refuse(message: str) -> None:
    """End the process with a message."""
    sys.stderr.write(message)
    sys.exit(REFUSED)


if __name__ == "__main__":
    memory, seconds, *rest = sys.argv[1:]
    with contextlib.suppress(ValueError, OSError):  # Not every system limits memory; time and size are bounded anyway.
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    main(rest[0], rest[1] if len(rest) > 1 else None)
