"""Administrators: listing, inviting, changing and deleting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.access import changes as administrator_changes
from db.access import pages as administrator_lists
from db.access import sign_in as administrators
from db.access.pages import AdministratorQuery, AdministratorRecord
from db.core.keyset import ConnectionPage, PageRequest
from domain.access import Permission, Role, require, require_grant
from domain.errors import AlreadyExists, Conflict, not_found
from domain.statuses import EventKind
from domain.texts import clean_name
from domain.users import clean_email
from mail.messages import AdministratorInvitation
from resolvers.access.passwords import post_link
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.results import MutationResult
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAdministrator:
    """Give a person a role at an organization (default: the acting one) and mail them a password link."""

    email: str
    name: str
    role: Role
    organization_id: int | None = None
    receives_alerts: bool = True
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAdministrator:
    """Change an administrator; None leaves a value as it is."""

    administrator_id: int
    name: str | None = None
    role: Role | None = None
    receives_alerts: bool | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAdministrator:
    """Delete an administrator, and end their sessions."""

    administrator_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorChanged(MutationResult):
    """Which administrator was invited, changed or deleted."""

    administrator_id: int


def listing(context: Context, *, organization_id: int | None = None) -> AdministratorQuery:
    """The administrators of the whole scope, or of one organization in it. Raises Forbidden."""
    scope = context.scope
    require(context.actor.role, Permission.MANAGE_ACCESS)
    return AdministratorQuery(scope, organization_id)


async def listing_page(
    context: Context, listed: AdministratorQuery, page: PageRequest
) -> ConnectionPage[AdministratorRecord]:
    """A page of administrators in the order of names."""
    async with context.database.read() as connection:
        return await administrator_lists.page(connection, listed, page, now=context.clock())


async def listing_count(context: Context, listed: AdministratorQuery) -> int:
    """How many administrators the list has."""
    async with context.database.read() as connection:
        return await administrator_lists.count(connection, listed)


async def find_administrator(context: Context, administrator_id: int) -> AdministratorRecord | None:
    """An administrator in scope, or None. Raises Forbidden."""
    scope = listing(context).within
    async with context.database.read() as connection:
        found = await administrator_lists.by_ids(connection, [administrator_id], within=scope, now=context.clock())
    return found.get(administrator_id)


async def invite_administrator(context: Context, command: InviteAdministrator) -> AdministratorChanged:
    """Invite an administrator."""

    async def change(work: UnitOfWork) -> AdministratorChanged:
        require(work.actor.role, Permission.MANAGE_ACCESS)
        organization = await work.organization(command.organization_id, name="organizationId")
        require_grant(work.actor.role, command.role, path=("input", "role"))
        email = clean_email(command.email, path=("input", "email"))
        name = clean_name(command.name, noun="name", path=("input", "name"))
        if await administrators.credentials(work.connection, email) is not None:
            raise AlreadyExists(f"There is already an administrator {email}.", path=("input", "email"))
        administrator_id = await administrators.insert_administrator(
            work.connection,
            organization_id=organization.id,
            name=name,
            email=email,
            role=command.role,
            password_hash=None,
            receives_alerts=command.receives_alerts,
            now=work.now,
        )

        expires_at = work.now + work.context.deployment.invitation_lifetime

        def facts(seed: str) -> AdministratorInvitation:
            return AdministratorInvitation(
                name=name,
                organization=organization.name,
                role=command.role.value,
                invited_by=work.actor.name,
                expires_at=expires_at,
                time_zone=organization.time_zone,
                seed=seed,
            )

        await post_link(
            work.context,
            work.connection,
            administrator_id,
            facts,
            to=email,
            organization_id=organization.id,
            now=work.now,
            expires_at=expires_at,
        )
        changed = {"administrator": (None, name), "role": (None, command.role.value)}
        await record_change(work, EventKind.ADMINISTRATOR_INVITED, touched=[organization.id], changed=changed)
        return AdministratorChanged(administrator_id=administrator_id)

    answer = await run_mutation(context, command, change, AdministratorChanged)
    context.deployment.mail_queued.set()
    return answer


async def update_administrator(context: Context, command: UpdateAdministrator) -> AdministratorChanged:
    """Change an administrator's name, role or alert setting."""

    async def change(work: UnitOfWork) -> AdministratorChanged:
        before = await _locked(work, command.administrator_id)
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
                work, EventKind.ADMINISTRATOR_UPDATED, touched=[before.organization_id], changed=_changed(before, after)
            )
        return AdministratorChanged(administrator_id=before.id)

    return await run_mutation(context, command, change, AdministratorChanged)


async def delete_administrator(context: Context, command: DeleteAdministrator) -> AdministratorChanged:
    """Delete an administrator."""

    async def change(work: UnitOfWork) -> AdministratorChanged:
        record_ = await _locked(work, command.administrator_id)
        await _refuse_last_owner(work, record_, path=("input", "administratorId"))
        await administrator_changes.delete_one(work.connection, record_.id)
        changed = {"administrator": (record_.name, None), "role": (record_.role.value, None)}
        await record_change(work, EventKind.ADMINISTRATOR_DELETED, touched=[record_.organization_id], changed=changed)
        return AdministratorChanged(administrator_id=record_.id)

    return await run_mutation(context, command, change, AdministratorChanged)


async def _locked(work: UnitOfWork, administrator_id: int) -> AdministratorRecord:
    """An administrator in scope. Raises Forbidden, or NotFound naming the input."""
    require(work.actor.role, Permission.MANAGE_ACCESS)
    # One change at a time below a root: of two owners who delete each other one must stay.
    await work.connection.advisory_lock(f"administrators {work.root_id}")
    found = await administrator_lists.by_ids(work.connection, [administrator_id], within=work.scope, now=work.now)
    if administrator_id not in found:
        raise not_found("administrator", path=("input", "administratorId"))
    return found[administrator_id]


async def _refuse_last_owner(work: UnitOfWork, administrator: AdministratorRecord, *, path: tuple[str, ...]) -> None:
    """Raise Conflict when the root would be left without an owner, or without one who can sign in."""
    if administrator.role is not Role.OWNER or administrator.organization_id != work.root_id:
        return
    others = await administrator_changes.other_owners(work.connection, administrator.id, organization_id=work.root_id)
    if not others.all or (administrator.active and not others.with_password):
        raise Conflict(
            f"{administrator.name} is the last OWNER at the root; there must always be one who can sign in.", path=path
        )


def _changed(before: AdministratorRecord, after: AdministratorRecord) -> dict[str, tuple[Any, Any]]:
    named = {"administrator": (before.name, after.name)}
    if before.role is not after.role:
        named["role"] = (before.role.value, after.role.value)
    if before.receives_alerts is not after.receives_alerts:
        named["receivesAlerts"] = (str(before.receives_alerts).lower(), str(after.receives_alerts).lower())
    return named
