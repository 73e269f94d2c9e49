"""The lines of a list of people who are to be invited: from rows or from CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.errors import DialtreeError, InvalidInput, LimitExceeded
from domain.invitations import NumberSource, check_source
from domain.numbers import OPERATION_LIMIT, parse
from domain.texts import clean_tag
from domain.users import Person, clean_person
from resolvers.core.csv_records import records
from resolvers.users.assignment import INPUT
from resolvers.users.commands import InviteUserRow, InviteUsers

COLUMNS = ("firstname", "lastname", "email", "number", "reservedtag", "series")
"""The columns of the CSV, in the order that they have without a first line that names them."""


@dataclass(slots=True)
class Line:
    """Somebody who is to be invited. `number` and `series` are what CSV has in place of ids.

    `refusal` is what was found to be wrong with the line.
    """

    line: int
    value: str
    person: Person | None = None
    source: NumberSource = field(default_factory=NumberSource)
    number: str | None = None
    series: str | None = None
    refusal: DialtreeError | None = None


def read_lines(command: InviteUsers) -> list[Line]:
    """Every line. Raises InvalidInput for no list, or for what is no CSV, and LimitExceeded for too long a one."""
    if (command.rows is None) == (command.csv is None):
        message = "Give either `rows` or `csv`."
        raise InvalidInput(message, path=(*INPUT, "rows"))
    if command.rows is not None:
        lines = [_of_row(index + 1, row) for index, row in enumerate(command.rows)]
    else:
        lines = list(_of_csv(command.csv or ""))
    name = "csv" if command.rows is None else "rows"
    if len(lines) > OPERATION_LIMIT:
        message = f"{len(lines)} people are listed; {OPERATION_LIMIT} is the most that one operation takes."
        raise LimitExceeded(message, path=(*INPUT, name))
    if not lines:
        message = "The list names nobody."
        raise InvalidInput(message, path=(*INPUT, name))
    return lines


def _of_row(number: int, row: InviteUserRow) -> Line:
    line = Line(number, row.email.strip()[:60], source=row.source)
    return _clean(line, row.first_name, row.last_name, row.email)


def _of_csv(text: str) -> Iterator[Line]:
    """The lines of the CSV below the names of its columns."""
    names: list[str] | None = None
    for number, cells in records(text, path=(*INPUT, "csv")):
        if names is None:
            named = [_column(cell) for cell in cells]
            names = named if "email" in named else list(COLUMNS)
            if names is named:
                _check_columns(cells, named)
                continue
        line = _of_cells(number, dict.fromkeys(COLUMNS, "") | dict(zip(names, cells, strict=False)))
        if any(cell.strip() for cell in cells[len(names) :]):
            line.refusal = InvalidInput(f"The line has {len(cells)} cells; there are {len(names)} columns.")
        yield line


def _of_cells(number: int, cells: dict[str, str]) -> Line:
    line = Line(number, cells["email"].strip()[:60])
    given = {name: text.strip() for name, text in cells.items() if text.strip()}
    try:
        line.source = NumberSource(
            # An id of the CSV's own: whether the number exists is looked up with all others.
            number_id=0 if "number" in given else None,
            reserved_tag=given.get("reservedtag"),
            series_id=0 if "series" in given else None,
        )
        line.number = parse(given["number"], path=("number",)) if "number" in given else None
        line.series = given.get("series")
    except DialtreeError as error:
        line.refusal = error
        return line
    return _clean(line, cells["firstname"], cells["lastname"], cells["email"])


def _clean(line: Line, first_name: str, last_name: str, email: str) -> Line:
    try:
        line.person = clean_person(first_name, last_name, email, path=())
        check_source(line.source, path=())
        if line.source.reserved_tag is not None:
            clean_tag(line.source.reserved_tag, path=())
    except DialtreeError as error:
        line.refusal = error
    return line


def _column(text: str) -> str:
    """The name of a column however it is written: `first_name`, `firstName`, `First name`."""
    return text.strip().casefold().replace("_", "").replace(" ", "").replace("-", "")


def _check_columns(row: list[str], named: list[str]) -> None:
    for written, name in zip(row, named, strict=True):
        if name not in COLUMNS:
            message = f"The CSV has a column {written.strip()[:60]!r}; "
            message += "the columns are first_name, last_name, email, number, reserved_tag and series."
            raise InvalidInput(message, path=(*INPUT, "csv"))
    if len(set(named)) < len(named):
        message = "The CSV names a column twice."
        raise InvalidInput(message, path=(*INPUT, "csv"))
    for name, written in (("firstname", "first_name"), ("lastname", "last_name")):
        if name not in named:
            message = f"The CSV has no column {written}."
            raise InvalidInput(message, path=(*INPUT, "csv"))
