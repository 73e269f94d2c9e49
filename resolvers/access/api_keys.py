"""List, create and revoke API keys."""

from __future__ import annotations

from datetime import timedelta

from db.access import api_keys
from db.access.api_keys import ApiKeyRecord
from domain.access import Permission, require, require_grant
from domain.errors import InvalidInput, not_found
from domain.statuses import EventKind
from domain.texts import clean_name
from resolvers.access.commands import ApiKeyChanged, CreateApiKey, RevokeApiKey
from resolvers.access.sign_in import KEY_PREFIX, digest, new_secret
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork

MAX_EXPIRY_DAYS = 36_500


async def visible_keys(context: Context) -> list[ApiKeyRecord]:
    """Return the API keys in scope, including revoked and expired ones. Raises Forbidden."""
    scope = context.scope
    require(context.actor.role, Permission.MANAGE_ACCESS)
    async with context.database.read() as connection:
        return await api_keys.all_keys(connection, within=scope)


async def find_key(context: Context, key_id: int) -> ApiKeyRecord | None:
    """Return an API key in scope, or None. Raises Forbidden."""
    scope = context.scope
    require(context.actor.role, Permission.MANAGE_ACCESS)
    async with context.database.read() as connection:
        return (await api_keys.by_ids(connection, [key_id], within=scope)).get(key_id)


async def create_api_key(context: Context, command: CreateApiKey) -> ApiKeyChanged:
    """Create an API key. The result has no secret if the idempotency key was used before."""

    async def change(work: UnitOfWork) -> ApiKeyChanged:
        require(work.actor.role, Permission.MANAGE_ACCESS)
        organization = await work.organization(command.organization_id, name="organizationId")
        require_grant(work.actor.role, command.role, path=("input", "role"))
        name = clean_name(command.name, noun="name", path=("input", "name"))
        days = command.expires_in_days
        if days is not None and not 1 <= days <= MAX_EXPIRY_DAYS:
            raise InvalidInput(
                f"An API key must expire in 1 to {MAX_EXPIRY_DAYS} days, not {days}.", path=("input", "expiresInDays")
            )
        secret = new_secret(KEY_PREFIX)
        key_id = await api_keys.insert_key(
            work.connection,
            organization_id=organization.id,
            name=name,
            role=command.role,
            digest=digest(secret),
            now=work.now,
            expires_at=None if days is None else work.now + timedelta(days=days),
        )
        changed = {"apiKey": (None, name), "role": (None, command.role.value)}
        await record_change(work, EventKind.API_KEY_CREATED, touched=[organization.id], changed=changed)
        return ApiKeyChanged(api_key_id=key_id, secret=secret)

    return await run_mutation(context, command, change, ApiKeyChanged)


async def revoke_api_key(context: Context, command: RevokeApiKey) -> ApiKeyChanged:
    """Revoke an API key; a key that is already revoked is left unchanged."""

    async def change(work: UnitOfWork) -> ApiKeyChanged:
        require(work.actor.role, Permission.MANAGE_ACCESS)
        found = await api_keys.by_ids(work.connection, [command.api_key_id], within=work.scope)
        if command.api_key_id not in found:
            raise not_found("API key", path=("input", "apiKeyId"))
        key = found[command.api_key_id]
        if await api_keys.revoke(work.connection, key.id, now=work.now):
            changed = {"apiKey": (key.name, None), "role": (key.role.value, None)}
            await record_change(work, EventKind.API_KEY_REVOKED, touched=[key.organization_id], changed=changed)
        return ApiKeyChanged(api_key_id=key.id)

    return await run_mutation(context, command, change, ApiKeyChanged)
