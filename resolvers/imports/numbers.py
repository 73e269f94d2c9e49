"""Import numbers with their series, tags and users. No mail is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from db.core.database import Database, DatabaseConnection
from db.history import events, operations
from db.history.operations import NewOperation
from db.numbers import additions
from db.numbers.additions import CHUNK, NewNumber, RecordedNumber
from db.organizations import queries as organizations
from db.organizations import series
from db.users.additions import ImportedUser, users_by_mail
from domain.emails import mailbox_key
from domain.errors import AlreadyExists, DialtreeError, InvalidInput
from domain.statuses import EventKind
from domain.texts import fold
from resolvers.core.csv_records import Record
from resolvers.core.first_lines import FirstLines
from resolvers.imports import inventory
from resolvers.imports.inventory import USER_STATUSES, UserIds
from resolvers.imports.number_differences import refuse_different
from resolvers.imports.number_lines import NumberLine, NumberLines
from resolvers.imports.organization_names import OrganizationNames, read_organization_names
from resolvers.imports.regions import ANY_REGION
from resolvers.imports.transactions import ACTOR, ImportReport, Progress, import_transaction


async def import_numbers(
    database: Database,
    records: Iterable[Record],
    *,
    now: datetime,
    region: str | None = None,
    default_region: str = ANY_REGION,
    skip: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Import numbers. Any bad line refuses the whole file unless skipped.

    National numbers are read in `region`, or else in that of the organization, or else in `default_region`. A line that
    the inventory already agrees with changes nothing; one that it contradicts is bad.
    """
    async with import_transaction(database, changes_tree=True, skip=skip, dry_run=dry_run) as (connection, report):
        names = await read_organization_names(connection)
        with FirstLines() as numbers, FirstLines() as emails:
            lines = NumberLines(report, names, numbers, region=region, default_region=default_region)
            await _NumberImport(connection, report, names, emails, now=now).run(lines.read(records), progress)
    return report


class _NumberImport:
    """One import: takes the lines once, in chunks."""

    def __init__(
        self,
        connection: DatabaseConnection,
        report: ImportReport,
        names: OrganizationNames,
        email_lines: FirstLines,
        *,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._report = report
        self._names = names
        self._now = now
        self._series_ids: dict[tuple[int, str], int] = {}
        self._email_lines = email_lines

    async def run(self, lines: Iterator[NumberLine], progress: Progress) -> None:
        operation_ids: dict[int, int] = {}
        for chunk in _chunks(lines):
            for root_id in {line.organization.root_id for line in chunk}:
                of_root = [line for line in chunk if line.organization.root_id == root_id]
                if root_id not in operation_ids:
                    operation_ids[root_id] = await operations.begin_operation(
                        self._connection, NewOperation(EventKind.IMPORTED, self._now, ACTOR, root_id)
                    )
                await self._add_numbers(of_root, root_id=root_id, operation=operation_ids[root_id])
            progress(chunk[-1].row.line)
        await additions.update_statistics(self._connection, added=self._report.imported)
        for operation in operation_ids.values():
            await _finish_operation(self._connection, operation, at=self._now)

    async def _add_numbers(self, chunk: list[NumberLine], *, root_id: int, operation: int) -> None:
        numbers = list(chain.from_iterable(line.numbers for line in chunk))
        recorded = await additions.recorded(self._connection, numbers, root_id=root_id)
        emails = [mailbox_key(line.user.email) for line in chunk if line.user]
        known_users = await users_by_mail(self._connection, emails)
        accepted: list[tuple[NumberLine, list[str]]] = []
        for line in chunk:
            try:
                missing = self._compare(line, recorded, known_users)
            except DialtreeError as error:
                self._report.add_error(line.row, error)
                continue
            self._report.unchanged += len(line.numbers) - len(missing)
            if missing:
                accepted.append((line, missing))
                if line.user:
                    self._email_lines.add(_email_key(line.user), line.row.line)
        await self._insert(accepted, recorded, root_id=root_id, operation=operation)

    def _compare(self, line: NumberLine, recorded: dict[str, RecordedNumber], known_users: UserIds) -> list[str]:
        """Return the numbers of a line that are to be added. Raises DialtreeError if the inventory contradicts it."""
        missing: list[str] = []
        for number in line.numbers:
            known = recorded.get(number)
            if known is None or known.is_retired:
                missing.append(number)
            else:
                refuse_different(line, known, self._names)
        if missing and line.status in USER_STATUSES:
            self._check_user(line, known_users)
        return missing

    def _check_user(self, line: NumberLine, known_users: UserIds) -> None:
        if line.user is None:
            raise InvalidInput(
                f"{line.status.name} needs a user: first_name, last_name and email.", path=("first_name",)
            )
        first = self._email_lines.get(_email_key(line.user))
        if first is not None:
            raise AlreadyExists(f"The organization has a user {line.user.email} from line {first}.", path=("email",))
        if (line.user.organization_id, mailbox_key(line.user.email)) in known_users:
            raise AlreadyExists(f"The organization already has a user {line.user.email}.", path=("email",))

    async def _insert(
        self,
        accepted: list[tuple[NumberLine, list[str]]],
        recorded: dict[str, RecordedNumber],
        *,
        root_id: int,
        operation: int,
    ) -> None:
        users = [line.user for line, _ in accepted if line.user]
        user_ids = await inventory.insert_users(self._connection, users, at=self._now)
        new: list[NewNumber] = []
        retired: list[NewNumber] = []
        for line, numbers in accepted:
            series_id = await self._series_id(line)
            user_id = user_ids[line.organization.id, mailbox_key(line.user.email)] if line.user else None
            user = line.user.person.display_name if line.user else None
            for number in numbers:
                (retired if number in recorded else new).append(
                    NewNumber(number, series_id, line.organization.id, line.status, line.tag, user_id, user)
                )
        await additions.add(self._connection, new, retired, root_id=root_id, operation=operation, at=self._now)
        self._report.imported += len(new) + len(retired)

    async def _series_id(self, line: NumberLine) -> int:
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


def _email_key(user: ImportedUser) -> str:
    return f"{user.organization_id} {mailbox_key(user.email)}"


def _chunks(lines: Iterator[NumberLine]) -> Iterator[list[NumberLine]]:
    """Yield lists of lines of at least `CHUNK` numbers. A range is never parted."""
    chunk: list[NumberLine] = []
    count = 0
    for line in lines:
        chunk.append(line)
        count += len(line.numbers)
        if count >= CHUNK:
            yield chunk
            chunk, count = [], 0
    if chunk:
        yield chunk


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
