"""Signing in and out, and who a token belongs to."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import argon2

from db.access import api_keys
from db.access import sign_in as administrators
from db.access.sign_in import Caller, Credentials
from db.core.database import Database, DatabaseConnection
from db.organizations import queries as organizations
from domain.access import Actor, CallerKind, OrganizationRef
from domain.errors import InvalidCredentials, LimitExceeded, NotFound, not_found
from domain.scope import covers
from domain.users import EMAIL_LENGTH
from resolvers.core.context import Clock, Context

TOKEN_LIFETIME = timedelta(hours=12)
ATTEMPTS = 10
ATTEMPT_WINDOW = timedelta(minutes=15)
KEY_USE_PRECISION = timedelta(minutes=1)
"""How exactly the last use of a key is remembered; noting every request would make every read a write."""

KEY_PREFIX = "dtk_"
TOKEN_PREFIX = "dts_"  # noqa: S105 - what tells a session's token from a key, no secret

_hasher = argon2.PasswordHasher()
_hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
"""A check takes 64 MiB and a tenth of a second: however many sign in at once, two are checked at a time."""

_NOBODY = _hasher.hash(secrets.token_urlsafe())
"""Checked when the address is unknown, so that the answer takes as long as a wrong password."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new token, shown once."""

    token: str
    expires_at: datetime


def digest(secret: str) -> str:
    """What is stored of a token or a key. They are long random texts, so a fast hash keeps them safe."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(prefix: str) -> str:
    """A new token or key."""
    return prefix + secrets.token_urlsafe(32)


def hash_password(password: str) -> str:
    """The argon2 hash of a password."""
    return _hasher.hash(password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except argon2.exceptions.VerificationError:
        return False


async def hashed(password: str) -> str:
    """As `hash_password`, beside other requests."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, hash_password, password)


async def fits(known: Credentials | None, password: str) -> bool:
    """Whether it is the password; finding out takes as long where there is none."""
    password_hash = known.password_hash if known and known.password_hash else _NOBODY
    right = await asyncio.get_running_loop().run_in_executor(_hashing, _verify, password_hash, password)
    return right and known is not None


async def sign_in(context: Context, *, email: str, password: str) -> SignedIn:
    """A token for an administrator's mail address and password. Raises InvalidCredentials, or LimitExceeded."""
    now = context.clock()
    known = None
    if len(email) <= EMAIL_LENGTH:
        known = await attempt(context, email, now=now, path=("input", "email"))
    right = await fits(known, password)
    if known is None or not right:
        raise InvalidCredentials("Wrong email address or password.", path=("input",))
    async with context.database.write() as connection:
        return await let_in(connection, known.administrator_id, email, now=now)


async def let_in(connection: DatabaseConnection, administrator_id: int, email: str, *, now: datetime) -> SignedIn:
    """A new token for an authenticated administrator."""
    token = new_secret(TOKEN_PREFIX)
    expires_at = now + TOKEN_LIFETIME
    await administrators.delete_attempts(connection, email)
    await administrators.add_token(connection, administrator_id, digest(token), now=now, expires_at=expires_at)
    return SignedIn(token, expires_at)


async def attempt(context: Context, email: str, *, now: datetime, path: tuple[str, ...]) -> Credentials | None:
    """Note an attempt before it is checked, so that many at once count as many; what it is to be checked against.

    Raises LimitExceeded after ten that failed.
    """
    async with context.database.write() as connection:
        await connection.advisory_lock(f"sign-in {digest(email)}")
        if await administrators.attempt_count(connection, email, since=now - ATTEMPT_WINDOW) >= ATTEMPTS:
            raise LimitExceeded(
                f"Too many failed sign-ins with this address; wait {ATTEMPT_WINDOW.seconds // 60} minutes.", path=path
            )
        await administrators.record_attempt(connection, email, now=now)
        return await administrators.credentials(connection, email)


async def sign_out(context: Context) -> None:
    """End the token that this request came with. An API key is not ended: it is revoked."""
    if context.actor.kind is CallerKind.ADMINISTRATOR and context.token_digest is not None:
        async with context.database.write() as connection:
            await administrators.delete_token(connection, context.token_digest)


class Authentication(NamedTuple):
    """Whom a token belongs to, acting from where."""

    actor: Actor
    single_root: bool
    key_unnoted: bool
    """The token is an API key whose use should be noted."""
    token_digest: str
    invitations_over: bool
    """The time of some invitations is over, and they are to be ended before anybody looks at what they hold."""


async def authenticate(database: Database, clock: Clock, *, token: str, acting_id: int | None) -> Authentication | None:
    """The caller of a token or key, acting from an organization at or below theirs; None if it is not valid.

    Raises NotFound if the named organization is not at or below theirs.
    """
    kind = CallerKind.API_KEY if token.startswith(KEY_PREFIX) else CallerKind.ADMINISTRATOR
    return await resume(database, clock, kind=kind, token_digest=digest(token), acting_id=acting_id)


async def resume(
    database: Database, clock: Clock, *, kind: CallerKind, token_digest: str, acting_id: int | None
) -> Authentication | None:
    """As `authenticate`, by the digest of the token or key."""
    now = clock()
    find = administrators.by_keys if kind is CallerKind.API_KEY else administrators.by_tokens
    caller: Caller | None = await database.batch_loader.load(find, token_digest)
    if caller is None or (caller.expires_at is not None and caller.expires_at <= now):
        return None
    home = acting = OrganizationRef(caller.organization_id, caller.organization_path)
    if acting_id is not None and acting_id != home.id:
        path: str | None = await database.batch_loader.load(organizations.paths, acting_id)
        if path is None or not covers(home.path, path):
            raise _no_such_organization()
        acting = OrganizationRef(acting_id, path)
    actor = Actor(kind, caller.id, caller.name, caller.email, caller.role, home, acting)
    return Authentication(
        actor,
        caller.roots == 1,
        token_digest=token_digest,
        key_unnoted=kind is CallerKind.API_KEY and _is_unnoted(caller, now),
        invitations_over=caller.next_invitation_expiry is not None and caller.next_invitation_expiry <= now,
    )


def _no_such_organization() -> NotFound:
    return not_found("organization", path=("Dialtree-Organization",))


def _is_unnoted(caller: Caller, now: datetime) -> bool:
    return caller.last_used_at is None or now - caller.last_used_at > KEY_USE_PRECISION


async def note_key_use(database: Database, clock: Clock, key_id: int) -> None:
    """Remember that a key was used."""
    async with database.write() as connection:
        await api_keys.record_use(connection, key_id, now=clock())
