"""What nobody asks for any more is dropped now and then."""

from __future__ import annotations

from db import administrators, idempotency
from db.database import Database
from resolvers.context import Clock
from resolvers.sign_in import ATTEMPT_WINDOW
from resolvers.transactions import KEPT


async def tidy(database: Database, clock: Clock) -> None:
    """Drop expired access tokens, old sign-in attempts and answers of idempotency keys."""
    now = clock()
    async with database.write() as connection:
        await administrators.delete_expired_tokens(connection, now=now)
        await administrators.forget_old_attempts(connection, since=now - ATTEMPT_WINDOW)
        await idempotency.delete_expired(connection, expired=now - KEPT)
