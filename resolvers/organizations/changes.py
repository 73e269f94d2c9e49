"""Changing the tree: create, update, move and delete organizations, and set a threshold."""

from __future__ import annotations

from dataclasses import dataclass

from db.history.events import Change, Effect
from db.numbers import changes, locks
from db.organizations import changes as tree
from db.organizations.queries import OrganizationRecord
from db.usage import rollups as period_sums
from db.utilization import counters
from domain.access import Permission, require
from domain.errors import AlreadyExists, Forbidden, InvalidInput, LimitExceeded, NotEmpty
from domain.numbers import OPERATION_LIMIT, parse
from domain.organizations import DEFAULT_TIME_ZONE, check_time_zone
from domain.scope import ancestor_ids, covers
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberStatus
from domain.texts import clean_name
from domain.users import clean_email
from domain.utilization import DEFAULT_THRESHOLD, check_threshold
from resolvers.core.context import Context
from resolvers.core.recording import dump, record_change
from resolvers.core.results import MutationResult
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import SHOWN
from resolvers.numbers.completion import affected_organizations, complete_change


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrganization:
    """Create an organization below a parent (the acting one unless named)."""

    parent_id: int | None = None
    name: str
    time_zone: str | None = None
    threshold_percent: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrganization:
    """Change an organization's name and settings; None leaves a value as it is."""

    organization_id: int
    name: str | None = None
    time_zone: str | None = None
    supplier_email: str | None = None
    supplier_telephone: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUtilizationThreshold:
    """Set the threshold of an organization (the acting one unless named)."""

    organization_id: int | None = None
    percent: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrganization:
    """Hang an organization and everything below it under another parent."""

    organization_id: int
    parent_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOrganization:
    """Delete an organization and everything below it; the numbers go to its parent."""

    organization_id: int
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationChanged(MutationResult):
    """Which organization was created or changed."""

    organization_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationMoved(MutationResult):
    """Which organization was moved, from where, and whose utilization changed."""

    organization_id: int
    previous_parent_id: int
    organization_ids: list[int]
    organization_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationDeleted(MutationResult):
    """What is gone, and how many numbers went to the parent."""

    deleted_ids: list[int]
    parent_id: int
    changed_count: int


async def create_organization(context: Context, command: CreateOrganization) -> OrganizationChanged:
    """Create an organization."""

    async def change(work: UnitOfWork) -> OrganizationChanged:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        parent = await work.organization(command.parent_id, name="parentId")
        name = clean_name(command.name, noun="name", path=("input", "name"))
        zone = DEFAULT_TIME_ZONE if command.time_zone is None else command.time_zone
        check_time_zone(zone, path=("input", "timeZone"))
        threshold = DEFAULT_THRESHOLD if command.threshold_percent is None else command.threshold_percent
        check_threshold(threshold, path=("input", "thresholdPercent"))
        await _refuse_taken_name(work, parent.id, name)
        organization_id, _ = await tree.insert_one(
            work.connection,
            parent=(parent.id, parent.path),
            name=name,
            time_zone=zone,
            threshold_percent=threshold,
            at=work.now,
        )
        after = {"name": name, "timeZone": zone, "thresholdPercent": threshold}
        await record_change(
            work,
            EventKind.ORGANIZATION_CREATED,
            touched=[parent.id, organization_id],
            changed={field: (None, value) for field, value in after.items()},
        )
        return OrganizationChanged(organization_id=organization_id)

    return await run_mutation(context, command, change, OrganizationChanged, changes_tree=True)


async def update_organization(context: Context, command: UpdateOrganization) -> OrganizationChanged:
    """Rename an organization or change its settings."""

    async def change(work: UnitOfWork) -> OrganizationChanged:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        record = await work.organization(command.organization_id, name="organizationId")
        after = record
        if command.name is not None:
            after = after._replace(name=clean_name(command.name, noun="name", path=("input", "name")))
        if command.time_zone is not None:
            after = after._replace(time_zone=check_time_zone(command.time_zone, path=("input", "timeZone")))
        if record.parent_id is not None and (command.supplier_email or command.supplier_telephone):
            message = "The supplier's contact is kept at the root organization, for all organizations below it."
            raise InvalidInput(
                message, path=("input", "supplierEmail" if command.supplier_email else "supplierTelephone")
            )
        if command.supplier_email is not None:
            email = command.supplier_email and clean_email(command.supplier_email, path=("input", "supplierEmail"))
            after = after._replace(supplier_email=email or None)
        if command.supplier_telephone is not None:
            telephone = command.supplier_telephone and parse(
                command.supplier_telephone, path=("input", "supplierTelephone")
            )
            after = after._replace(supplier_telephone=telephone or None)
        if after.name != record.name:
            await _refuse_taken_name(work, record.parent_id, after.name)
        changed = await _write(work, record, after, kind=EventKind.ORGANIZATION_UPDATED)
        if after.time_zone != record.time_zone:
            await period_sums.rebuild_daily_totals(work.connection, record.id, zone=after.time_zone)
        return changed

    return await run_mutation(context, command, change, OrganizationChanged, changes_tree=True)


async def set_utilization_threshold(context: Context, command: SetUtilizationThreshold) -> OrganizationChanged:
    """Set the percent at which administrators are warned."""

    async def change(work: UnitOfWork) -> OrganizationChanged:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        record = await work.organization(command.organization_id, name="organizationId")
        check_threshold(command.percent, path=("input", "percent"))
        after = record._replace(threshold_percent=command.percent)
        return await _write(work, record, after, kind=EventKind.THRESHOLD_SET)

    return await run_mutation(context, command, change, OrganizationChanged, changes_tree=True)


async def move_organization(context: Context, command: MoveOrganization) -> OrganizationMoved:
    """Move a subtree elsewhere inside the scope."""

    async def change(work: UnitOfWork) -> OrganizationMoved:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        record = await work.organization(command.organization_id, name="organizationId")
        target = await work.organization(command.parent_id, name="parentId")
        parent_id = _refuse_acting(work, record, "moved")
        if covers(record.path, target.path):
            message = f"{record.name} can't be moved into itself or below itself."
            raise InvalidInput(message, path=("input", "parentId"))
        if target.id == parent_id:
            return OrganizationMoved(
                organization_id=record.id,
                previous_parent_id=parent_id,
                organization_ids=[],
                organization_count=0,
            )
        await _refuse_taken_name(work, target.id, record.name, field="parentId")
        held = await counters.subtree(work.connection, record.id)
        path = await tree.move_subtree(work.connection, record, parent_id=target.id, parent_path=target.path)
        before, after = ancestor_ids(record.path), ancestor_ids(path)
        away_from = [id_ for id_ in before if id_ not in after]
        to = [id_ for id_ in after if id_ not in before]
        await counters.shift(work.connection, held, away_from=away_from, to=to, deltas=work.deltas)
        await period_sums.transfer(work.connection, record.id, away_from=away_from, to=to)
        await record_change(
            work,
            EventKind.ORGANIZATION_MOVED,
            touched=[record.id, parent_id, target.id],
            changed={"parent": (parent_id, target.id)},
        )
        old_parent_path = record.path.removesuffix(f"{record.id}/")
        affected = affected_organizations([old_parent_path, target.path], scope=work.scope)
        return OrganizationMoved(
            organization_id=record.id,
            previous_parent_id=parent_id,
            organization_ids=affected[:SHOWN],
            organization_count=len(affected),
        )

    return await run_mutation(context, command, change, OrganizationMoved, changes_tree=True)


async def delete_organization(context: Context, command: DeleteOrganization) -> OrganizationDeleted:
    """Delete a subtree in which nobody is left."""

    async def change(work: UnitOfWork) -> OrganizationDeleted:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        record = await work.organization(command.organization_id, name="organizationId")
        parent_id = _refuse_acting(work, record, "deleted")
        users, administrators = await tree.occupants(work.connection, record.path)
        if users or administrators:
            message = f"{record.name} and the organizations below it still have "
            message += f"{users} users and {administrators} administrators."
            raise NotEmpty(message, path=("input", "organizationId"))
        gone = await tree.subtree_ids(work.connection, record.path)
        moved = await _hand_numbers_to_parent(work, record, parent_id=parent_id, gone=gone)
        await changes.reassign_retired(work.connection, gone, organization_id=parent_id)
        await tree.delete_all(work.connection, gone)
        return OrganizationDeleted(deleted_ids=gone[::-1], parent_id=parent_id, changed_count=moved)

    return await run_mutation(context, command, change, OrganizationDeleted, changes_tree=True)


async def _hand_numbers_to_parent(
    work: UnitOfWork, record: OrganizationRecord, *, parent_id: int, gone: list[int]
) -> int:
    held = NumberFilter(organization_ids=tuple(gone))
    count = await locks.lock_count(work.connection, held, limit=OPERATION_LIMIT + 1)
    if count > OPERATION_LIMIT:
        message = f"More than {OPERATION_LIMIT} numbers would go to the parent; move them first."
        raise LimitExceeded(message, path=("input", "organizationId"))
    changed = {"name": (record.name, None)}
    if not count:
        await record_change(work, EventKind.ORGANIZATION_DELETED, touched=[parent_id, *gone], changed=changed)
        return 0
    result = await changes.change_numbers(
        work.connection,
        work.new_operation(EventKind.ORGANIZATION_DELETED, changed_count=count, changes=dump(changed)),
        held,
        effect=Effect(organization=Change.SET),
        sources=sorted(NumberStatus),
        organization=parent_id,
    )
    await complete_change(work, result)
    return result.changed_count


def _refuse_acting(work: UnitOfWork, record: OrganizationRecord, done: str) -> int:
    """The parent's id. Raises Forbidden for the organization that the caller acts from."""
    if record.parent_id is None or record.id == work.actor.acting.id:
        message = f"The organization that you act from can't be {done} from inside."
        raise Forbidden(message, path=("input", "organizationId"))
    return record.parent_id


async def _refuse_taken_name(work: UnitOfWork, parent_id: int | None, name: str, *, field: str = "name") -> None:
    if await tree.child_by_name(work.connection, parent_id, name) is not None:
        message = f"There is an organization {name!r} beside it already."
        raise AlreadyExists(message, path=("input", field))


async def _write(
    work: UnitOfWork, before: OrganizationRecord, after: OrganizationRecord, *, kind: EventKind
) -> OrganizationChanged:
    changed = {
        camel: (getattr(before, name), getattr(after, name))
        for name, camel in (
            ("name", "name"),
            ("time_zone", "timeZone"),
            ("threshold_percent", "thresholdPercent"),
            ("supplier_email", "supplierEmail"),
            ("supplier_telephone", "supplierTelephone"),
        )
        if getattr(before, name) != getattr(after, name)
    }
    if changed:
        await tree.write(work.connection, after)
        if after.threshold_percent != before.threshold_percent:
            work.deltas.thresholds[before.id] = before.threshold_percent
        await record_change(work, kind, touched=[before.id], changed=changed)
    return OrganizationChanged(organization_id=before.id)
