"""List, invite, change and delete administrators."""

from __future__ import annotations

from typing import Any

from db.access import authentication, pages
from db.access import changes as administrator_changes
from db.access.pages import AdministratorQuery, AdministratorRecord
from db.core.keyset import ConnectionPage, PageRequest
from db.organizations.queries import OrganizationRecord
from domain.access import Permission, Role, require, require_grant
from domain.emails import clean_email
from domain.errors import AlreadyExists, Conflict, not_found
from domain.statuses import EventKind
from domain.texts import clean_name
from mail.messages import AdministratorInvitation
from resolvers.access.commands import (
    AdministratorChanged,
    DeleteAdministrator,
    InviteAdministrator,
    UpdateAdministrator,
)
from resolvers.access.passwords import queue_password_link
from resolvers.core.context import Context
from resolvers.core.limits import limit_mails
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork


def administrator_query(context: Context, *, organization_id: int | None = None) -> AdministratorQuery:
    """Return the query for the administrators in scope, or of one organization in it. Raises Forbidden."""
    scope = context.scope
    require(context.actor.role, Permission.MANAGE_ACCESS)
    return AdministratorQuery(scope, organization_id)


async def administrator_page(
    context: Context, query: AdministratorQuery, page: PageRequest
) -> ConnectionPage[AdministratorRecord]:
    """Return a page of administrators, sorted by name."""
    async with context.database.read() as connection:
        return await pages.page(connection, query, page, now=context.clock())


async def administrator_count(context: Context, query: AdministratorQuery) -> int:
    """Return the number of administrators that match a query."""
    async with context.database.read() as connection:
        return await pages.count(connection, query)


async def find_administrator(context: Context, administrator_id: int) -> AdministratorRecord | None:
    """Return an administrator in scope, or None. Raises Forbidden."""
    scope = administrator_query(context).within
    async with context.database.read() as connection:
        found = await pages.by_ids(connection, [administrator_id], within=scope, now=context.clock())
    return found.get(administrator_id)


async def invite_administrator(context: Context, command: InviteAdministrator) -> AdministratorChanged:
    """Create an administrator without a password and mail them a link to set one."""

    async def change(work: UnitOfWork) -> AdministratorChanged:
        require(work.actor.role, Permission.MANAGE_ACCESS)
        organization = await work.organization(command.organization_id, name="organizationId")
        require_grant(work.actor.role, command.role, path=("input", "role"))
        email = clean_email(command.email, path=("input", "email"))
        name = clean_name(command.name, noun="name", path=("input", "name"))
        if await authentication.credentials(work.connection, email) is not None:
            raise AlreadyExists(f"There is already an administrator {email}.", path=("input", "email"))
        administrator_id = await administrator_changes.insert_administrator(
            work.connection,
            organization_id=organization.id,
            name=name,
            email=email,
            role=command.role,
            password_hash=None,
            receives_alerts=command.receives_alerts,
            now=work.now,
        )
        await _queue_invitation(work, administrator_id, organization, email=email, name=name, role=command.role)
        limit_mails(work, [email], path=("input", "email"))
        changed = {"administrator": (None, name), "role": (None, command.role.value)}
        await record_change(work, EventKind.ADMINISTRATOR_INVITED, touched=[organization.id], changed=changed)
        return AdministratorChanged(administrator_id=administrator_id)

    result = await run_mutation(context, command, change, AdministratorChanged)
    context.deployment.mail_queued.set()
    return result


async def _queue_invitation(
    work: UnitOfWork, administrator_id: int, organization: OrganizationRecord, *, email: str, name: str, role: Role
) -> None:
    expires_at = work.now + work.context.deployment.invitation_lifetime

    def facts(seed: str) -> AdministratorInvitation:
        return AdministratorInvitation(
            name=name,
            organization=organization.name,
            role=role.value,
            invited_by=work.actor.name,
            expires_at=expires_at,
            time_zone=organization.time_zone,
            seed=seed,
        )

    await queue_password_link(
        work.context,
        work.connection,
        administrator_id,
        facts,
        to=email,
        organization_id=organization.id,
        now=work.now,
        expires_at=expires_at,
    )


async def update_administrator(context: Context, command: UpdateAdministrator) -> AdministratorChanged:
    """Change an administrator's name, role or alert setting."""

    async def change(work: UnitOfWork) -> AdministratorChanged:
        before = await _lock_administrator(work, command.administrator_id)
        after = before
        if command.name is not None:
            after = after._replace(name=clean_name(command.name, noun="name", path=("input", "name")))
        if command.role is not None and command.role is not before.role:
            require_grant(work.actor.role, command.role, path=("input", "role"))
            await _refuse_last_owner(work, before, path=("input", "role"))
            after = after._replace(role=command.role)
        if command.receives_alerts is not None:
            after = after._replace(receives_alerts=command.receives_alerts)
        if after != before:
            await administrator_changes.write(
                work.connection,
                before.id,
                name=after.name,
                role=after.role,
                receives_alerts=after.receives_alerts,
            )
            await record_change(
                work,
                EventKind.ADMINISTRATOR_UPDATED,
                touched=[before.organization_id],
                changed=_changed_fields(before, after),
            )
        return AdministratorChanged(administrator_id=before.id)

    return await run_mutation(context, command, change, AdministratorChanged)


async def delete_administrator(context: Context, command: DeleteAdministrator) -> AdministratorChanged:
    """Delete an administrator and end their sessions."""

    async def change(work: UnitOfWork) -> AdministratorChanged:
        administrator = await _lock_administrator(work, command.administrator_id)
        await _refuse_last_owner(work, administrator, path=("input", "administratorId"))
        await administrator_changes.delete_one(work.connection, administrator.id)
        changed = {"administrator": (administrator.name, None), "role": (administrator.role.value, None)}
        await record_change(
            work, EventKind.ADMINISTRATOR_DELETED, touched=[administrator.organization_id], changed=changed
        )
        return AdministratorChanged(administrator_id=administrator.id)

    return await run_mutation(context, command, change, AdministratorChanged)


async def _lock_administrator(work: UnitOfWork, administrator_id: int) -> AdministratorRecord:
    """Lock and return an administrator in scope. Raises Forbidden or NotFound."""
    require(work.actor.role, Permission.MANAGE_ACCESS)
    # Serialize changes below a root: if two owners delete each other at the same time, one must remain.
    await work.connection.advisory_lock(f"administrators {work.root_id}")
    found = await pages.by_ids(work.connection, [administrator_id], within=work.scope, now=work.now)
    if administrator_id not in found:
        raise not_found("administrator", path=("input", "administratorId"))
    return found[administrator_id]


async def _refuse_last_owner(work: UnitOfWork, administrator: AdministratorRecord, *, path: tuple[str, ...]) -> None:
    """Raise Conflict if the root would be left without an owner, or without one who can sign in."""
    if administrator.role is not Role.OWNER or administrator.organization_id != work.root_id:
        return
    others = await administrator_changes.other_owners(work.connection, administrator.id, organization_id=work.root_id)
    if not others.all or (administrator.active and not others.with_password):
        raise Conflict(
            f"{administrator.name} is the last OWNER at the root. There must always be one who can sign in.", path=path
        )


def _changed_fields(before: AdministratorRecord, after: AdministratorRecord) -> dict[str, tuple[Any, Any]]:
    changed = {"administrator": (before.name, after.name)}
    if before.role is not after.role:
        changed["role"] = (before.role.value, after.role.value)
    if before.receives_alerts is not after.receives_alerts:
        changed["receivesAlerts"] = (str(before.receives_alerts).lower(), str(after.receives_alerts).lower())
    return changed
