"""Loading numbers from `numbers.csv`, with their series, tags and users. Mails nobody."""

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
from db.organizations.queries import root_ids
from db.usage import user_rollups as registrations
from db.utilization import counters
from db.utilization.deltas import UtilizationDeltas
from domain.errors import AlreadyExists, DialtreeError, InvalidInput, LineReport, NotFound
from domain.numbers import try_parse_national_first
from domain.organizations import split_path
from domain.statuses import EventKind, NumberStatus
from domain.texts import clean_name, clean_tag, fold, normalize
from domain.users import UserStatus, clean_email
from resolvers.imports.organizations import (
    ACTOR,
    CSVRows,
    ImportReport,
    Progress,
    Refused,
)
from resolvers.organizations.paths import OrganizationPlace, organizations_by_names

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
_USER_STATUS = {
    NumberStatus.ASSIGNED: UserStatus.INVITED,
    NumberStatus.IN_USE: UserStatus.ACTIVATED,
}


class _Line(NamedTuple):
    """A line that is right in itself; whether it fits what is there is seen chunk by chunk."""

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
    """Load numbers; national ones are read in `region`. A bad line means that nothing is loaded, unless skipped."""
    loading = _Loading(now=now, region=region)
    try:
        async with database.write(bulk=True) as connection:
            await connection.lock_tree(await root_ids(connection), exclusive=True)
            await loading.run(connection, lines, progress)
            if dry_run or (loading.report.lines and not skip):
                raise Refused(loading.report)  # noqa: TRY301 - rolls the transaction back
    except Refused:
        if loading.report.lines and not skip:
            loading.report.imported = 0
    return loading.report


class _Loading:
    """One import: it reads the file once, in chunks."""

    def __init__(self, *, now: datetime, region: str | None) -> None:
        self.report = ImportReport()
        self._now = now
        self._region = region
        self._organizations: dict[tuple[str, ...], OrganizationPlace] = {}
        self._written: dict[str, OrganizationPlace | None] = {}
        self._series: dict[tuple[int, str], int] = {}
        self._seen: set[tuple[int, str]] = set()
        self._mails: set[tuple[int, str]] = set()

    async def run(self, connection: DatabaseConnection, lines: Iterable[str], progress: Progress) -> None:
        self._organizations = await organizations_by_names(connection)
        begun: dict[int, int] = {}
        good = self._good(lines)
        done = 0
        while chunk := list(islice(good, CHUNK)):
            for root_id in {line.organization.root_id for line in chunk}:
                of_root = [line for line in chunk if line.organization.root_id == root_id]
                if root_id not in begun:
                    begun[root_id] = await operations.begin_operation(
                        connection, NewOperation(EventKind.IMPORTED, self._now, ACTOR, root_id)
                    )
                await self._load(connection, of_root, root_id=root_id, operation=begun[root_id])
            done += len(chunk)
            progress(done + len(self.report.lines))
        self.report.lines.sort(key=lambda bad: bad.line)
        for operation in begun.values():
            await _conclude(connection, operation, at=self._now)

    def _good(self, lines: Iterable[str]) -> Iterator[_Line]:
        for line, row in CSVRows(lines, COLUMNS, required=REQUIRED):
            try:
                yield self._read(line, row)
            except DialtreeError as error:
                self._bad(line, row["number"], error)

    def _bad(self, line: int, text: str, error: DialtreeError) -> None:
        self.report.lines.append(LineReport(line, text.strip(), error.code, error.message))

    def _read(self, line: int, row: dict[str, str]) -> _Line:
        number = (
            try_parse_national_first(row["number"], self._region) if self._region else _international(row["number"])
        )
        if number is None:
            raise InvalidInput(f"{row['number'].strip()!r} is not a telephone number.", path=("number",))
        organization = self._organization(row["organization"])
        status = _status(row.get("status", ""))
        name = clean_name(row["series"], noun="series", path=("series",))
        tag = _tag(row.get("reserved_tag", ""), status)
        user = _user(row, status, organization.id)
        if (organization.root_id, number) in self._seen:
            raise AlreadyExists(f"{number} is in the file twice.", path=("number",))
        self._seen.add((organization.root_id, number))
        return _Line(line, row["number"], number, name, organization, status, tag, user)

    def _organization(self, written: str) -> OrganizationPlace:
        if written not in self._written:
            names = tuple(normalize(name) for name in split_path(written))
            self._written[written] = self._organizations.get(names)
        found = self._written[written]
        if found is None:
            raise NotFound(f"There is no organization {written.strip()!r}.", path=("organization",))
        return found

    async def _load(self, connection: DatabaseConnection, chunk: list[_Line], *, root_id: int, operation: int) -> None:
        known = await additions.existing(connection, [line.number for line in chunk], root_id=root_id)
        emails = [fold(line.user.email) for line in chunk if line.user]
        mails = await additions.users_by_mail(connection, emails)
        fitting: list[_Line] = []
        for line in chunk:
            before = known.get(line.number)
            if before is not None and not before.is_retired:
                self._bad(line.line, line.text, AlreadyExists(f"{line.number} exists already."))
            elif line.user and self._is_taken(line.organization.id, line.user, mails):
                message = f"The organization has a user {line.user.email} already."
                self._bad(line.line, line.text, AlreadyExists(message))
            else:
                if line.user:
                    self._mails.add((line.organization.id, fold(line.user.email)))
                fitting.append(line)
        users = [line.user for line in fitting if line.user]
        await additions.insert_users(connection, users, at=self._now)
        mails = await additions.users_by_mail(connection, [fold(user.email) for user in users])
        new: list[NewNumber] = []
        again: list[NewNumber] = []
        for line in fitting:
            number = NewNumber(
                line.number,
                await self._series_id(connection, line),
                line.organization.id,
                line.status,
                line.tag,
                mails[line.organization.id, fold(line.user.email)] if line.user else None,
            )
            (again if line.number in known else new).append(number)
        await additions.add(connection, new, again, root_id=root_id, operation=operation, at=self._now)
        pending: dict[int, tuple[int, int]] = {}
        for user in users:
            if user.status is UserStatus.INVITED:
                count = pending.get(user.organization_id, (0, 0))[0]
                pending[user.organization_id] = (count + 1, 0)
        await counters.add_pending(connection, pending)
        self.report.imported += len(fitting)

    def _is_taken(self, organization_id: int, user: ImportedUser, known: dict[tuple[int, str], int]) -> bool:
        mail = (organization_id, fold(user.email))
        return mail in known or mail in self._mails

    async def _series_id(self, connection: DatabaseConnection, line: _Line) -> int:
        root_id = line.organization.root_id
        known = self._series.get((root_id, line.series))
        if known is None:
            known = await series.id_by_name(connection, line.series, root_id=root_id)
            if known is None:
                known = await series.insert_one(connection, root_id=root_id, name=line.series, region=None)
            self._series[root_id, line.series] = known
        return known


def _international(text: str) -> str | None:
    return try_parse_national_first(text, "ZZ")


def _status(text: str) -> NumberStatus:
    name = text.strip().upper().replace(" ", "_")
    if not name:
        return NumberStatus.AVAILABLE
    if name not in NumberStatus.__members__:
        raise InvalidInput(
            f"{text.strip()!r} is not a status; use AVAILABLE, RESERVED, ASSIGNED or IN_USE.", path=("status",)
        )
    return NumberStatus[name]


def _tag(text: str, status: NumberStatus) -> str | None:
    if status is NumberStatus.RESERVED:
        return clean_tag(text, path=("reserved_tag",))
    if text.strip():
        raise InvalidInput(f"A number with a reserved tag is RESERVED, not {status.name}.", path=("reserved_tag",))
    return None


def _user(row: dict[str, str], status: NumberStatus, organization_id: int) -> ImportedUser | None:
    if status not in _USER_STATUS:
        return None
    return ImportedUser(
        organization_id,
        clean_name(row.get("first_name", ""), noun="first name", path=("first_name",)),
        clean_name(row.get("last_name", ""), noun="last name", path=("last_name",)),
        clean_email(row.get("email", ""), path=("email",)),
        _USER_STATUS[status],
    )


async def _conclude(connection: DatabaseConnection, operation: int, *, at: datetime) -> None:
    tallies = await events.inventory_changes(connection, operation)
    if not tallies:
        await operations.drop_operation(connection, operation)
        return
    holders = sorted({tally.organization_after for tally in tallies if tally.organization_after})
    paths = await organizations.paths(connection, holders)
    await counters.apply(connection, tallies, paths=paths, deltas=UtilizationDeltas())
    await registrations.apply(connection, tallies, paths=paths, at=at)
    await operations.link(connection, operation, holders)
    await operations.set_count(connection, operation, sum(tally.count for tally in tallies))
