"""Renew a session before its token expires."""

from __future__ import annotations

from datetime import timedelta

from db.access import authentication
from db.access import changes as administrator_changes
from domain.access import CallerKind
from domain.errors import Expired, Forbidden, Unauthenticated
from resolvers.access.sign_in import Session, insert_session
from resolvers.core.context import Context
from resolvers.core.transactions import with_retries

RENEWABLE_FOR = timedelta(days=30)
"""How long after the sign-in a session can be renewed."""

GRACE_PERIOD = timedelta(seconds=60)
"""How long a renewed token is still valid, for requests that were sent with it."""


async def renew_session(context: Context) -> Session:
    """Return a new token for the caller's session; the old one ends after the grace period.

    Raises Forbidden for an API key, and Expired 30 days after the sign-in.
    """
    actor, old_digest = context.actor, context.token_digest
    if actor.kind is not CallerKind.ADMINISTRATOR or old_digest is None:
        raise Forbidden("An API key is not a session. Only the token of a session can be renewed.")
    administrator_id = actor.id

    async def attempt() -> Session:
        now = context.clock()
        async with context.write() as connection:
            # A concurrent change of the password ends all sessions: the new one must not escape it.
            await administrator_changes.lock(connection, administrator_id)
            signed_in_at = await authentication.signed_in_at(connection, old_digest)
            if signed_in_at is None:
                raise Unauthenticated
            if now - signed_in_at >= RENEWABLE_FOR:
                raise Expired(f"You signed in {RENEWABLE_FOR.days} days ago. Sign in again.")
            session = await insert_session(connection, administrator_id, now=now, signed_in_at=signed_in_at)
            await authentication.shorten_token(connection, old_digest, expires_at=now + GRACE_PERIOD)
            return session

    return await with_retries(attempt)
