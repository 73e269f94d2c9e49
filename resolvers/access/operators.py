"""Manage administrators, API keys and secrets from the server's command line, without a signed-in caller."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from db.access import api_keys, authentication
from db.access import changes as administrator_changes
from db.access import secrets as stored_secrets
from db.core.database import Database, DatabaseConnection
from db.organizations import queries as organizations
from domain.access import Role
from domain.emails import clean_email
from domain.errors import AlreadyExists, InvalidInput
from domain.passwords import check_password
from domain.scope import path_ids
from domain.texts import clean_name, normalize
from resolvers.access.password_hashing import hash_password
from resolvers.access.sign_in import KEY_PREFIX, digest, new_secret


async def create_administrator(
    database: Database,
    *,
    email: str,
    name: str | None,
    organization_id: int,
    role: Role,
    password: str,
    now: datetime,
) -> int:
    """Create an administrator with a password and return the id. Raises AlreadyExists for a known email address."""
    address = clean_email(email, path=("email",))
    person = clean_name(name or address.partition("@")[0], noun="name", path=("name",))
    password_hash = await hash_password(check_password(password, email=address, name=person, path=("password",)))
    async with database.write(bulk=True) as connection:
        if await authentication.credentials(connection, address) is not None:
            raise AlreadyExists(f"There is already an administrator {address}.", path=("email",))
        return await administrator_changes.insert_administrator(
            connection,
            organization_id=organization_id,
            name=person,
            email=address,
            role=role,
            password_hash=password_hash,
            now=now,
        )


async def create_key(
    database: Database,
    *,
    name: str,
    organization_id: int,
    role: Role,
    expires_in: timedelta | None,
    now: datetime,
) -> str:
    """Create an API key and return its secret, of which only a digest is stored.

    Raises AlreadyExists if an active key of the same root has the name.
    """
    cleaned = clean_name(name, noun="name", path=("name",))
    secret = new_secret(KEY_PREFIX)
    async with database.write(bulk=True) as connection:
        same_name = await api_keys.unrevoked(connection, cleaned)
        active = [key.organization_id for key in same_name if key.expires_at is None or key.expires_at > now]
        if await _roots(connection, [organization_id]) & await _roots(connection, active):
            raise AlreadyExists(f"There is already an API key {cleaned!r}. Revoke it first.", path=("name",))
        await api_keys.insert_key(
            connection,
            organization_id=organization_id,
            name=cleaned,
            role=role,
            digest=digest(secret),
            now=now,
            expires_at=None if expires_in is None else now + expires_in,
        )
    return secret


async def revoke_key(database: Database, *, name: str, now: datetime, organization_id: int | None = None) -> int:
    """Revoke the API keys with a name, only those of the organization if one is given, and return their number.

    Raises InvalidInput if several roots have keys with the name, which are those of different customers.
    """
    async with database.write(bulk=True) as connection:
        keys = await api_keys.unrevoked(connection, normalize(name))
        if organization_id is not None:
            keys = [key for key in keys if key.organization_id == organization_id]
        elif len(await _roots(connection, [key.organization_id for key in keys])) > 1:
            raise InvalidInput(
                f"Several root organizations have a key {name!r}. Name that of the key with --organization.",
                path=("name",),
            )
        await api_keys.revoke_all(connection, keys, now=now)
        return len(keys)


async def _roots(connection: DatabaseConnection, organization_ids: Sequence[int]) -> set[int]:
    """The ids of the roots of organizations."""
    return {path_ids(path)[0] for path in (await organizations.paths(connection, organization_ids)).values()}


async def shared_secret(database: Database) -> str:
    """Return the secret that all processes of the deployment share, creating it on first use."""
    async with database.read() as connection:
        secret = await stored_secrets.find(connection, "links")
    if secret is not None:
        return secret
    async with database.write(bulk=True) as connection:
        return await stored_secrets.get_or_create(connection, "links", proposed=secrets.token_urlsafe(32))
