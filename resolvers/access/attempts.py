"""Limits on failed sign-ins, by account and by client address."""

from __future__ import annotations

from datetime import datetime

from db.access import authentication
from db.access.authentication import Credentials
from db.core import limits as counters
from db.core.database import DatabaseConnection
from domain.emails import EMAIL_LENGTH, mailbox_key
from domain.limits import (
    KNOWN_ADDRESS_LIFETIME,
    SIGN_IN_FROM_ADDRESS,
    SIGN_IN_FROM_KNOWN_ADDRESS,
    SIGN_IN_TO_ACCOUNT,
    Use,
    network_of,
)
from resolvers.core import limits
from resolvers.core.context import Context
from resolvers.core.transactions import with_retries


async def record_attempt(context: Context, email: str, *, now: datetime, path: tuple[str, ...]) -> Credentials | None:
    """Count a sign-in attempt and return the credentials to verify, if the email address is known.

    The attempt is counted before the password is verified, so that concurrent attempts all count. Raises LimitExceeded
    after too many failed attempts. The work does not depend on whether the email address is known.
    """

    async def attempt() -> Credentials | None:
        async with context.write() as connection:
            uses = [_use_of_address(context)]
            if len(email) <= EMAIL_LENGTH:
                uses.insert(0, await _use_of_account(context, connection, email, now=now, path=path))
            await limits.count(context, connection, uses, now=now)
            if len(email) > EMAIL_LENGTH:
                return None
            return await authentication.credentials(connection, email)

    return await with_retries(attempt)


async def take_attempt_back(context: Context, connection: DatabaseConnection, *, now: datetime) -> None:
    """Take back the attempt of a sign-in that succeeded from the counter of the client address.

    Earlier failures still count: an attacker could otherwise reset the counter by signing in to an own account.
    """
    await limits.take_back(context, connection, _use_of_address(context), now=now)


async def admit(context: Context, connection: DatabaseConnection, email: str, *, now: datetime) -> None:
    """Forget the failed sign-ins with an email address and make the client address known for it."""
    network = network_of(context.client_address)
    await limits.take_back(context, connection, Use(SIGN_IN_TO_ACCOUNT, [email], ()), now=now, reset=True)
    known = Use(SIGN_IN_FROM_KNOWN_ADDRESS, [email], (), within=network)
    await limits.take_back(context, connection, known, now=now, reset=True)
    await counters.restart(connection, _known_address(context, email), ends_at=now + KNOWN_ADDRESS_LIFETIME)


def _use_of_address(context: Context) -> Use:
    return Use(SIGN_IN_FROM_ADDRESS, [network_of(context.client_address)], ("input",))


async def _use_of_account(
    context: Context, connection: DatabaseConnection, email: str, *, now: datetime, path: tuple[str, ...]
) -> Use:
    """Return the use that counts for the account.

    Failures from an address that is known for the account count apart, so that an attacker cannot lock its owner out.
    """
    if await counters.is_running(connection, _known_address(context, email), now=now):
        return Use(SIGN_IN_FROM_KNOWN_ADDRESS, [email], path, within=network_of(context.client_address))
    return Use(SIGN_IN_TO_ACCOUNT, [email], path)


def _known_address(context: Context, email: str) -> str:
    return limits.hashed(context, "known address", mailbox_key(email), network_of(context.client_address))
