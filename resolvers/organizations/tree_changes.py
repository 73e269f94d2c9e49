"""Move and delete organizations together with their sub-organizations."""

from __future__ import annotations

from db.history.events import Change, Effect
from db.numbers import changes as number_changes
from db.numbers import locks
from db.organizations import changes as organization_changes
from db.organizations.queries import OrganizationRecord
from db.usage import rollups
from db.utilization import counters
from domain.access import Permission, require
from domain.errors import Forbidden, InvalidInput, LimitExceeded, NotEmpty
from domain.numbers import OPERATION_LIMIT
from domain.organizations import check_levels, levels
from domain.scope import ancestor_ids, covers
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberStatus
from resolvers.core.context import Context
from resolvers.core.recording import dump, record_change
from resolvers.core.results import UtilizationChanged
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.completion import complete_change, utilization_changed
from resolvers.organizations.changes import require_unused_name
from resolvers.organizations.commands import (
    DeleteOrganization,
    MoveOrganization,
    OrganizationDeleted,
    OrganizationMoved,
)


async def move_organization(context: Context, command: MoveOrganization) -> OrganizationMoved:
    """Move a subtree under another parent in scope."""

    async def change(work: UnitOfWork) -> OrganizationMoved:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        record = await work.organization(command.organization_id, name="organizationId")
        target = await work.organization(command.parent_id, name="parentId")
        parent_id = _refuse_acting(work, record, "moved")
        if covers(record.path, target.path):
            raise InvalidInput(f"{record.name} can't be moved below itself.", path=("input", "parentId"))
        growth = levels(target.path) + 1 - levels(record.path)
        if growth > 0:
            lowest = await organization_changes.lowest_level(work.connection, record.path)
            check_levels(lowest + growth, path=("input", "parentId"))
        changed = UtilizationChanged()
        if target.id != parent_id:
            await require_unused_name(work, target.id, record.name, field="parentId")
            operation = await _move(work, record, parent_id=parent_id, target=target)
            paths = [record.path.removesuffix(f"{record.id}/"), target.path]
            changed = utilization_changed(work, paths, operation_id=operation)
        return OrganizationMoved(organization_id=record.id, previous_parent_id=parent_id, **changed.utilization())

    return await run_mutation(context, command, change, OrganizationMoved, changes_tree=True)


async def _move(work: UnitOfWork, record: OrganizationRecord, *, parent_id: int, target: OrganizationRecord) -> int:
    """Move the subtree, and its utilization and usage totals from the former ancestors to the new ones.

    Returns the operation.
    """
    held = await counters.subtree(work.connection, record.id)
    path = await organization_changes.move_subtree(
        work.connection, record, parent_id=target.id, parent_path=target.path
    )
    before, after = ancestor_ids(record.path), ancestor_ids(path)
    away_from = [ancestor_id for ancestor_id in before if ancestor_id not in after]
    to = [ancestor_id for ancestor_id in after if ancestor_id not in before]
    growth = counters.shift(held, away_from=away_from, to=to, deltas=work.deltas)
    await counters.add(work.connection, growth)
    await rollups.transfer(work.connection, record.id, away_from=away_from, to=to)
    return await record_change(
        work,
        EventKind.ORGANIZATION_MOVED,
        touched=[record.id, parent_id, target.id],
        changed={"parent": (parent_id, target.id)},
    )


async def delete_organization(context: Context, command: DeleteOrganization) -> OrganizationDeleted:
    """Delete a subtree that has no users and no administrators."""

    async def change(work: UnitOfWork) -> OrganizationDeleted:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        record = await work.organization(command.organization_id, name="organizationId")
        parent_id = _refuse_acting(work, record, "deleted")
        users, administrators = await organization_changes.user_counts(work.connection, record.path)
        if users or administrators:
            raise NotEmpty(
                f"{record.name} and its sub-organizations still have "
                f"{_count(users, 'user')} and {_count(administrators, 'administrator')}.",
                path=("input", "organizationId"),
            )
        deleted = await organization_changes.subtree_ids(work.connection, record.path)
        moved_count, operation = await _move_numbers_to_parent(work, record, parent_id=parent_id, deleted=deleted)
        await number_changes.reassign_retired(work.connection, deleted, organization_id=parent_id)
        await organization_changes.delete_all(work.connection, deleted)
        paths = [record.path.removesuffix(f"{record.id}/")] if moved_count else []
        return OrganizationDeleted(
            **utilization_changed(work, paths, operation_id=operation).utilization(),
            deleted_ids=deleted[::-1],
            parent_id=parent_id,
            changed_count=moved_count,
        )

    return await run_mutation(context, command, change, OrganizationDeleted, changes_tree=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


async def _move_numbers_to_parent(
    work: UnitOfWork, record: OrganizationRecord, *, parent_id: int, deleted: list[int]
) -> tuple[int, int]:
    """Move all numbers to the parent as part of the recorded deletion. Return their count and the operation."""
    held = NumberFilter(organization_ids=tuple(deleted))
    count = await locks.lock_count(work.connection, held, limit=OPERATION_LIMIT + 1)
    if count > OPERATION_LIMIT:
        raise LimitExceeded(
            f"More than {OPERATION_LIMIT} numbers would move to the parent; move them there first.",
            path=("input", "organizationId"),
        )
    changed = {"name": (record.name, None)}
    if not count:
        kind = EventKind.ORGANIZATION_DELETED
        return 0, await record_change(work, kind, touched=[parent_id, *deleted], changed=changed)
    result = await number_changes.change_numbers(
        work.connection,
        work.new_operation(EventKind.ORGANIZATION_DELETED, changed_count=count, changes=dump(changed)),
        held,
        effect=Effect(organization=Change.SET),
        sources=sorted(NumberStatus),
        organization=parent_id,
    )
    await complete_change(work, result)
    return result.changed_count, result.operation


def _refuse_acting(work: UnitOfWork, record: OrganizationRecord, done: str) -> int:
    """Return the parent's id. Raises Forbidden for the organization that the caller acts from."""
    if record.parent_id is None or record.id == work.actor.acting.id:
        raise Forbidden(
            f"The organization that you act from can't be {done}; act from one above it.",
            path=("input", "organizationId"),
        )
    return record.parent_id
