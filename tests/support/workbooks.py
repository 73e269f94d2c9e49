"""Write small Excel workbooks for tests."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DATE = "date"
ERROR = "error"
FORMULA = "formula"

Cell = str | int | float | bool | tuple[str, str]
"""A tuple is a kind and the text of the value: a DATE's serial number, an ERROR's name, a FORMULA's saved value."""


def write_workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[Cell]]], *, hidden: Sequence[str] = ()) -> Path:
    """Write a workbook. A date has a style of its own, as in any spreadsheet."""
    listed, related = "", ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, rows) in enumerate(sheets.items(), 1):
            state = ' state="hidden"' if name in hidden else ""
            listed += f'<sheet name="{name}" sheetId="{number}"{state} r:id="rId{number}"/>'
            related += (
                f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            )
            data = "".join(f'<row r="{at}">{_cells(at, row)}</row>' for at, row in enumerate(rows, 1))
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>',
            )
        related += f'<Relationship Id="rId99" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        top = f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{top}</Relationships>')
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        )
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
    return path


def _cells(row: int, cells: Sequence[Cell]) -> str:
    return "".join(_cell(f"{_letters(at)}{row}", cell) for at, cell in enumerate(cells) if cell != "")


def _cell(place: str, cell: Cell) -> str:
    if isinstance(cell, tuple):
        kind, text = cell
        if kind == DATE:
            return f'<c r="{place}" s="1"><v>{text}</v></c>'
        if kind == ERROR:
            return f'<c r="{place}" t="e"><v>{text}</v></c>'
        return f'<c r="{place}" t="str"><f>1+1</f><v>{escape(text)}</v></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def _letters(index: int) -> str:
    first, last = divmod(index, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
