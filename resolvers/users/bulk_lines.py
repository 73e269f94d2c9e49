"""Read the users to invite from rows or from CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from domain.errors import DialtreeError, InvalidInput, LimitExceeded
from domain.invitations import NumberSource, check_source
from domain.numbers import OPERATION_LIMIT, parse
from domain.texts import clean_tag
from domain.users import Person, clean_person
from resolvers.core.csv_reader import Columns, Row, read_rows
from resolvers.core.csv_records import Record, records_of_text
from resolvers.users.commands import InviteUserRow, InviteUsers

COLUMNS = Columns(
    ("first_name", "last_name", "email", "number", "reserved_tag", "series"),
    required=(("first_name",), ("last_name",), ("email",)),
    optional_header=True,
)


@dataclass(slots=True)
class InvitationLine:
    """One user to invite, with the reason if the line is refused.

    CSV gives `number` as E.164 and `series` by name, where rows give ids in `source`.
    """

    line: int
    value: str
    person: Person | None = None
    source: NumberSource = field(default_factory=NumberSource)
    number: str | None = None
    series: str | None = None
    refusal: DialtreeError | None = None


def read_lines(command: InviteUsers, uploaded: Iterable[Record] | None = None, *, region: str) -> list[InvitationLine]:
    """Return all lines, with national numbers read in a region; `uploaded` has those of the uploaded file.

    Raises InvalidInput for a missing list or malformed CSV, LimitExceeded for too many lines.
    """
    check_source_of_lines(command)
    path = command.path
    if command.rows is not None:
        every: Iterator[InvitationLine] = (_from_row(index, row) for index, row in enumerate(command.rows, 1))
    else:
        every = _from_csv(records_of_text(command.csv or "") if uploaded is None else uploaded, region, path=path)
    # No more lines are read: a file can have millions.
    lines = list(islice(every, OPERATION_LIMIT + 1))
    if len(lines) > OPERATION_LIMIT:
        raise LimitExceeded(f"The list has more than {OPERATION_LIMIT} users, which is the most.", path=path)
    if not lines:
        raise InvalidInput("The list is empty.", path=path)
    return lines


def check_source_of_lines(command: InviteUsers) -> None:
    """Raise InvalidInput unless the lines come from exactly one place."""
    if sum(source is not None for source in (command.rows, command.csv, command.upload_id)) != 1:
        raise InvalidInput("Give exactly one of `rows`, `csv` and `uploadId`.", path=("input", "rows"))


def _from_row(number: int, row: InviteUserRow) -> InvitationLine:
    line = InvitationLine(number, row.email.strip()[:60], source=row.source)
    return _validate(line, row.first_name, row.last_name, row.email)


def _from_csv(records: Iterable[Record], region: str, *, path: tuple[str, ...]) -> Iterator[InvitationLine]:
    for row in read_rows(records, COLUMNS, path=path):
        line = _from_cells(row, region)
        line.refusal = row.error or line.refusal
        yield line


def _from_cells(row: Row, region: str) -> InvitationLine:
    line = InvitationLine(row.line, row.get("email").strip()[:60])
    given = {name: text.strip() for name, text in row.cells.items() if text.strip()}
    try:
        line.source = NumberSource(
            # 0 is a placeholder: the ids of all lines are looked up together later.
            number_id=0 if "number" in given else None,
            reserved_tag=given.get("reserved_tag"),
            series_id=0 if "series" in given else None,
        )
        line.number = parse(given["number"], region=region, path=("number",)) if "number" in given else None
        line.series = given.get("series")
    except DialtreeError as error:
        line.refusal = _without_frames(error)
        return line
    return _validate(line, row.get("first_name"), row.get("last_name"), row.get("email"))


def _validate(line: InvitationLine, first_name: str, last_name: str, email: str) -> InvitationLine:
    try:
        line.person = clean_person(first_name, last_name, email, path=())
        check_source(line.source, path=())
        if line.source.reserved_tag is not None:
            clean_tag(line.source.reserved_tag, path=())
    except DialtreeError as error:
        line.refusal = _without_frames(error)
    return line


def _without_frames(error: DialtreeError) -> DialtreeError:
    """Return the error without the frames that raised it, which take kilobytes: a list can have 100,000 of them."""
    error.__context__ = None
    return error.with_traceback(None)
