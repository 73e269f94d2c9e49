"""Invitations end by themselves: the number becomes available, the user is not invited any more."""

from __future__ import annotations

from datetime import datetime

from db.core.database import DatabaseConnection
from db.history import operations
from db.numbers import assignments, changes
from db.organizations import queries as organizations
from db.users import changes as user_changes
from db.users import invitations
from db.utilization import counters
from domain.access import Actor, CallerKind, OrganizationRef, Role
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_unattended
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.completion import complete_change

ACTOR = "Dialtree"
"""Who ends an invitation, as histories name him."""


async def end_invitations(context: Context) -> int:
    """End every invitation whose time is over; how many there were.

    Each organization's are ended in a transaction and an operation of their own.
    """
    async with context.database.read() as connection:
        found = await invitations.organizations_with_expired(connection, now=context.clock())
    ended = 0
    for organization_id in found:
        ended += await _end_all(context, organization_id)
    return ended


async def _end_all(context: Context, organization_id: int) -> int:
    async def change(connection: DatabaseConnection, now: datetime) -> tuple[int, UnitOfWork | None]:
        over = await invitations.lock_expired(connection, organization_id, now=now)
        if not over:
            return 0, None
        place = OrganizationRef(
            organization_id, (await organizations.paths(connection, [organization_id]))[organization_id]
        )
        actor = Actor(CallerKind.SERVER, 0, ACTOR, None, Role.USAGE_WRITER, place, place)
        work = UnitOfWork(connection, actor, place.path, now, context)
        await _end(work, over)
        return len(over), work

    return await run_unattended(context, change)


async def _end(work: UnitOfWork, over: list[tuple[int, bool]]) -> None:
    organization_id = work.actor.acting.id
    with_number = [user_id for user_id, has_number in over if has_number]
    if with_number:
        await _free_numbers(work, with_number)
    without = len(over) - len(with_number)
    if without:
        await record_change(
            work, EventKind.INVITATION_EXPIRED, touched=[organization_id], changed={"users": (without, None)}
        )
    await user_changes.expire(work.connection, [user_id for user_id, _ in over])
    await counters.add_pending(work.connection, {organization_id: (-len(over), -without)})


async def _free_numbers(work: UnitOfWork, user_ids: list[int]) -> None:
    operation = await operations.begin_operation(
        work.connection, work.new_operation(EventKind.INVITATION_EXPIRED, changed_count=len(user_ids))
    )
    await assignments.record_freed(work.connection, user_ids, operation=operation)
    result = await changes.apply_events(work.connection, operation, at=work.now, recorded_count=len(user_ids))
    await complete_change(work, result)
