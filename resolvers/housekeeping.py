"""Periodic clean-up across all nouns."""

from __future__ import annotations

from db.access import authentication
from db.access import changes as administrator_changes
from db.core import idempotency, limits
from resolvers.access.passwords import EXPIRED_LINK_RETENTION
from resolvers.core.context import Context
from resolvers.core.transactions import IDEMPOTENCY_KEY_LIFETIME
from resolvers.jobs.retention import delete_old_jobs
from resolvers.uploads.files import delete_expired_uploads
from resolvers.users.expiry import expire_invitations


async def clean_up(context: Context) -> None:
    """Expire overdue invitations; delete expired tokens, links, idempotency keys, limits, jobs and uploads."""
    await expire_invitations(context)
    now = context.clock()
    await delete_expired_uploads(context)
    await delete_old_jobs(context)
    async with context.write() as connection:
        await administrator_changes.delete_expired_links(connection, now=now - EXPIRED_LINK_RETENTION)
        await authentication.delete_expired_tokens(connection, now=now)
        await limits.delete_ended(connection, now=now)
        await idempotency.delete_expired(connection, expired=now - IDEMPOTENCY_KEY_LIFETIME)
