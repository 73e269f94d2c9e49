"""The credentials of a demo. They are stored readably, which only a demo may do: its inventory is generated."""

from __future__ import annotations

import secrets
from datetime import datetime

from db.access import api_keys, authentication
from db.access import changes as administrator_changes
from db.access import secrets as stored_secrets
from db.core.database import Database
from domain.access import Role
from resolvers.access.password_hashing import hash_password, verify_password
from resolvers.access.sign_in import KEY_PREFIX, digest, new_secret

PASSWORD = "demo password"  # noqa: S105 - the name under which it is stored
KEY = "demo key"


async def stored_password(database: Database, *, email: str) -> str | None:
    """Return an administrator's stored password, after setting it if it is not theirs; None for an unknown address."""
    async with database.write(bulk=True) as connection:
        # Servers that start together agree on one password and one key.
        await connection.advisory_lock(PASSWORD)
        credentials = await authentication.credentials(connection, email)
        if credentials is None:
            return None
        password = await stored_secrets.get_or_create(connection, PASSWORD, proposed=secrets.token_urlsafe(12))
        if not await verify_password(credentials, password):
            password_hash = await hash_password(password)
            await administrator_changes.set_password_hash(connection, credentials.administrator_id, password_hash)
        return password


async def stored_key(database: Database, *, name: str, organization_id: int, role: Role, now: datetime) -> str:
    """Return the secret of the stored API key, after creating one if there is none or if it was revoked."""
    async with database.write(bulk=True) as connection:
        await connection.advisory_lock(KEY)
        stored = await stored_secrets.find(connection, KEY)
        if stored is not None and await authentication.callers_by_key(connection, [digest(stored)]):
            return stored
        secret = new_secret(KEY_PREFIX)
        await api_keys.revoke_all(connection, await api_keys.unrevoked(connection, name), now=now)
        await api_keys.insert_key(
            connection,
            organization_id=organization_id,
            name=name,
            role=role,
            digest=digest(secret),
            now=now,
            expires_at=None,
        )
        await stored_secrets.replace(connection, KEY, secret)
        return secret
