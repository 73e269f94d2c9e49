"""Set a password by a mailed link, request such a link, and change your own password."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from db.access import authentication
from db.access import changes as administrator_changes
from db.access.changes import PasswordLink
from db.core.database import DatabaseConnection
from domain.access import CallerKind
from domain.emails import EMAIL_LENGTH
from domain.errors import Expired, Forbidden, InvalidCredentials, LimitExceeded, NotFound, Unauthenticated
from domain.invitations import PASSWORD_RESET_LIFETIME
from domain.limits import RESET_FROM_ADDRESS, RESET_TO_RECIPIENT, Use, network_of
from domain.passwords import check_password
from mail.messages import Facts, PasswordReset
from mail.outbox import OutgoingMail, enqueue_one
from resolvers.access.attempts import admit, record_attempt, take_attempt_back
from resolvers.access.password_hashing import hash_password, verify_password
from resolvers.access.sign_in import Session, create_session, digest
from resolvers.core import limits
from resolvers.core.context import Context
from resolvers.core.transactions import with_retries

TOKEN_PATH = ("input", "token")
MIN_RESPONSE_SECONDS = 0.05
"""Minimum duration of a request for a link, so that its timing does not reveal whether the email address is known."""

EXPIRED_LINK_RETENTION = timedelta(days=30)
"""How long an expired link is still recognized as expired."""


async def request_password_reset(context: Context, email: str) -> None:
    """Mail a password link to an administrator; do nothing if the email address is unknown or a limit is exceeded."""
    loop = asyncio.get_running_loop()
    respond_at = loop.time() + MIN_RESPONSE_SECONDS
    if len(email) <= EMAIL_LENGTH:
        with contextlib.suppress(LimitExceeded):
            await with_retries(lambda: _queue_reset_mail(context, email))
            context.deployment.mail_queued.set()
    await asyncio.sleep(respond_at - loop.time())


async def _queue_reset_mail(context: Context, email: str) -> None:
    now = context.clock()
    async with context.write() as connection:
        uses = (
            Use(RESET_FROM_ADDRESS, [network_of(context.client_address)], ()),
            Use(RESET_TO_RECIPIENT, [email], ()),
        )
        await limits.count(context, connection, uses, now=now)
        recipient = await administrator_changes.lock_by_email(connection, email)
        if recipient is None:
            return
        expires_at = now + PASSWORD_RESET_LIFETIME

        def facts(seed: str) -> PasswordReset:
            return PasswordReset(name=recipient.name, expires_at=expires_at, time_zone=recipient.time_zone, seed=seed)

        await queue_password_link(
            context,
            connection,
            recipient.id,
            facts,
            to=recipient.email,
            organization_id=recipient.organization_id,
            now=now,
            expires_at=expires_at,
        )


async def queue_password_link(
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
    """Create a password link and queue its mail; `facts` returns the content of the mail for the link's seed."""
    seed = context.deployment.links.new_seed()
    mail_id = await enqueue_one(connection, OutgoingMail(facts(seed), (to,), organization_id), now=now)
    await administrator_changes.insert_link(
        connection,
        administrator_id,
        digest=digest(context.deployment.links.token(seed)),
        mail_id=mail_id,
        expires_at=expires_at,
    )


async def email_for_token(context: Context, token: str) -> str:
    """Return the email address of the administrator whose password the token sets. Raises NotFound or Expired."""
    async with context.database.read() as connection:
        return (await _find_link(connection, token, now=context.clock())).email


async def _find_link(connection: DatabaseConnection, token: str, *, now: datetime) -> PasswordLink:
    link = await administrator_changes.password_link(connection, digest(token))
    if link is None:
        raise NotFound("This link is no longer valid. It was used or replaced. Request a new one.", path=TOKEN_PATH)
    if link.expires_at <= now:
        raise Expired("This link has expired. Request a new one.", path=TOKEN_PATH)
    return link


async def set_password(context: Context, *, token: str, password: str) -> Session:
    """Set a password with a single-use token. End all existing sessions and return a new one."""
    async with context.database.read() as connection:
        link = await _find_link(connection, token, now=context.clock())
    checked = check_password(password, email=link.email, name=link.name, path=("input", "password"))
    password_hash = await hash_password(checked)

    async def attempt() -> Session:
        now = context.clock()
        async with context.write() as connection:
            link = await _find_link(connection, token, now=now)
            await administrator_changes.lock(connection, link.administrator_id)
            # Read again under the lock: a concurrent request may have used the link.
            link = await _find_link(connection, token, now=now)
            await _replace_password(connection, link.administrator_id, password_hash)
            return await create_session(context, connection, link.administrator_id, link.email, now=now)

    return await with_retries(attempt)


async def change_password(context: Context, *, current: str, new: str) -> None:
    """Change the caller's own password and end their other sessions."""
    actor = context.actor
    if actor.kind is not CallerKind.ADMINISTRATOR or actor.email is None:
        raise Forbidden("An API key has no password. Sign in as an administrator to change yours.")
    now, email, token_digest = context.clock(), actor.email, context.token_digest or ""
    check_password(new, email=email, name=actor.name, path=("input", "newPassword"))
    credentials = await record_attempt(context, email, now=now, path=("input", "currentPassword"))
    if not await verify_password(credentials, current):
        raise InvalidCredentials("The current password is wrong.", path=("input", "currentPassword"))
    password_hash = await hash_password(new)

    async def attempt() -> None:
        async with context.write() as connection:
            await administrator_changes.lock(connection, actor.id)
            # A password that was set while this one was verified has ended this session.
            if (
                await authentication.credentials(connection, email) != credentials
                or await authentication.signed_in_at(connection, token_digest) is None
            ):
                raise Unauthenticated
            await _replace_password(connection, actor.id, password_hash, keep_token=token_digest)
            await admit(context, connection, email, now=now)
            await take_attempt_back(context, connection, now=now)

    await with_retries(attempt)


async def _replace_password(
    connection: DatabaseConnection, administrator_id: int, password_hash: str, *, keep_token: str = ""
) -> None:
    """Store a password hash, and delete the administrator's links and their tokens except the one to keep."""
    await administrator_changes.set_password_hash(connection, administrator_id, password_hash)
    await administrator_changes.delete_links(connection, administrator_id)
    await administrator_changes.delete_tokens(connection, administrator_id, keep=keep_token)
