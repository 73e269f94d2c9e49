"""Opening files of imports: encodings, and workbooks within their limits."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from resolvers.core.csv_reader import Columns, Row, read_rows
from resolvers.imports import workbooks
from resolvers.imports.files import open_records
from tests.support.workbooks import DATE, ERROR, FORMULA, Cell, write_workbook

COLUMNS = Columns(("number", "series"), required=(("number",), ("series",)))
HEADER = ("number", "series")


def read(path: Path, sheet: str | None = None) -> list[Row]:
    with open_records(path, sheet=sheet) as (records, _):
        return list(read_rows(records, COLUMNS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_with_a_mark_are_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes("number\tseries\r\n1\tMontréal 日本\r\n".encode(encoding))
    assert [row.cells for row in read(file)] == [{"number": "1", "series": "Montréal 日本"}]


@pytest.mark.parametrize(
    ("contents", "line", "reason"),
    [
        ("number,series\n1,Montréal\n".encode("cp1252"), 2, "Character 8 is the byte 0xE9."),
        ("number,series\r1,a\r2,ü\r".encode("latin-1"), 3, "Character 3 is the byte 0xFC."),
        ("number,series\r\n1,é\r\n2,é".encode() + b"\xff\r\n", 3, "Character 4 is the byte 0xFF."),
        (b"number,series\n1,\xc3", 2, "Character 3 is the byte 0xC3."),
        (b"number,series\n1,\xed\xa0\x80\n", 2, "Character 3 is the byte 0xED."),
        ("number,series\n1,a\n".encode("utf-16-le"), 1, "is U+0000"),
        ("number,series\n1,a\n".encode("utf-16") + b"\x00", 1, "not in UTF-16"),
        (b"number,series\n" + b"x" * 2_000_000, 2, "more than 1000000 characters"),
    ],
)
def test_a_file_in_another_encoding_is_refused_with_the_place(
    tmp_path: Path, contents: bytes, line: int, reason: str
) -> None:
    file = tmp_path / "numbers.csv"
    file.write_bytes(contents)
    with pytest.raises(InvalidInput) as refused:
        read(file)
    assert refused.value.lines[0].line == line
    assert reason in refused.value.message


def test_the_cells_of_a_workbook_are_read_as_text(tmp_path: Path) -> None:
    cells: list[tuple[Cell, str]] = [
        ("+14185550101", "+14185550101"),
        (4188984760.0, "4188984760"),
        (999999999999999.0, "999999999999999"),
        (14185550101, "14185550101"),
        (-5, "-5"),
        (0.25, "0.25"),
        (True, "TRUE"),
        (" a\tb ", " a\tb "),
        ("'=SUM(1)", "=SUM(1)"),
        ("#N/A", "#N/A"),
        ((FORMULA, "+14185550102"), "+14185550102"),
        ((FORMULA, ""), ""),
    ]
    rows: list[tuple[Cell, ...]] = [(), HEADER, (), *((cell, "+1 418") for cell, _ in cells)]
    file = write_workbook(tmp_path / "numbers.xlsx", {"Hidden": [("x",)], "Numbers": rows}, hidden=["Hidden"])
    assert [(row.line, row.get("number"), row.error) for row in read(file)] == [
        (line, text, None) for line, (_, text) in enumerate(cells, 4)
    ]


def test_cells_without_an_exact_text_are_bad_lines(tmp_path: Path) -> None:
    cells: list[tuple[Cell, str]] = [
        ((DATE, "46000"), "turned the cell into a date or time (2025-12-09)"),
        ((DATE, "46000.5"), "turned the cell into a date or time (2025-12-09 12:00:00)"),
        ((ERROR, "#N/A"), "has the error #N/A"),
        ((ERROR, "#DIV/0!"), "has the error #DIV/0!"),
        (1234567890123456.0, "more than 15 digits"),
        (1e300, "more than 15 digits"),
    ]
    file = write_workbook(tmp_path / "numbers.xlsx", {"Numbers": [HEADER, *((cell, "a") for cell, _ in cells)]})
    for (_, reason), row in zip(cells, read(file), strict=True):
        assert row.error is not None
        assert (reason in row.error.message, row.error.path) == (True, ("number",))


def test_a_formula_without_a_saved_value_is_a_bad_line(tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "numbers.xlsx", {"Numbers": [HEADER, ((FORMULA, "?"), "a")]})
    replace(file, "xl/worksheets/sheet1.xml", b' t="str"><f>1+1</f><v>?</v>', b"><f>1+1</f><v></v>")
    (row,) = read(file)
    assert row.error is not None
    assert (row.line, row.error.path) == (2, ("number",))
    assert "value was not saved" in row.error.message


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    sheets = {"First": [HEADER, ("1", "a")], "Second": [HEADER, ("2", "b")]}
    file = write_workbook(tmp_path / "numbers.xlsx", sheets)
    assert [row.get("number") for row in read(file)] == ["1"]
    assert [row.get("number") for row in read(file, "Second")] == ["2"]
    with pytest.raises(InvalidInput, match=r"no sheet 'Third'\. The sheets are: First, Second\."):
        read(file, "Third")
    plain = tmp_path / "numbers.csv"
    plain.write_text("number,series\n")
    with pytest.raises(InvalidInput, match="no workbook"):
        read(plain, "First")


def replace(file: Path, part: str, before: bytes, after: bytes) -> None:
    """Change a part of a workbook."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert before in parts[part]
    parts[part] = parts[part].replace(before, after)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in parts.items():
            archive.writestr(name, contents)


def archive_of(file: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in parts.items():
            archive.writestr(name, contents)
    return file


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    good = write_workbook(tmp_path / "good.xlsx", {"Numbers": [HEADER, ("1", "a")]})
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(good.read_bytes()[:-30])
    broken = write_workbook(tmp_path / "broken.xlsx", {"Numbers": [HEADER, ("1", "a")]})
    replace(broken, "xl/worksheets/sheet1.xml", b"</row>", b"</rwo>")
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    kinds = {
        cut: "damaged",
        broken: "can't be read",
        old: "an .xls file, protected by a password, or damaged",
        archive_of(tmp_path / "sheet.ods", **{"content.xml": b""}): "an .ods file",
        archive_of(tmp_path / "sheet.xlsb", **{"xl/workbook.bin": b""}): "no .xlsx file",
        archive_of(tmp_path / "letter.docx", **{"word/document.xml": b""}): "no .xlsx file",
    }
    for file, reason in kinds.items():
        with pytest.raises(InvalidInput, match=reason):
            read(file)


def test_a_workbook_is_bounded_in_size_time_and_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_workbook(tmp_path / "numbers.xlsx", {"Numbers": [HEADER, *[("1", "a" * 100)] * 20_000]})
    with monkeypatch.context() as limit:
        limit.setattr(workbooks, "PACKED_BYTES", file.stat().st_size - 1)
        refuse(file, "has more than")
    with monkeypatch.context() as limit:
        limit.setattr(workbooks, "UNPACKED_BYTES", 1 << 20)
        refuse(file, "1 MiB when it is unpacked")
    with monkeypatch.context() as limit:
        limit.setattr(workbooks, "ENTRIES", 3)
        refuse(file, "when it is unpacked")
    with monkeypatch.context() as limit:
        limit.setattr(workbooks, "SECONDS", 0.01)
        refuse(file, "seconds to read")
    with monkeypatch.context() as limit:
        limit.setattr(workbooks, "MEMORY_BYTES", 20 << 20)
        refuse(file, "of memory to read")
    assert len(read(file)) == 20_000


def refuse(file: Path, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        read(file)


def test_a_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    """A sheet of two cells in opposite corners has 17 billion cells between them."""
    file = write_workbook(tmp_path / "numbers.xlsx", {"Numbers": [HEADER, ("1", "a")]})
    far = b'</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    replace(file, "xl/worksheets/sheet1.xml", b"</row></sheetData>", far)
    refuse(file, "of memory to read")
