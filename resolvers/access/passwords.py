"""Passwords: setting one by a mail's link, asking for such a link, and changing one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from db.access import changes as administrator_changes
from db.access import sign_in as administrators
from db.access.changes import PasswordLink
from db.core.database import DatabaseConnection
from domain.access import CallerKind
from domain.errors import Expired, Forbidden, InvalidCredentials, NotFound
from domain.invitations import PASSWORD_RESET_LIFETIME
from domain.passwords import check_password
from domain.users import EMAIL_LENGTH
from mail.links import new_seed
from mail.messages import Facts, PasswordReset
from mail.outbox import OutgoingMail, enqueue_one
from resolvers.access.sign_in import SignedIn, attempt, digest, fits, hashed, let_in
from resolvers.core.context import Context
from resolvers.core.transactions import with_retries

TOKEN_PATH = ("input", "token")
MOST_LINKS = 5
"""Maximum valid password links per administrator; further requests send no mail."""

ANSWER_SECONDS = 0.05
"""How long a request for a link takes at least, so that its time does not tell whether the address is known."""

EXPIRED_LINK_RETENTION = timedelta(days=30)
"""How long an expired link is still recognized as expired."""


async def request_password_reset(context: Context, email: str) -> None:
    """Mail a link to the administrator who has this address; the same answer where there is none."""
    loop = asyncio.get_running_loop()
    answered_at = loop.time() + ANSWER_SECONDS
    if len(email) <= EMAIL_LENGTH:
        await with_retries(lambda: _mail_link(context, email))
        context.deployment.mail_queued.set()
    await asyncio.sleep(answered_at - loop.time())


async def _mail_link(context: Context, email: str) -> None:
    now = context.clock()
    async with context.database.write() as connection:
        known = await administrator_changes.lock_by_email(connection, email, now=now)
        if known is None or known.live_links >= MOST_LINKS:
            return
        expires_at = now + PASSWORD_RESET_LIFETIME

        def facts(seed: str) -> PasswordReset:
            return PasswordReset(name=known.name, expires_at=expires_at, time_zone=known.time_zone, seed=seed)

        await post_link(
            context,
            connection,
            known.id,
            facts,
            to=known.email,
            organization_id=known.organization_id,
            now=now,
            expires_at=expires_at,
        )


async def post_link(
    context: Context,
    connection: DatabaseConnection,
    administrator_id: int,
    facts: Callable[[str], Facts],
    *,
    to: str,
    organization_id: int,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Queue a mail with a password link; `facts` makes the mail from the link's seed."""
    seed = new_seed()
    mail = OutgoingMail(facts(seed), (to,), organization_id)
    mail_id = await enqueue_one(connection, mail, now=now)
    await administrator_changes.add_link(
        connection,
        administrator_id,
        digest=digest(context.deployment.links.token(seed)),
        mail_id=mail_id,
        expires_at=expires_at,
    )


async def find_link(context: Context, token: str) -> str:
    """The mail address of the administrator whose password the token can set.

    Raises NotFound for a token that leads nowhere, Expired for a late one.
    """
    async with context.database.read() as connection:
        return (await _find_link(connection, token, now=context.clock())).email


async def _find_link(connection: DatabaseConnection, token: str, *, now: datetime) -> PasswordLink:
    link = await administrator_changes.password_link(connection, digest(token))
    if link is None:
        raise NotFound("This link is no longer valid. It was used or replaced. Ask for a new one.", path=TOKEN_PATH)
    if link.expires_at <= now:
        raise Expired("The link has expired. Ask for a new one.", path=TOKEN_PATH)
    return link


async def set_password(context: Context, *, token: str, password: str) -> SignedIn:
    """Set a password by a single-use link. Sessions of the old password end; the caller gets a new one."""
    await find_link(context, token)
    password_hash = await hashed(check_password(password, path=("input", "password")))

    async def once() -> SignedIn:
        now = context.clock()
        async with context.database.write() as connection:
            link = await _find_link(connection, token, now=now)
            await administrator_changes.lock(connection, link.administrator_id)
            # Read again once the lock stands: of two with the same link one comes too late.
            link = await _find_link(connection, token, now=now)
            await _store(connection, link.administrator_id, password_hash)
            return await let_in(connection, link.administrator_id, link.email, now=now)

    return await with_retries(once)


async def change_password(context: Context, *, current: str, new: str) -> None:
    """Change one's own password; every other token of the administrator ends."""
    actor = context.actor
    if actor.kind is not CallerKind.ADMINISTRATOR or actor.email is None:
        raise Forbidden("An API key has no password; administrators change theirs when they are signed in.")
    check_password(new, path=("input", "newPassword"))
    known = await attempt(context, actor.email, now=context.clock(), path=("input", "currentPassword"))
    if not await fits(known, current):
        raise InvalidCredentials("The current password is wrong.", path=("input", "currentPassword"))
    password_hash = await hashed(new)
    async with context.database.write() as connection:
        await _store(connection, actor.id, password_hash, but=context.token_digest or "")
        await administrators.delete_attempts(connection, actor.email)


async def _store(connection: DatabaseConnection, administrator_id: int, password_hash: str, *, but: str = "") -> None:
    """Store a password; links and tokens that came before it end."""
    await administrators.set_password_hash(connection, administrator_id, password_hash)
    await administrator_changes.delete_links(connection, administrator_id)
    await administrator_changes.delete_tokens(connection, administrator_id, but=but)
