"""Invite many users at once. All lines are validated before anything is written."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import chain

from db.core.database import TransactionAborted
from db.history import operations
from db.numbers import assignments
from db.numbers import changes as number_changes
from db.numbers import queries as phone_numbers
from db.numbers.assignments import Assignment
from db.organizations.queries import OrganizationRecord
from db.users import changes as user_changes
from db.users.changes import NewInvitation, NewUser
from domain.access import Permission, require
from domain.emails import mailbox_key
from domain.errors import CLASSES, AlreadyExists, DialtreeError, LineReport
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.counters import count_pending
from resolvers.core.job_run import ReportLine
from resolvers.core.limits import limit_mails
from resolvers.core.recording import record_change
from resolvers.core.results import UtilizationChanged
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import SHOWN, NumbersChanged
from resolvers.numbers.completion import complete_change, utilization_changed
from resolvers.users.bulk_lines import InvitationLine, check_source_of_lines, read_lines
from resolvers.users.bulk_numbers import NumberSelection
from resolvers.users.commands import InviteUsers, UsersInvited
from resolvers.users.invitations import invitation_mail, new_invitation

LINES_SHOWN = 1_000
"""How many invalid lines a result reports."""


async def invite_users(context: Context, command: InviteUsers) -> UsersInvited:
    """Invite many users. Invalid lines are reported, and refuse the whole list unless the command skips them."""

    async def change(work: UnitOfWork) -> UsersInvited:
        organization = await check_invitations(work, command)
        region = await work.region()
        with ExitStack() as stack:
            uploaded = None
            if work.job is not None and command.upload_id is not None:
                uploaded, _ = await asyncio.to_thread(stack.enter_context, work.job.open_upload())
            # Parsing a long list would block the event loop.
            lines = await asyncio.to_thread(read_lines, command, uploaded, region=region)
        if work.job is not None:
            work.job.advance(0, len(lines))
        await work.connection.advisory_lock(f"stock {organization.id}")
        return await _BulkInvitation(work, command, organization, lines).run()

    return await run_mutation(context, command, change, UsersInvited, bulk=True)


async def check_invitations(work: UnitOfWork, command: InviteUsers) -> OrganizationRecord:
    """Refuse what is refused without looking at the lines, and return the organization of the users."""
    require(work.actor.role, Permission.CHANGE_USERS)
    organization = await work.organization(command.organization_id, name="organizationId")
    check_source_of_lines(command)
    return organization


class _BulkInvitation:
    """One list of users to invite.

    `_chosen` maps lines to number ids. `_changed` is the operation of the users with a number, if there are any.
    """

    def __init__(
        self, work: UnitOfWork, command: InviteUsers, organization: OrganizationRecord, lines: list[InvitationLine]
    ) -> None:
        self._work = work
        self._command = command
        self._organization = organization
        self._lines = lines
        self._chosen: dict[int, int] = {}
        self._changed = UtilizationChanged()

    async def run(self) -> UsersInvited:
        await self._choose_numbers(await self._lines_by_email())
        refused = [(line, line.refusal) for line in self._lines if line.refusal is not None]
        reports = [
            LineReport(line.line, line.value, refusal.code, refusal.message) for line, refusal in refused[:LINES_SHOWN]
        ]
        if refused and not self._command.skip_bad_lines:
            self._refuse(refused[0][1], reports, count=len(refused))
        valid = [line for line in self._lines if line.refusal is None]
        ids = await self._invite(valid) if valid else {}
        if self._work.job is not None:
            self._work.job.report = self._report()
        return UsersInvited(
            **self._changed.utilization(),
            invited_count=len(valid),
            skipped_count=len(refused),
            # The rows of a dry run are rolled back, and other users may get their ids.
            user_ids=[] if self._work.dry_run else list(ids.values())[:SHOWN],
            lines=reports,
        )

    def _report(self) -> list[ReportLine]:
        """What became of every line, for the report of a job."""
        success = "INVITED" if self._command.send_invitation else "SAVED"
        return [
            (line.line, line.value, success, "")
            if line.refusal is None
            else (line.line, line.value, line.refusal.code.value, line.refusal.message)
            for line in self._lines
        ]

    def _refuse(self, first: DialtreeError, reports: list[LineReport], *, count: int) -> None:
        others = {1: "", 2: " 1 more line is invalid."}.get(count, f" {count - 1} more lines are invalid.")
        raise CLASSES[first.code](
            f"Line {reports[0].line}: {first.message}{others} No users were invited.",
            path=self._command.path,
            numbers=first.numbers,
            offending_numbers=first.offending_numbers,
            lines=tuple(reports),
        )

    async def _lines_by_email(self) -> dict[str, deque[InvitationLine]]:
        """Return the valid lines by the key of the mailbox; those whose user exists already are refused."""
        people = [line.person for line in self._lines if line.person is not None]
        used = await user_changes.ids_by_email(
            self._work.connection, [person.email for person in people], organization_id=self._organization.id
        )
        found: dict[str, deque[InvitationLine]] = {}
        for line in self._lines:
            if line.person is None or line.refusal is not None:
                continue
            email = mailbox_key(line.person.email)
            if email in used:
                line.refusal = AlreadyExists(f"The organization already has a user {line.person.email}.")
            else:
                found.setdefault(email, deque()).append(line)
        return found

    async def _choose_numbers(self, by_email: dict[str, deque[InvitationLine]]) -> None:
        """Choose the numbers of the first line of each mailbox; if it is refused, those of the next one."""
        selection = NumberSelection(self._work, self._organization)
        await selection.lock_named(chain.from_iterable(by_email.values()))
        while by_email:
            first = {email: lines.popleft() for email, lines in by_email.items()}
            await selection.choose(sorted(first.values(), key=lambda line: line.line))
            remaining: dict[str, deque[InvitationLine]] = {}
            for email, line in first.items():
                others = by_email[email]
                if line.refusal is None:
                    _refuse_repeated(others, line)
                elif others:
                    remaining[email] = others
            by_email = remaining
        self._chosen = selection.chosen

    async def _invite(self, lines: list[InvitationLine]) -> dict[str, int]:
        """Create the users, assign their numbers and queue their mail. Return their ids by the key of the mailbox."""
        work, organization = self._work, self._organization
        new_invitations: list[tuple[str, NewInvitation]] = []
        if self._command.send_invitation:
            # Signing thousands of tokens would hold the event loop.
            new_invitations = await asyncio.to_thread(lambda: [new_invitation(work) for _ in lines])
        new: list[NewUser] = []
        for index, line in enumerate(lines):
            if line.person is not None:
                new.append(NewUser(line.person, new_invitations[index][1] if new_invitations else None))
        await user_changes.insert_all(work.connection, new, organization_id=organization.id, now=work.now)
        emails = [user.person.email for user in new]
        ids_by_email = await user_changes.ids_by_email(work.connection, emails, organization_id=organization.id)
        ids = {email: ids_by_email[email] for email in map(mailbox_key, emails)}
        with_number = [line for line in lines if line.line in self._chosen]
        without_number = len(lines) - len(with_number)
        if with_number:
            self._changed = await self._assign(with_number, ids)
        if without_number:
            added = {"users": (None, without_number)}
            operation = await record_change(work, EventKind.USER_ADDED, touched=[organization.id], changed=added)
            if not with_number:
                paths = [organization.path] if new_invitations else []
                self._changed = utilization_changed(work, paths, operation_id=operation)
        if new_invitations:
            await count_pending(work, organization.id, invitations=len(lines), without_number=without_number)
            await self._queue_mail(lines, ids, new_invitations)
            limit_mails(work, emails, path=self._command.path)
        return ids

    async def _assign(self, lines: list[InvitationLine], ids: dict[str, int]) -> NumbersChanged:
        work = self._work
        operation = await operations.begin_operation(
            work.connection, work.new_operation(EventKind.ASSIGNED, changed_count=len(lines))
        )
        await assignments.record_assignments(
            work.connection,
            (
                Assignment(self._chosen[line.line], ids[mailbox_key(line.person.email)], line.person.display_name)
                for line in lines
                if line.person is not None
            ),
            operation=operation,
        )
        result = await number_changes.apply_events(work.connection, operation, at=work.now, recorded_count=len(lines))
        if result.changed_count != len(lines):
            raise TransactionAborted("a chosen number was taken by another transaction")
        return await complete_change(work, result)

    async def _queue_mail(
        self, lines: list[InvitationLine], ids: dict[str, int], new_invitations: list[tuple[str, NewInvitation]]
    ) -> None:
        work, organization = self._work, self._organization
        numbers = await phone_numbers.by_ids(work.connection, list(self._chosen.values()), within=work.scope)
        for line, (seed, invitation) in zip(lines, new_invitations, strict=True):
            if line.person is not None:
                chosen = self._chosen.get(line.line)
                number = None if chosen is None else numbers[chosen].number
                user_id = ids[mailbox_key(line.person.email)]
                mail = invitation_mail(user_id, line.person, organization, number, seed=seed, invitation=invitation)
                work.mails.append(mail)


def _refuse_repeated(lines: Iterable[InvitationLine], first: InvitationLine) -> None:
    for line in lines:
        if line.person is not None:
            message = f"{line.person.email} is in the list twice: it is on line {first.line} too."
            line.refusal = AlreadyExists(message)
