"""What nobody asks for any more is dropped now and then."""

from __future__ import annotations

from db.access import changes as administrator_changes
from db.access import sign_in as administrators
from db.core import idempotency
from resolvers.access.passwords import LINK_KEPT
from resolvers.access.sign_in import ATTEMPT_WINDOW
from resolvers.core.context import Context
from resolvers.core.transactions import IDEMPOTENCY_KEY_LIFETIME
from resolvers.users.expiry import end_invitations


async def tidy(context: Context) -> None:
    """End invitations whose time is over; drop expired tokens and links, old attempts and answers of keys."""
    await end_invitations(context)
    now = context.clock()
    async with context.database.write() as connection:
        await administrator_changes.delete_expired_links(connection, now=now - LINK_KEPT)
        await administrators.delete_expired_tokens(connection, now=now)
        await administrators.delete_old_attempts(connection, since=now - ATTEMPT_WINDOW)
        await idempotency.delete_expired(connection, expired=now - IDEMPOTENCY_KEY_LIFETIME)
