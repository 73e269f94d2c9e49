"""Reading CSV: what is understood, and what is refused with its place."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.reports import escape_formula
from resolvers.core.csv_reader import Columns, read_rows
from resolvers.core.csv_records import CELL_LENGTH, LINE_LENGTH, records_of_text, split_records

COLUMNS = Columns(
    ("number", "series", "reserved_tag"), required=(("number",), ("series",)), aliases={"Telephone Number": "number"}
)
LIST = Columns(("number", "series"), required=(("number",),), optional_header=True)


def rows(text: str, columns: Columns = COLUMNS) -> list[tuple[int, dict[str, str]]]:
    """The rows of a text that must have no bad line."""
    found = list(read_rows(split_records(io.StringIO(text, newline="")), columns))
    assert [row.error for row in found if row.error] == []
    return [(row.line, row.cells) for row in found]


ONE = [(2, {"number": "1", "series": "a"})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("number,series\n1,a\n", ONE),
        ("number;series\n1;a\n", ONE),
        ("number\tseries\n1\ta\n", ONE),
        ("\ufeffnumber,series\r\n1,a\r\n", ONE),
        ("number,series\r1,a\r", ONE),
        ("number,series\n1,a", ONE),
        ('"number";"series"\n"1";"a"\n', ONE),
        ("Number,SERIES\n1,a\n", ONE),
        ("telephone-number , Series\n1,a\n", ONE),
        ("number,series,,\n1,a,,\n", ONE),
        ("series;number\na;1\n", ONE),
        ("\u200bnumber,\u00a0series\n1,a\n", ONE),
        ("number,series\n,\n1,a\n \n", [(3, {"number": "1", "series": "a"})]),
        ("\n\nnumber,series\n1,a\n", [(4, {"number": "1", "series": "a"})]),
        ("sep=;\nnumber;series\n1;a\n", [(3, {"number": "1", "series": "a"})]),
        ('"sep=\t"\r\nnumber\tseries\r\n1\ta\r\n', [(3, {"number": "1", "series": "a"})]),
        ("sep=;\nnumber;series\n1;a,b\n", [(3, {"number": "1", "series": "a,b"})]),
        ('number,"series"\n"1","a ""b"", c"\n', [(2, {"number": "1", "series": 'a "b", c'})]),
        (
            'number,series\n1,"a\r\nb"\n2,c\n',
            [(2, {"number": "1", "series": "a\r\nb"}), (4, {"number": "2", "series": "c"})],
        ),
        ('number,series\n1,""\n', [(2, {"number": "1", "series": ""})]),
        ("number,series\n'+1,'=a\n", [(2, {"number": "+1", "series": "=a"})]),
        ("number,series\n'1,''=a\n", [(2, {"number": "'1", "series": "'=a"})]),
        ("number,series,Reserved Tag\n1,a\n", [(2, {"number": "1", "series": "a"})]),
        ("number,series\n1,a\u2028b\x0bc\n", [(2, {"number": "1", "series": "a\u2028b\x0bc"})]),
        ("number,series\n", []),
    ],
)
def test_a_text_is_understood(text: str, expected: list[tuple[int, dict[str, str]]]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,a\n2,b\n", [(1, {"number": "1", "series": "a"}), (2, {"number": "2", "series": "b"})]),
        ("1\n2", [(1, {"number": "1"}), (2, {"number": "2"})]),
        ("series;number\na;1\n", [(2, {"number": "1", "series": "a"})]),
    ],
)
def test_a_list_may_lack_a_header(text: str, expected: list[tuple[int, dict[str, str]]]) -> None:
    found = list(read_rows(records_of_text(text), LIST))
    assert [(row.line, row.cells, row.error) for row in found] == [(*each, None) for each in expected]


HEADER = "number,series\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "value", "reason"),
    [
        (HEADER + '1,"a\n2,b\n3,c\n', 2, "series", '"a', "not closed"),
        (HEADER + '1,a\n"2,b\n"3",c\n', 3, "number", '"2,b', "text after its end on line 4"),
        (HEADER + '1,"a"b\n', 2, "series", '"a"b', "text after its end"),
        (HEADER + '1,a "b"\n', 2, "series", 'a "b"', "not quoted"),
        (HEADER + '1, "b"\n', 2, "series", '"b"', "not quoted"),
        (HEADER + '1,"' + "a" * CELL_LENGTH + "\n", 2, "series", '"' + "a" * 59, "not closed"),
        (HEADER + "1," + "a" * (CELL_LENGTH + 1) + "\n", 2, None, "1," + "a" * 58, "more than 131072 characters"),
        (HEADER + "1,a\n" + "," * (LINE_LENGTH + 1), 3, None, "," * 60, "more than 1000000 characters"),
        (HEADER + "1,a\0\n", 2, None, "", "Character 4 is U+0000"),
        ("number,series;tag\n1,a\n", 1, None, "number,series;tag", "commas and semicolons"),
        ("number;series\ttag\n", 1, None, "number;series\ttag", "semicolons and tabs"),
        ("sep=|\nnumber|series\n", 1, None, "sep=|", "Separate cells by commas"),
        ("number|series\n", 1, None, "number|series", "column is unknown"),
        ("number,series,state\n", 1, None, "state", "The columns are number, series and reserved_tag."),
        ("number,seris\n", 1, None, "seris", "Did you mean `series`?"),
        ("number,series,Number\n", 1, "number", "Number", "there 2 times: number, Number"),
        ("number,series,telephone number\n", 1, "number", "telephone number", "there 2 times"),
        ("number,reserved_tag\n", 1, "series", "", "`series` is missing"),
        ("+14185550100,+1 418\n", 1, None, "+14185550100", "column is unknown"),
    ],
)
def test_a_fault_of_the_whole_is_refused_with_its_place(
    text: str, line: int, column: str | None, value: str, reason: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        rows(text)
    report = refused.value.lines[0]
    assert (report.line, report.column, report.value) == (line, column, value)
    assert reason in report.message
    assert refused.value.message.startswith(f"Line {line}")


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", " \n,,\n", "sep=;\n"])
def test_a_text_without_lines_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="There is no line"):
        rows(text)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (HEADER + "1,a,x\n", 2, "The line has 3 cells, but there are 2 columns."),
        (HEADER + "1,a,\n", 2, "The line has 3 cells, but there are 2 columns."),
        (HEADER + "1,a\n1\n", 3, "The line has 1 cell, but there are 2 columns."),
        ("number,series,\n1,a,x\n", 2, "Cell 3 has a value, but the first line has no name for its column."),
        (
            "number,series,reserved_tag\n1,a,b\n2,b",
            3,
            "The line has 2 cells, but there are 3 columns. The file ends inside of it.",
        ),
    ],
)
def test_a_bad_line_is_returned_with_its_reason(text: str, line: int, message: str) -> None:
    found = list(read_rows(split_records(io.StringIO(text, newline="")), COLUMNS))
    assert [(row.line, row.error.message) for row in found if row.error] == [(line, message)]


CELLS = st.text(st.sampled_from("ab\"',;\t\r\n =+-@1é\u200b"), max_size=6)


@given(
    cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_what_the_standard_library_writes_is_read_as_itself(
    cells: list[tuple[str, str]], delimiter: str, end: str, mark: str
) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(("number", "series"))
    writer.writerows([[escape_formula(cell) for cell in row] for row in cells])
    expected: list[Any] = [row for row in cells if any(escape_formula(cell).strip() for cell in row)]
    assert [tuple(row.values()) for _, row in rows(mark + written.getvalue())] == expected


@given(text=st.text(st.sampled_from('ab",;\n\r'), max_size=30))
def test_a_text_is_read_as_rfc_4180_says_or_refused(text: str) -> None:
    """What is accepted is the same when it is written again with every cell in quotation marks."""
    try:
        found = [record.cells for record in records_of_text("x,y\n" + text)]
    except Exception as refused:  # noqa: BLE001 - nothing else may be raised
        assert type(refused).__name__ == "MalformedCSVError"  # noqa: PT017 - the class is private to the reader
        return
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(found)
    assert [record.cells for record in records_of_text(written.getvalue())] == found
    assert sum(cell.count('"') for row in found for cell in row) * 2 <= text.count('"')
