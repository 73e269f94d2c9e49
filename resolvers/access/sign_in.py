"""Sign in and out, and authenticate requests by their token."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from db.access import api_keys, authentication
from db.access import changes as administrator_changes
from db.access.authentication import Caller
from db.core.database import Database, DatabaseConnection, TransactionAborted
from db.organizations import queries as organizations
from db.users import invitations
from domain.access import Actor, CallerKind, OrganizationRef
from domain.errors import Forbidden, InvalidCredentials, RequestFailed, SessionEnded, not_found
from domain.scope import covers, root_of
from resolvers.access.attempts import admit, record_attempt, take_attempt_back
from resolvers.access.password_hashing import verify_password
from resolvers.core.context import Clock, Context
from resolvers.core.transactions import with_retries

TOKEN_LIFETIME = timedelta(hours=12)
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
    credentials = await record_attempt(context, email, now=now, path=("input", "email"))
    verified = await verify_password(credentials, password)
    refusal = InvalidCredentials("Wrong email address or password.", path=("input",))
    if credentials is None or not verified:
        raise refusal
    administrator_id = credentials.administrator_id

    async def attempt() -> Session:
        async with context.write() as connection:
            await administrator_changes.lock(connection, administrator_id)
            # A password that was changed while it was verified ends all sessions: the new one must not escape it.
            if await authentication.credentials(connection, email) != credentials:
                raise refusal
            session = await create_session(context, connection, administrator_id, email, now=now)
            await take_attempt_back(context, connection, now=now)
            return session

    return await with_retries(attempt)


async def create_session(
    context: Context, connection: DatabaseConnection, administrator_id: int, email: str, *, now: datetime
) -> Session:
    """Create a session for an administrator and forget the failed sign-ins with the email address."""
    session = await insert_session(connection, administrator_id, now=now, signed_in_at=now)
    await authentication.set_last_sign_in(connection, administrator_id, now=now)
    await admit(context, connection, email, now=now)
    return session


async def insert_session(
    connection: DatabaseConnection, administrator_id: int, *, now: datetime, signed_in_at: datetime
) -> Session:
    """Store the token of a new session, which begins now; `signed_in_at` is when the administrator signed in."""
    session = Session(new_secret(TOKEN_PREFIX), now + TOKEN_LIFETIME)
    await authentication.insert_token(
        connection,
        administrator_id,
        digest(session.token),
        now=now,
        signed_in_at=signed_in_at,
        expires_at=session.expires_at,
    )
    return session


async def sign_out(context: Context) -> None:
    """Invalidate the session token of the request. An API key stays valid until it is revoked."""
    token_digest = context.token_digest
    if context.actor.kind is CallerKind.ADMINISTRATOR and token_digest is not None:

        async def attempt() -> None:
            async with context.write() as connection:
                await authentication.delete_token(connection, token_digest)

        await with_retries(attempt)


class Authentication(NamedTuple):
    """An authenticated caller and what the endpoint has to do before it runs the request."""

    actor: Actor
    single_root: bool
    last_used_outdated: bool
    """Whether the caller is an API key whose last use must be recorded."""
    token_digest: str
    invitations_expired: bool
    """Whether invitations at the caller's root have expired, which must be ended before the request reads anything."""


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
    home = OrganizationRef(caller.organization_id, caller.organization_path)
    acting = home if acting_id is None else await _acting_from(database, home, acting_id)
    return Authentication(
        _actor(kind, caller, home, acting),
        single_root=caller.root_count == 1,
        last_used_outdated=kind is CallerKind.API_KEY and _is_last_used_outdated(caller, now),
        token_digest=token_digest,
        invitations_expired=caller.next_invitation_expiry is not None
        and caller.next_invitation_expiry <= now
        and await _has_expired_invitations(database, root_of(home.path), now),
    )


async def _has_expired_invitations(database: Database, root_id: int, now: datetime) -> bool:
    """Whether invitations at a root have expired; asked only while there are any in the deployment."""
    async with database.read() as connection:
        return bool(await invitations.organizations_with_expired(connection, now=now, within=f"{root_id}/"))


async def authenticate_again(context: Context) -> None:
    """Authenticate the caller of a long request again, who may act from elsewhere or have another role by now.

    Raises SessionEnded if the token is no longer valid, and NotFound if the acting organization is out of reach.
    """
    actor = context.actor
    authentication = await authenticate_digest(
        context.database,
        context.clock,
        kind=actor.kind,
        token_digest=context.token_digest or "",
        acting_id=actor.acting.id,
    )
    if authentication is None:
        raise SessionEnded
    context.single_root = authentication.single_root
    if authentication.actor != actor:
        context.replace_caller(authentication.actor)


async def _acting_from(database: Database, home: OrganizationRef, acting_id: int) -> OrganizationRef:
    if acting_id == home.id:
        return home
    path: str | None = await database.batch_loader.load(organizations.paths, acting_id)
    if path is None or not covers(home.path, path):
        raise not_found("organization", path=("Dialtree-Organization",))
    return OrganizationRef(acting_id, path)


def _actor(kind: CallerKind, caller: Caller, home: OrganizationRef, acting: OrganizationRef) -> Actor:
    return Actor(kind, caller.id, caller.name, caller.email, caller.role, home, acting)


async def authenticate_absent(
    database: Database, clock: Clock, *, kind: CallerKind, caller_id: int, acting_id: int
) -> Authentication:
    """Authenticate the caller who asked for a job earlier, whether or not they are still signed in.

    Raises Forbidden for an administrator who was deleted and for an API key that has ended, NotFound unless the
    organization is the caller's or below it.
    """
    is_key = kind is CallerKind.API_KEY
    find = authentication.key_by_id if is_key else authentication.administrator_by_id
    async with database.read() as connection:
        caller = await find(connection, caller_id)
    if caller is None or (caller.expires_at is not None and caller.expires_at <= clock()):
        ended = "API key that asked for this was revoked or has expired" if is_key else "administrator was deleted"
        raise Forbidden(f"The {ended}.")
    home = OrganizationRef(caller.organization_id, caller.organization_path)
    actor = _actor(kind, caller, home, await _acting_from(database, home, acting_id))
    return Authentication(
        actor, single_root=caller.root_count == 1, last_used_outdated=False, token_digest="", invitations_expired=False
    )


def _is_last_used_outdated(caller: Caller, now: datetime) -> bool:
    return caller.last_used_at is None or now - caller.last_used_at > LAST_USED_PRECISION


async def record_key_use(database: Database, clock: Clock, key_id: int) -> None:
    """Record the current time as the last use of an API key. If that fails, a later request does it."""
    with contextlib.suppress(TransactionAborted, RequestFailed):
        async with database.write() as connection:
            await api_keys.set_last_used(connection, key_id, now=clock())
