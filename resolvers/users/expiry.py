"""Expire overdue invitations: their numbers become available, and their users are no longer invited."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from db.core.database import DatabaseConnection
from db.history import operations
from db.numbers import assignments
from db.numbers import changes as number_changes
from db.organizations import queries as organizations
from db.users import changes as user_changes
from db.users import invitations
from domain.access import Actor, CallerKind, OrganizationRef, Role
from domain.scope import root_of
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.counters import count_pending
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_unattended
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.completion import complete_change

ACTOR = "Dialtree"
"""The actor's name in the history of an expired invitation."""

BATCH = 1_000
"""How many invitations expire in one transaction: what was done before a request reaches its time limit is kept."""

BATCH_SECONDS = 10
"""How long the housekeeping waits for a batch: one root, whose tree is being changed, must not hold up the others."""

logger = logging.getLogger("dialtree")


async def expire_invitations(context: Context) -> None:
    """Expire the overdue invitations of all roots, except of those that are held up by other changes."""
    held_up: set[int] = set()
    for organization_id, path in (await _overdue_organizations(context, None)).items():
        root_id = root_of(path)
        if root_id in held_up:
            continue
        try:
            while await asyncio.wait_for(_expire_batch(context, organization_id, root_id=root_id), BATCH_SECONDS):
                pass
        except TimeoutError:
            held_up.add(root_id)
            logger.info("the overdue invitations of root %d are expired later: other changes hold them up", root_id)


async def expire_own_invitations(context: Context) -> None:
    """Expire the overdue invitations at the caller's root: a request of another root never waits for them."""
    for organization_id in await _overdue_organizations(context, f"{context.root_id}/"):
        while await _expire_batch(context, organization_id, root_id=context.root_id):
            pass


async def _overdue_organizations(context: Context, scope: str | None) -> dict[int, str]:
    async with context.database.read() as connection:
        return await invitations.organizations_with_expired(connection, now=context.clock(), within=scope)


async def _expire_batch(context: Context, organization_id: int, *, root_id: int) -> int:
    """Expire overdue invitations of an organization in a transaction and operation, and return their number."""

    async def change(connection: DatabaseConnection, now: datetime) -> tuple[int, UnitOfWork | None]:
        overdue = await invitations.lock_expired(connection, organization_id, now=now, limit=BATCH)
        if not overdue:
            return 0, None
        place = OrganizationRef(
            organization_id, (await organizations.paths(connection, [organization_id]))[organization_id]
        )
        actor = Actor(CallerKind.SERVER, 0, ACTOR, None, Role.USAGE_WRITER, place, place)
        work = UnitOfWork(
            connection, actor, place.path, now, context, appends_counters=context.database.appends_counters
        )
        await _expire(work, overdue)
        return len(overdue), work

    return await run_unattended(context, change, root_id=root_id)


async def _expire(work: UnitOfWork, overdue: list[tuple[int, bool]]) -> None:
    organization_id = work.actor.acting.id
    with_number = [user_id for user_id, has_number in overdue if has_number]
    if with_number:
        await _free_numbers(work, with_number)
    without_number = len(overdue) - len(with_number)
    if without_number:
        await record_change(
            work, EventKind.INVITATION_EXPIRED, touched=[organization_id], changed={"users": (without_number, None)}
        )
    await user_changes.expire(work.connection, [user_id for user_id, _ in overdue])
    await count_pending(work, organization_id, invitations=-len(overdue), without_number=-without_number)


async def _free_numbers(work: UnitOfWork, user_ids: list[int]) -> None:
    operation = await operations.begin_operation(
        work.connection, work.new_operation(EventKind.INVITATION_EXPIRED, changed_count=len(user_ids))
    )
    await assignments.record_freed(work.connection, user_ids, operation=operation)
    result = await number_changes.apply_events(work.connection, operation, at=work.now, recorded_count=len(user_ids))
    await complete_change(work, result)
