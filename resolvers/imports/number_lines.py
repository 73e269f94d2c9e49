"""Parse the lines of a file of numbers: what each says, before it is compared with the inventory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from db.users.additions import ImportedUser
from domain.emails import clean_email
from domain.errors import AlreadyExists, DialtreeError, InvalidInput
from domain.numbers import NumberSpan, is_assigned, parse, parse_span
from domain.statuses import NumberStatus
from domain.texts import clean_name, clean_tag
from resolvers.core.csv_reader import Columns, Row, read_rows
from resolvers.core.csv_records import Record
from resolvers.core.first_lines import FirstLines
from resolvers.imports.inventory import USER_STATUSES
from resolvers.imports.organization_names import OrganizationNames
from resolvers.imports.regions import region_of_line
from resolvers.imports.transactions import ImportReport
from resolvers.organizations.paths import OrganizationPlace

USER_COLUMNS = ("first_name", "last_name", "email")
COLUMNS = Columns(
    ("number", "last_number", "series", "organization", "path", "status", "reserved_tag", *USER_COLUMNS),
    required=(("number",), ("series",), ("organization", "path")),
    aliases={"Telephone Number": "number", "Phone Number": "number"},
)


class NumberLine(NamedTuple):
    """What a line says of a number, or of every number of a range. `user` is None if the line names no user."""

    row: Row
    numbers: Sequence[str] | NumberSpan
    series: str
    organization: OrganizationPlace
    status: NumberStatus
    tag: str | None
    user: ImportedUser | None


class NumberLines:
    """The valid lines of a file. The others, and every number that is in the file twice, are reported."""

    def __init__(
        self,
        report: ImportReport,
        organizations: OrganizationNames,
        first_lines: FirstLines,
        *,
        region: str | None,
        default_region: str,
    ) -> None:
        self._report = report
        self._organizations = organizations
        self._region = region
        self._default_region = default_region
        self._first_lines = first_lines

    def read(self, records: Iterable[Record]) -> Iterator[NumberLine]:
        """Yield the valid lines."""
        for row in read_rows(records, COLUMNS):
            try:
                if row.error:
                    raise row.error
                line = self._parse(row)
                self._refuse_repeated(line)
            except DialtreeError as error:
                self._report.add_error(row, error)
            else:
                self._warn_of_unassigned(line)
                yield line

    def _parse(self, row: Row) -> NumberLine:
        organization = self._organizations.find(row)
        region = region_of_line(organization, given=self._region, default=self._default_region)
        numbers = _parse_numbers(row, region=region)
        status = _parse_status(row.get("status"))
        series = clean_name(row.get("series"), noun="series", path=("series",))
        tag = _parse_tag(row.get("reserved_tag"), status)
        user = _parse_user(row, status, organization.id)
        if status in USER_STATUSES and len(numbers) > 1:
            raise InvalidInput(
                f"A range can't be {status.name}, since every number has a user of its own.", path=("last_number",)
            )
        return NumberLine(row, numbers, series, organization, status, tag, user)

    def _refuse_repeated(self, line: NumberLine) -> None:
        for number in line.numbers:
            first = self._first_lines.add(f"{line.organization.root_id} {number}", line.row.line)
            if first is not None:
                raise AlreadyExists(f"{number} is in the file twice: it is on line {first} too.", path=("number",))

    def _warn_of_unassigned(self, line: NumberLine) -> None:
        span = line.numbers
        ends = (span.first, span.last) if isinstance(span, NumberSpan) else span
        for number in ends:
            if not is_assigned(number):
                self._report.warn(line.row, "number", f"{number} is in a range that is not known to be in use.")
                break


def _parse_numbers(row: Row, *, region: str) -> Sequence[str] | NumberSpan:
    first = parse(row.get("number"), region=region, path=("number",))
    if not row.get("last_number").strip():
        return (first,)
    last = parse(row.get("last_number"), region=region, path=("last_number",))
    return parse_span(first, last, path=("last_number",))


def _parse_status(text: str) -> NumberStatus:
    name = text.strip().upper().replace(" ", "_")
    if not name:
        return NumberStatus.AVAILABLE
    if name not in NumberStatus.__members__:
        raise InvalidInput(
            f"{text.strip()[:60]!r} is not a status. Use AVAILABLE, RESERVED, ASSIGNED or IN_USE.", path=("status",)
        )
    return NumberStatus[name]


def _parse_tag(text: str, status: NumberStatus) -> str | None:
    if status is NumberStatus.RESERVED:
        return clean_tag(text, path=("reserved_tag",))
    if text.strip():
        raise InvalidInput(
            f"Only a RESERVED number has a reserved tag; this one is {status.name}.", path=("reserved_tag",)
        )
    return None


def _parse_user(row: Row, status: NumberStatus, organization_id: int) -> ImportedUser | None:
    given = [column for column in USER_COLUMNS if row.get(column).strip()]
    if not given:
        return None
    if status not in USER_STATUSES:
        raise InvalidInput(
            f"Only an ASSIGNED or IN_USE number has a user; this one is {status.name}.", path=(given[0],)
        )
    return ImportedUser(
        organization_id,
        clean_name(row.get("first_name"), noun="first name", path=("first_name",)),
        clean_name(row.get("last_name"), noun="last name", path=("last_name",)),
        clean_email(row.get("email"), path=("email",)),
        USER_STATUSES[status],
    )
