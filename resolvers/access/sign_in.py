"""Sign in and out, and authenticate requests by their token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from db.access import api_keys, authentication
from db.access.authentication import Caller, Credentials
from db.core.database import Database, DatabaseConnection
from db.organizations import queries as organizations
from domain.access import Actor, CallerKind, OrganizationRef
from domain.errors import InvalidCredentials, LimitExceeded, not_found
from domain.scope import covers
from domain.users import EMAIL_LENGTH
from resolvers.access.password_hashing import verify_password
from resolvers.core.context import Clock, Context

TOKEN_LIFETIME = timedelta(hours=12)
MAX_FAILED_ATTEMPTS = 10
ATTEMPT_WINDOW = timedelta(minutes=15)
LAST_USED_PRECISION = timedelta(minutes=1)
"""How often the last use of an API key is updated: an update per request would turn every read into a write."""

KEY_PREFIX = "dtk_"
TOKEN_PREFIX = "dts_"  # noqa: S105 - distinguishes session tokens from API keys, not a secret


@dataclass(frozen=True, slots=True)
class Session:
    """A new session. The token is returned once; only its digest is stored."""

    token: str
    expires_at: datetime


def digest(secret: str) -> str:
    """Return the SHA-256 digest under which a token or key is stored.

    Tokens and keys are long and random, so they need no slow hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(prefix: str) -> str:
    """Return a new random token or key."""
    return prefix + secrets.token_urlsafe(32)


async def sign_in(context: Context, *, email: str, password: str) -> Session:
    """Create a session for an administrator. Raises InvalidCredentials or LimitExceeded."""
    now = context.clock()
    credentials = None
    if len(email) <= EMAIL_LENGTH:
        credentials = await record_attempt(context, email, now=now, path=("input", "email"))
    verified = await verify_password(credentials, password)
    if credentials is None or not verified:
        raise InvalidCredentials("Wrong email address or password.", path=("input",))
    async with context.database.write() as connection:
        return await create_session(connection, credentials.administrator_id, email, now=now)


async def create_session(
    connection: DatabaseConnection, administrator_id: int, email: str, *, now: datetime
) -> Session:
    """Create a session for an administrator and delete the sign-in attempts of the email address."""
    token = new_secret(TOKEN_PREFIX)
    expires_at = now + TOKEN_LIFETIME
    await authentication.delete_attempts(connection, email)
    await authentication.insert_token(connection, administrator_id, digest(token), now=now, expires_at=expires_at)
    return Session(token, expires_at)


async def record_attempt(context: Context, email: str, *, now: datetime, path: tuple[str, ...]) -> Credentials | None:
    """Record a sign-in attempt and return the credentials to verify, if the email address is known.

    The attempt is recorded before the password is verified, so that concurrent attempts all count. Raises LimitExceeded
    after too many failed attempts.
    """
    async with context.database.write() as connection:
        await connection.advisory_lock(f"sign-in {digest(email)}")
        if await authentication.attempt_count(connection, email, since=now - ATTEMPT_WINDOW) >= MAX_FAILED_ATTEMPTS:
            raise LimitExceeded(
                "Too many failed sign-ins with this email address. "
                f"Try again in {ATTEMPT_WINDOW.seconds // 60} minutes.",
                path=path,
            )
        await authentication.insert_attempt(connection, email, now=now)
        return await authentication.credentials(connection, email)


async def sign_out(context: Context) -> None:
    """Invalidate the session token of the request. An API key stays valid until it is revoked."""
    if context.actor.kind is CallerKind.ADMINISTRATOR and context.token_digest is not None:
        async with context.database.write() as connection:
            await authentication.delete_token(connection, context.token_digest)


class Authentication(NamedTuple):
    """An authenticated caller and what the endpoint has to do before it runs the request."""

    actor: Actor
    single_root: bool
    last_used_outdated: bool
    """Whether the caller is an API key whose last use must be recorded."""
    token_digest: str
    invitations_expired: bool
    """Whether invitations have expired that must be ended before the request reads anything."""


async def authenticate(database: Database, clock: Clock, *, token: str, acting_id: int | None) -> Authentication | None:
    """Authenticate a session token or API key; None if it is invalid or expired.

    `acting_id` selects the organization to act from. Raises NotFound unless it is the caller's or below it.
    """
    kind = CallerKind.API_KEY if token.startswith(KEY_PREFIX) else CallerKind.ADMINISTRATOR
    return await authenticate_digest(database, clock, kind=kind, token_digest=digest(token), acting_id=acting_id)


async def authenticate_digest(
    database: Database, clock: Clock, *, kind: CallerKind, token_digest: str, acting_id: int | None
) -> Authentication | None:
    """Authenticate by the digest of a session token or API key, as `authenticate` does."""
    now = clock()
    find = authentication.callers_by_key if kind is CallerKind.API_KEY else authentication.callers_by_token
    caller: Caller | None = await database.batch_loader.load(find, token_digest)
    if caller is None or (caller.expires_at is not None and caller.expires_at <= now):
        return None
    home = acting = OrganizationRef(caller.organization_id, caller.organization_path)
    if acting_id is not None and acting_id != home.id:
        path: str | None = await database.batch_loader.load(organizations.paths, acting_id)
        if path is None or not covers(home.path, path):
            raise not_found("organization", path=("Dialtree-Organization",))
        acting = OrganizationRef(acting_id, path)
    actor = Actor(kind, caller.id, caller.name, caller.email, caller.role, home, acting)
    return Authentication(
        actor,
        single_root=caller.root_count == 1,
        last_used_outdated=kind is CallerKind.API_KEY and _is_last_used_outdated(caller, now),
        token_digest=token_digest,
        invitations_expired=caller.next_invitation_expiry is not None and caller.next_invitation_expiry <= now,
    )


def _is_last_used_outdated(caller: Caller, now: datetime) -> bool:
    return caller.last_used_at is None or now - caller.last_used_at > LAST_USED_PRECISION


async def record_key_use(database: Database, clock: Clock, key_id: int) -> None:
    """Record the current time as the last use of an API key."""
    async with database.write() as connection:
        await api_keys.set_last_used(connection, key_id, now=clock())
