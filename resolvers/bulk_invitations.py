"""Inviting many users at once: every line is looked at before anything is written."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from db import changes, counters, events, invitations, operations, phone_numbers, series, user_changes
from db.changes import Assignment
from db.database import TransactionAborted
from db.organizations import OrganizationRecord
from db.phone_numbers import NumberRecord
from db.series import SeriesRecord
from db.user_changes import NewInvitation, NewUser
from domain.access import Permission, require
from domain.errors import (
    CLASSES,
    AlreadyExists,
    DialtreeError,
    InsufficientNumbers,
    InvalidInput,
    LineReport,
    NotFound,
    not_found,
)
from domain.lifecycle import refuse_transition, sources
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberAction
from domain.texts import clean_tag, fold
from resolvers.assignments import record, require_held
from resolvers.conclusion import affected_organizations, conclude
from resolvers.context import Context
from resolvers.invitation_lines import Line, read_lines
from resolvers.invitations import letter, new_invitation
from resolvers.number_commands import SHOWN
from resolvers.refusals import refusal_of
from resolvers.transactions import perform
from resolvers.user_commands import InviteUsers, UsersInvited
from resolvers.work import Work

LINES_SHOWN = 1_000
"""How many bad lines an answer reports."""


async def invite_users(context: Context, command: InviteUsers) -> UsersInvited:
    """Invite many persons; bad lines refuse all of them, or are skipped, and each is reported."""

    async def change(work: Work) -> UsersInvited:
        require(work.actor.role, Permission.CHANGE_USERS)
        organization = await work.organization(command.organization_id, name="organizationId")
        # Reading takes its time, which belongs to other requests as well.
        lines = await asyncio.to_thread(read_lines, command)
        await work.connection.take_turns(f"stock {organization.id}")
        return await _Invitations(work, command, organization, lines).run()

    return await perform(context, command, change, UsersInvited)


class _Invitations:
    """One list of people; `_chosen` is the number that each line takes."""

    def __init__(self, work: Work, command: InviteUsers, organization: OrganizationRecord, lines: list[Line]) -> None:
        self._work = work
        self._command = command
        self._organization = organization
        self._lines = lines
        self._chosen: dict[int, int] = {}
        self._numbers: dict[int, NumberRecord] = {}

    async def run(self) -> UsersInvited:
        await self._find_numbers()
        await self._refuse_taken_mails()
        named = self._take_named()
        await self._take_tagged(named)
        await self._take_of_series(named)
        bad = [line for line in self._lines if line.refusal is not None]
        reports = [_report(line, line.refusal) for line in bad[:LINES_SHOWN] if line.refusal is not None]
        if bad and bad[0].refusal is not None and not self._command.skip_bad_lines:
            self._refuse(bad[0].refusal, reports, count=len(bad))
        good = [line for line in self._lines if line.refusal is None]
        ids = await self._invite(good) if good else {}
        paths = [self._organization.path] if good else []
        return UsersInvited(
            invited_count=len(good),
            skipped_count=len(bad),
            user_ids=list(ids.values())[:SHOWN],
            organization_ids=affected_organizations(paths, scope=self._work.scope)[:SHOWN],
            lines=reports,
        )

    def _refuse(self, first: DialtreeError, reports: list[LineReport], *, count: int) -> None:
        more = f" {count - 1} more lines are wrong." if count > 1 else ""
        raise CLASSES[first.code](
            f"Line {reports[0].line}: {first.message}{more} Nobody was invited.",
            path=("input", "csv" if self._command.rows is None else "rows"),
            numbers=first.numbers,
            refusals=first.refusals,
            lines=tuple(reports),
        )

    # What the lines name

    async def _find_numbers(self) -> None:
        """The numbers that lines name, locked; lines that name what is not there for the caller are refused."""
        connection, scope = self._work.connection, self._work.scope
        written = {line.number for line in self._lines if line.number is not None}
        by_text = await phone_numbers.ids_by_number(connection, sorted(written)) if written else {}
        for line in self._lines:
            if line.number is not None:
                self._chosen[line.line] = by_text.get(line.number, 0)
            elif line.series is None and line.source.number_id is not None:
                self._chosen[line.line] = line.source.number_id
        wanted = tuple(sorted(set(self._chosen.values())))
        if wanted:
            held = NumberFilter(ids=wanted, organization_ids=(self._organization.id,))
            await changes.lock_ids(connection, held, limit=len(wanted))
            self._numbers = await phone_numbers.by_ids(connection, wanted, within=scope)

    async def _refuse_taken_mails(self) -> None:
        people = [line.person for line in self._lines if line.person is not None]
        taken = await user_changes.ids_by_mail(
            self._work.connection, [person.email for person in people], organization_id=self._organization.id
        )
        seen: set[str] = set()
        for line in self._lines:
            if line.person is None or line.refusal is not None:
                continue
            email = fold(line.person.email)
            if email in taken:
                line.refusal = AlreadyExists(f"The organization has a user {line.person.email} already.")
            elif email in seen:
                line.refusal = AlreadyExists(f"{line.person.email} is in the list twice.")
            seen.add(email)

    def _take_named(self) -> set[int]:
        """Refuse lines whose number can't be had. The named numbers, which no tag and no series yields."""
        taken: set[int] = set()
        for line in self._lines:
            number_id = self._chosen.get(line.line)
            if number_id is None or line.refusal is not None:
                continue
            line.refusal = self._refusal(self._numbers.get(number_id))
            if line.refusal is None and number_id in taken:
                line.refusal = AlreadyExists(f"{self._numbers[number_id].number} is in the list twice.")
            taken.add(number_id)
        return set(self._chosen.values())

    def _refusal(self, number: NumberRecord | None) -> DialtreeError | None:
        if number is None or number.retired_at is not None:
            return not_found("number", path=())
        if number.status not in sources(NumberAction.INVITE):
            refusals = [refusal_of(self._work, number)]
            return refuse_transition(NumberAction.INVITE, refusals, count=1, path=())
        try:
            require_held(number, self._organization)
        except InvalidInput as error:
            return error
        return None

    # What tags and series yield

    async def _take_tagged(self, named: set[int]) -> None:
        by_tag: dict[str, list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.refusal is None and line.source.reserved_tag is not None:
                by_tag[clean_tag(line.source.reserved_tag, path=())].append(line)
        taken = set(named)
        for tag, lines in by_tag.items():
            found = await invitations.tagged_ids(
                self._work.connection, holder=self._organization.id, tag=tag, but=sorted(taken), limit=len(lines)
            )
            taken |= set(found)
            name = self._organization.name
            self._deal(found, lines, NotFound(f"{name} has no number that is reserved with the tag {tag!r}."))

    async def _take_of_series(self, named: set[int]) -> None:
        by_series: dict[int | str, list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.refusal is None and (line.series is not None or line.source.series_id is not None):
                by_series[line.series or line.source.series_id or 0].append(line)
        for wanted, lines in by_series.items():
            record_ = await self._series(wanted)
            if record_ is None:
                self._deal([], lines, not_found("series", path=()))
                continue
            found = await invitations.available_ids(
                self._work.connection,
                holder=self._organization.id,
                series=record_.id,
                but=sorted(named),
                limit=len(lines),
            )
            message = f"{self._organization.name} has no available number left in {record_.name}."
            self._deal(found, lines, InsufficientNumbers(message))

    async def _series(self, wanted: int | str) -> SeriesRecord | None:
        work = self._work
        if isinstance(wanted, str):
            found = await series.named(work.connection, wanted, root_id=work.root_id)
            if found is None:
                return None
            wanted = found
        try:
            return await work.series(wanted)
        except NotFound:
            return None

    def _deal(self, found: list[int], lines: list[Line], refusal: DialtreeError) -> None:
        """Give the numbers to the lines in their order; the lines that go without are refused."""
        for index, line in enumerate(lines):
            if index < len(found):
                self._chosen[line.line] = found[index]
            else:
                line.refusal = refusal

    # Writing

    async def _invite(self, good: list[Line]) -> dict[str, int]:
        """Create the users, give them their numbers and post their mails; their ids by folded mail address."""
        work, organization = self._work, self._organization
        invitations_ = [new_invitation(work) for _ in good] if self._command.send_invitation else []
        new: list[NewUser] = []
        for index, line in enumerate(good):
            if line.person is not None:
                new.append(NewUser(line.person, invitations_[index][1] if invitations_ else None))
        await user_changes.insert_all(work.connection, new, organization_id=organization.id, now=work.now)
        emails = [user.person.email for user in new]
        ids = await user_changes.ids_by_mail(work.connection, emails, organization_id=organization.id)
        ordered = {email: ids[email] for email in map(fold, emails)}
        numbered = [line for line in good if line.line in self._chosen]
        if numbered:
            await self._assign(numbered, ordered)
        if len(numbered) < len(good):
            count = len(good) - len(numbered)
            await record(work, EventKind.USER_ADDED, organization.id, {"users": (None, count)})
        if invitations_:
            pending = (len(good), len(good) - len(numbered))
            await counters.add_pending(work.connection, {organization.id: pending})
            await self._post(good, ordered, invitations_)
        return ordered

    async def _assign(self, numbered: list[Line], ids: dict[str, int]) -> None:
        work = self._work
        operation = await operations.begin_operation(
            work.connection,
            EventKind.ASSIGNED,
            at=work.now,
            actor=work.actor.name,
            organization_id=work.actor.acting.id,
            changed_count=len(numbered),
        )
        await changes.record_assignments(
            work.connection,
            (
                Assignment(self._chosen[line.line], ids[fold(line.person.email)], line.person.described)
                for line in numbered
                if line.person is not None
            ),
            operation=operation,
        )
        tallies = await events.tally(work.connection, operation)
        recorded = sum(tally.count for tally in tallies)
        if recorded != len(numbered):
            message = "a number of the list has gone elsewhere meanwhile"
            raise TransactionAborted(message)
        await conclude(work, operation, tallies, began_with=len(numbered), recorded=recorded)

    async def _post(self, good: list[Line], ids: dict[str, int], invitations_: list[tuple[str, NewInvitation]]) -> None:
        work, organization = self._work, self._organization
        numbers = await phone_numbers.by_ids(work.connection, list(self._chosen.values()), within=work.scope)
        for line, (seed, invitation) in zip(good, invitations_, strict=True):
            if line.person is not None:
                chosen = self._chosen.get(line.line)
                number = None if chosen is None else numbers[chosen].number
                user_id = ids[fold(line.person.email)]
                mail = letter(user_id, line.person, organization, number, seed=seed, invitation=invitation)
                work.letters.append(mail)


def _report(line: Line, refusal: DialtreeError) -> LineReport:
    return LineReport(line.line, line.value, refusal.code, refusal.message)
