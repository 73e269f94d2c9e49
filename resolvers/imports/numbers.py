"""Import numbers from CSV, with their series, tags and users. No mail is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from db.core.database import Database, DatabaseConnection
from db.history import events, operations
from db.history.operations import NewOperation
from db.numbers import additions
from db.numbers.additions import CHUNK, ImportedUser, NewNumber
from db.organizations import queries as organizations
from db.organizations import series
from domain.emails import clean_email, mailbox_key
from domain.errors import AlreadyExists, DialtreeError, InvalidInput, NotFound
from domain.numbers import try_parse_national_first
from domain.organizations import split_path
from domain.statuses import EventKind, NumberStatus
from domain.texts import clean_name, clean_tag, fold
from resolvers.imports import inventory
from resolvers.imports.csv_reader import CSVReader
from resolvers.imports.inventory import USER_STATUSES, UserIds
from resolvers.imports.transactions import ACTOR, ImportReport, Progress, import_transaction
from resolvers.organizations.paths import OrganizationPlace, folded_names, organizations_by_names

COLUMNS = (
    "number",
    "series",
    "organization",
    "status",
    "reserved_tag",
    "first_name",
    "last_name",
    "email",
)
REQUIRED = ("number", "series", "organization")
NO_REGION = "ZZ"
"""The region in which only numbers in international form are valid."""


class _NumberLine(NamedTuple):
    """A line that is valid by itself, before it is compared with the inventory."""

    line: int
    text: str
    number: str
    series: str
    organization: OrganizationPlace
    status: NumberStatus
    tag: str | None
    user: ImportedUser | None


async def import_numbers(
    database: Database,
    lines: Iterable[str],
    *,
    now: datetime,
    region: str | None = None,
    skip: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Import numbers; national ones are parsed in `region`. Any bad line refuses the whole file unless skipped."""
    async with import_transaction(database, changes_tree=True, skip=skip, dry_run=dry_run) as (connection, report):
        number_import = _NumberImport(connection, report, now=now, region=region)
        await number_import.run(lines, progress)
    return report


class _NumberImport:
    """One import: reads the file once, in chunks."""

    def __init__(
        self, connection: DatabaseConnection, report: ImportReport, *, now: datetime, region: str | None
    ) -> None:
        self._connection = connection
        self._report = report
        self._now = now
        self._region = region or NO_REGION
        self._organizations: dict[tuple[str, ...], OrganizationPlace] = {}
        self._organizations_as_written: dict[str, OrganizationPlace | None] = {}
        self._series_ids: dict[tuple[int, str], int] = {}
        self._numbers: set[tuple[int, str]] = set()
        self._emails: set[tuple[int, str]] = set()

    async def run(self, lines: Iterable[str], progress: Progress) -> None:
        self._organizations = await organizations_by_names(self._connection)
        operation_ids: dict[int, int] = {}
        valid = self._valid_lines(lines)
        done = 0
        while chunk := list(islice(valid, CHUNK)):
            for root_id in {line.organization.root_id for line in chunk}:
                of_root = [line for line in chunk if line.organization.root_id == root_id]
                if root_id not in operation_ids:
                    operation_ids[root_id] = await operations.begin_operation(
                        self._connection, NewOperation(EventKind.IMPORTED, self._now, ACTOR, root_id)
                    )
                await self._add_numbers(of_root, root_id=root_id, operation=operation_ids[root_id])
            done += len(chunk)
            progress(done + len(self._report.lines))
        for operation in operation_ids.values():
            await _finish_operation(self._connection, operation, at=self._now)

    def _valid_lines(self, lines: Iterable[str]) -> Iterator[_NumberLine]:
        for line, row in CSVReader(lines, COLUMNS, required=REQUIRED):
            try:
                yield self._parse(line, row)
            except DialtreeError as error:
                self._report.add_error(line, row["number"].strip(), error)

    def _parse(self, line: int, row: dict[str, str]) -> _NumberLine:
        number = try_parse_national_first(row["number"], self._region)
        if number is None:
            raise InvalidInput(f"{row['number'].strip()!r} is not a telephone number.", path=("number",))
        organization = self._find_organization(row["organization"])
        status = _parse_status(row.get("status", ""))
        name = clean_name(row["series"], noun="series", path=("series",))
        tag = _parse_tag(row.get("reserved_tag", ""), status)
        user = _parse_user(row, status, organization.id)
        if (organization.root_id, number) in self._numbers:
            raise AlreadyExists(f"{number} is in the file twice.", path=("number",))
        self._numbers.add((organization.root_id, number))
        return _NumberLine(line, row["number"].strip(), number, name, organization, status, tag, user)

    def _find_organization(self, written: str) -> OrganizationPlace:
        if written not in self._organizations_as_written:
            self._organizations_as_written[written] = self._organizations.get(folded_names(split_path(written)))
        found = self._organizations_as_written[written]
        if found is None:
            raise NotFound(f"There is no organization {written.strip()!r}.", path=("organization",))
        return found

    async def _add_numbers(self, chunk: list[_NumberLine], *, root_id: int, operation: int) -> None:
        existing = await additions.existing(self._connection, [line.number for line in chunk], root_id=root_id)
        emails = [mailbox_key(line.user.email) for line in chunk if line.user]
        existing_users = await additions.users_by_mail(self._connection, emails)
        accepted: list[_NumberLine] = []
        for line in chunk:
            number = existing.get(line.number)
            if number is not None and not number.is_retired:
                self._report.add_error(line.line, line.text, AlreadyExists(f"{line.number} already exists."))
            elif line.user and self._is_email_taken(line.user, existing_users):
                error = AlreadyExists(f"The organization already has a user {line.user.email}.")
                self._report.add_error(line.line, line.text, error)
            else:
                if line.user:
                    self._emails.add((line.user.organization_id, mailbox_key(line.user.email)))
                accepted.append(line)
        users = [line.user for line in accepted if line.user]
        user_ids = await inventory.insert_users(self._connection, users, at=self._now)
        new: list[NewNumber] = []
        retired: list[NewNumber] = []
        for line in accepted:
            (retired if line.number in existing else new).append(await self._new_number(line, user_ids))
        await additions.add(self._connection, new, retired, root_id=root_id, operation=operation, at=self._now)
        self._report.imported += len(accepted)

    def _is_email_taken(self, user: ImportedUser, existing_users: UserIds) -> bool:
        key = (user.organization_id, mailbox_key(user.email))
        return key in existing_users or key in self._emails

    async def _new_number(self, line: _NumberLine, user_ids: UserIds) -> NewNumber:
        return NewNumber(
            line.number,
            await self._series_id(line),
            line.organization.id,
            line.status,
            line.tag,
            user_ids[line.organization.id, mailbox_key(line.user.email)] if line.user else None,
        )

    async def _series_id(self, line: _NumberLine) -> int:
        """Return the id of the line's series, which is created if it does not exist."""
        root_id = line.organization.root_id
        key = (root_id, fold(line.series))
        series_id = self._series_ids.get(key)
        if series_id is None:
            series_id = await series.id_by_name(self._connection, line.series, root_id=root_id)
            if series_id is None:
                series_id = await series.insert_one(self._connection, root_id=root_id, name=line.series, region=None)
            self._series_ids[key] = series_id
        return series_id


def _parse_status(text: str) -> NumberStatus:
    name = text.strip().upper().replace(" ", "_")
    if not name:
        return NumberStatus.AVAILABLE
    if name not in NumberStatus.__members__:
        raise InvalidInput(
            f"{text.strip()!r} is not a status. Use AVAILABLE, RESERVED, ASSIGNED or IN_USE.", path=("status",)
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


def _parse_user(row: dict[str, str], status: NumberStatus, organization_id: int) -> ImportedUser | None:
    if status not in USER_STATUSES:
        return None
    return ImportedUser(
        organization_id,
        clean_name(row.get("first_name", ""), noun="first name", path=("first_name",)),
        clean_name(row.get("last_name", ""), noun="last name", path=("last_name",)),
        clean_email(row.get("email", ""), path=("email",)),
        USER_STATUSES[status],
    )


async def _finish_operation(connection: DatabaseConnection, operation: int, *, at: datetime) -> None:
    """Update totals and activity from the events of an operation; delete it if it has none."""
    changes = await events.inventory_changes(connection, operation)
    if not changes:
        await operations.drop_operation(connection, operation)
        return
    holders = sorted({change.organization_after for change in changes if change.organization_after})
    paths = await organizations.paths(connection, holders)
    await inventory.update_totals(connection, changes, paths=paths, at=at)
    await operations.link(connection, operation, holders)
    await operations.set_count(connection, operation, sum(change.count for change in changes))
