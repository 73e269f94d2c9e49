"""What an operator does on the server itself: administrators, keys, and the recount."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from db.access import api_keys
from db.access import secrets as stored_secrets
from db.access import sign_in as administrators
from db.core.database import Database
from domain.access import Role
from domain.errors import AlreadyExists
from domain.passwords import check_password
from domain.texts import clean_name, normalize
from domain.users import clean_email
from resolvers.access.sign_in import KEY_PREFIX, digest, hash_password, new_secret


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
    """Create an administrator who can sign in, and return the id. Raises AlreadyExists for a known address."""
    address = clean_email(email, path=("email",))
    password_hash = hash_password(check_password(password, path=("password",)))
    async with database.write(bulk=True) as connection:
        if await administrators.credentials(connection, address) is not None:
            raise AlreadyExists(f"There is already an administrator {address}.", path=("email",))
        return await administrators.insert_administrator(
            connection,
            organization_id=organization_id,
            name=clean_name(name or address.partition("@")[0], noun="name", path=("name",)),
            email=address,
            role=role,
            password_hash=password_hash,
            now=now,
        )


async def set_password(database: Database, *, email: str, password: str) -> bool:
    """Set the password of an administrator; whether there is one of that address."""
    password_hash = hash_password(check_password(password, path=("password",)))
    async with database.write(bulk=True) as connection:
        known = await administrators.credentials(connection, email)
        if known is None:
            return False
        await administrators.set_password_hash(connection, known.administrator_id, password_hash)
        return True


async def create_key(
    database: Database,
    *,
    name: str,
    organization_id: int,
    role: Role,
    expires_in: timedelta | None,
    now: datetime,
) -> str:
    """Create an API key; its secret, which is stored hashed alone. Raises AlreadyExists for a name in use."""
    cleaned = clean_name(name, noun="name", path=("name",))
    secret = new_secret(KEY_PREFIX)
    async with database.write(bulk=True) as connection:
        if await api_keys.active_key_count(connection, cleaned, now=now):
            raise AlreadyExists(f"There is already a key {cleaned!r}; revoke it first.", path=("name",))
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


async def revoke_key(database: Database, *, name: str, now: datetime) -> int:
    """Revoke the keys of a name; how many there were."""
    async with database.write(bulk=True) as connection:
        return await api_keys.revoke_by_name(connection, normalize(name), now=now)


async def shared_secret(database: Database) -> str:
    """The secret that the processes on a database share; the first that asks makes it, and the others need not wait."""
    async with database.read() as connection:
        known = await stored_secrets.find(connection, "links")
    if known is not None:
        return known
    async with database.write(bulk=True) as connection:
        return await stored_secrets.get_or_create(connection, "links", proposed=secrets.token_urlsafe(32))
