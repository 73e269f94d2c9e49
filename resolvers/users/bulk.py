"""Inviting many users at once: every line is looked at before anything is written."""

from __future__ import annotations

import asyncio

from db.core.database import TransactionAborted
from db.history import operations
from db.numbers import assignments, changes
from db.numbers import queries as phone_numbers
from db.numbers.assignments import Assignment
from db.organizations.queries import OrganizationRecord
from db.users import changes as user_changes
from db.users.changes import NewInvitation, NewUser
from db.utilization import counters
from domain.access import Permission, require
from domain.errors import (
    CLASSES,
    AlreadyExists,
    DialtreeError,
    LineReport,
)
from domain.statuses import EventKind
from domain.texts import fold
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import SHOWN
from resolvers.numbers.completion import affected_organizations, complete_change
from resolvers.users.bulk_lines import Line, read_lines
from resolvers.users.bulk_numbers import NumberChoice
from resolvers.users.commands import InviteUsers, UsersInvited
from resolvers.users.invitations import letter, new_invitation

LINES_SHOWN = 1_000
"""How many bad lines an answer reports."""


async def invite_users(context: Context, command: InviteUsers) -> UsersInvited:
    """Invite many persons; bad lines refuse all of them, or are skipped, and each is reported."""

    async def change(work: UnitOfWork) -> UsersInvited:
        require(work.actor.role, Permission.CHANGE_USERS)
        organization = await work.organization(command.organization_id, name="organizationId")
        # Reading takes its time, which belongs to other requests as well.
        lines = await asyncio.to_thread(read_lines, command)
        await work.connection.advisory_lock(f"stock {organization.id}")
        return await _Invitations(work, command, organization, lines).run()

    return await run_mutation(context, command, change, UsersInvited)


class _Invitations:
    """One list of people; `_chosen` is the number that each line takes."""

    def __init__(
        self, work: UnitOfWork, command: InviteUsers, organization: OrganizationRecord, lines: list[Line]
    ) -> None:
        self._work = work
        self._command = command
        self._organization = organization
        self._lines = lines
        self._chosen: dict[int, int] = {}

    async def run(self) -> UsersInvited:
        await self._refuse_taken_mails()
        self._chosen = await NumberChoice(self._work, self._organization, self._lines).run()
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
            offending_numbers=first.offending_numbers,
            lines=tuple(reports),
        )

    async def _refuse_taken_mails(self) -> None:
        people = [line.person for line in self._lines if line.person is not None]
        taken = await user_changes.ids_by_email(
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
        ids = await user_changes.ids_by_email(work.connection, emails, organization_id=organization.id)
        ordered = {email: ids[email] for email in map(fold, emails)}
        numbered = [line for line in good if line.line in self._chosen]
        if numbered:
            await self._assign(numbered, ordered)
        if len(numbered) < len(good):
            count = len(good) - len(numbered)
            await record_change(work, EventKind.USER_ADDED, touched=[organization.id], changed={"users": (None, count)})
        if invitations_:
            pending = (len(good), len(good) - len(numbered))
            await counters.add_pending(work.connection, {organization.id: pending})
            await self._post(good, ordered, invitations_)
        return ordered

    async def _assign(self, numbered: list[Line], ids: dict[str, int]) -> None:
        work = self._work
        operation = await operations.begin_operation(
            work.connection, work.new_operation(EventKind.ASSIGNED, changed_count=len(numbered))
        )
        await assignments.record_assignments(
            work.connection,
            (
                Assignment(self._chosen[line.line], ids[fold(line.person.email)], line.person.display_name)
                for line in numbered
                if line.person is not None
            ),
            operation=operation,
        )
        result = await changes.apply_events(work.connection, operation, at=work.now, recorded_count=len(numbered))
        if result.changed_count != len(numbered):
            raise TransactionAborted("a number of the list was moved meanwhile")
        await complete_change(work, result)

    async def _post(self, good: list[Line], ids: dict[str, int], invitations_: list[tuple[str, NewInvitation]]) -> None:
        work, organization = self._work, self._organization
        numbers = await phone_numbers.by_ids(work.connection, list(self._chosen.values()), within=work.scope)
        for line, (seed, invitation) in zip(good, invitations_, strict=True):
            if line.person is not None:
                chosen = self._chosen.get(line.line)
                number = None if chosen is None else numbers[chosen].number
                user_id = ids[fold(line.person.email)]
                mail = letter(user_id, line.person, organization, number, seed=seed, invitation=invitation)
                work.mails.append(mail)


def _report(line: Line, refusal: DialtreeError) -> LineReport:
    return LineReport(line.line, line.value, refusal.code, refusal.message)
