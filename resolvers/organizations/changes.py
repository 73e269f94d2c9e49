"""Create and update organizations and set their utilization thresholds."""

from __future__ import annotations

from db.organizations import changes as organization_changes
from db.organizations.queries import OrganizationRecord
from db.usage import rollups
from domain.access import Permission, require
from domain.emails import clean_email
from domain.errors import AlreadyExists, InvalidInput
from domain.numbers import parse
from domain.organizations import DEFAULT_TIME_ZONE, check_levels, check_region, check_time_zone, levels
from domain.statuses import EventKind
from domain.texts import clean_name
from domain.utilization import DEFAULT_THRESHOLD, check_threshold
from resolvers.core.context import Context
from resolvers.core.counters import note_threshold
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.organizations.commands import (
    CreateOrganization,
    OrganizationChanged,
    SetUtilizationThreshold,
    UpdateOrganization,
)

_RECORDED_FIELDS = {
    "name": "name",
    "time_zone": "timeZone",
    "region": "region",
    "threshold_percent": "thresholdPercent",
    "supplier_email": "supplierEmail",
    "supplier_telephone": "supplierTelephone",
}
"""The attributes whose changes are recorded, and their names in the history."""


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
        check_levels(levels(parent.path) + 1, path=("input", "parentId"))
        await require_unused_name(work, parent.id, name)
        organization_id, _ = await organization_changes.insert_one(
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

    return await run_mutation(context, command, change, OrganizationChanged)


async def update_organization(context: Context, command: UpdateOrganization) -> OrganizationChanged:
    """Change an organization's name and settings."""

    async def change(work: UnitOfWork) -> OrganizationChanged:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        before = await _lock(work, command.organization_id)
        after = _updated(before, command, region=await work.region() if command.supplier_telephone else None)
        if after.name != before.name and before.parent_id is not None:
            await require_unused_name(work, before.parent_id, after.name, organization_id=before.id)
        changed = await _write(work, before, after, kind=EventKind.ORGANIZATION_UPDATED)
        if after.time_zone != before.time_zone:
            await rollups.rebuild_daily_totals(work.connection, before.id, zone=after.time_zone)
        return changed

    # Daily totals must not be rebuilt beside changes that add to them.
    changes_zone = command.time_zone is not None
    return await run_mutation(context, command, change, OrganizationChanged, changes_tree=changes_zone)


def _updated(record: OrganizationRecord, command: UpdateOrganization, *, region: str | None) -> OrganizationRecord:
    """Return the organization with its changes. A national telephone number is read in `region`."""
    after = record
    if command.name is not None:
        after = after._replace(name=clean_name(command.name, noun="name", path=("input", "name")))
    if command.time_zone is not None:
        after = after._replace(time_zone=check_time_zone(command.time_zone, path=("input", "timeZone")))
    if command.region is not None:
        own = check_region(command.region, path=("input", "region")) if command.region.strip() else None
        after = after._replace(region=own)
    if record.parent_id is not None and (command.supplier_email or command.supplier_telephone):
        raise InvalidInput(
            "Set the supplier's contact details at the root organization; they apply to all its sub-organizations.",
            path=("input", "supplierEmail" if command.supplier_email else "supplierTelephone"),
        )
    if command.supplier_email is not None:
        email = command.supplier_email and clean_email(command.supplier_email, path=("input", "supplierEmail"))
        after = after._replace(supplier_email=email or None)
    if command.supplier_telephone is not None:
        telephone = command.supplier_telephone and parse(
            command.supplier_telephone, region=region, path=("input", "supplierTelephone")
        )
        after = after._replace(supplier_telephone=telephone or None)
    return after


async def set_utilization_threshold(context: Context, command: SetUtilizationThreshold) -> OrganizationChanged:
    """Set the utilization percentage at which administrators are alerted."""

    async def change(work: UnitOfWork) -> OrganizationChanged:
        require(work.actor.role, Permission.CHANGE_ORGANIZATIONS)
        before = await _lock(work, command.organization_id)
        check_threshold(command.percent, path=("input", "percent"))
        after = before._replace(threshold_percent=command.percent)
        return await _write(work, before, after, kind=EventKind.THRESHOLD_SET)

    return await run_mutation(context, command, change, OrganizationChanged)


async def _lock(work: UnitOfWork, organization_id: int | None) -> OrganizationRecord:
    """Lock an organization in scope and read it. Raises NotFound with the path of the input."""
    found = await work.organization(organization_id, name="organizationId")
    await organization_changes.lock(work.connection, found.id)
    return await work.organization(organization_id, name="organizationId")


async def require_unused_name(
    work: UnitOfWork, parent_id: int, name: str, *, field: str = "name", organization_id: int | None = None
) -> None:
    """Raise AlreadyExists if the parent has a sub-organization with the name, other than `organization_id`."""
    if await organization_changes.child_by_name(work.connection, parent_id, name) not in {None, organization_id}:
        raise AlreadyExists(f"The parent already has a sub-organization {name!r}.", path=("input", field))


async def _write(
    work: UnitOfWork, before: OrganizationRecord, after: OrganizationRecord, *, kind: EventKind
) -> OrganizationChanged:
    changed = {
        recorded_name: (getattr(before, attribute), getattr(after, attribute))
        for attribute, recorded_name in _RECORDED_FIELDS.items()
        if getattr(before, attribute) != getattr(after, attribute)
    }
    if changed:
        await organization_changes.write(work.connection, after)
        if after.threshold_percent != before.threshold_percent:
            note_threshold(work, before.id, before=before.threshold_percent, after=after.threshold_percent)
        await record_change(work, kind, touched=[before.id], changed=changed)
    return OrganizationChanged(organization_id=before.id)
