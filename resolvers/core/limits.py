"""Count uses towards the limits of `domain.limits`, in counters that all processes share."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from db.core import limits as counters
from db.core.database import DatabaseConnection
from domain.emails import mailbox_key
from domain.errors import LimitExceeded
from domain.limits import (
    MAIL_OF_ORGANIZATION,
    MAIL_TO_RECIPIENT,
    REQUEST_OF_ORGANIZATION,
    REQUEST_TO_SUPPLIER,
    Use,
    Window,
    wait_text,
)
from resolvers.core.context import Context
from resolvers.core.unit_of_work import UnitOfWork

CHUNK = 5_000
"""How many subjects a statement counts; more of them are prepared on a thread."""


def hashed(context: Context, *parts: str) -> str:
    """Return the key of a counter: a keyed hash, so that the table reveals no addresses."""
    return hmac.digest(context.deployment.secrets[0], "\n".join(parts).encode(), "sha256").hex()


def _keys(context: Context, use: Use, window: Window) -> dict[str, str]:
    """Return the subjects of a use by their keys, in the order of the keys."""
    name, length = use.limit.name, f"{window.length.total_seconds():g}"
    keys = {
        hashed(context, name, length, use.within, mailbox_key(subject)): subject for subject in reversed(use.subjects)
    }
    return dict(sorted(keys.items()))


async def count(context: Context, connection: DatabaseConnection, uses: Iterable[Use], *, now: datetime) -> None:
    """Count some uses. Raises LimitExceeded if that is more than a limit allows; roll the transaction back then.

    The counters are locked until the transaction ends: count last, and in the same order everywhere.
    """
    for use in uses:
        for window in use.limit.windows:
            if len(use.subjects) > CHUNK:
                keys = await asyncio.to_thread(_keys, context, use, window)
            else:
                keys = _keys(context, use, window)
            await _count_window(connection, use, window, keys, now=now)


async def _count_window(
    connection: DatabaseConnection, use: Use, window: Window, keys: dict[str, str], *, now: datetime
) -> None:
    in_order, ends_at = list(keys), now + window.length
    for start in range(0, len(in_order), CHUNK):
        chunk = in_order[start : start + CHUNK]
        for counter in await counters.add(connection, chunk, amount=use.amount, now=now, ends_at=ends_at):
            if counter.total > window.maximum:
                message = use.limit.message.format(keys[counter.subject])
                raise LimitExceeded(f"{message} Try again in {wait_text(counter.ends_at - now)}.", path=use.path)


async def take_back(
    context: Context, connection: DatabaseConnection, use: Use, *, now: datetime, reset: bool = False
) -> None:
    """Take a counted use back, or with `reset` everything that was counted for its subjects."""
    for window in use.limit.windows:
        amount = window.maximum if reset else use.amount
        await counters.take_back(connection, list(_keys(context, use, window)), amount=amount, now=now)


def limit_mails(work: UnitOfWork, recipients: Sequence[str], *, path: tuple[str, ...]) -> None:
    """Count mails to these recipients at the end of the change; a dry run counts none.

    Roots do not share counters: the refusal would tell one root whom another one writes to.
    """
    work.uses.append(Use(MAIL_TO_RECIPIENT, recipients, path, within=f"root {work.root_id}"))
    work.uses.append(Use(MAIL_OF_ORGANIZATION, [_home(work)], path, amount=len(recipients)))


def limit_requests(work: UnitOfWork, supplier: str, *, path: tuple[str, ...]) -> None:
    """Count a mail to the supplier at the end of the change."""
    work.uses.append(Use(REQUEST_OF_ORGANIZATION, [_home(work)], path))
    work.uses.append(Use(REQUEST_TO_SUPPLIER, [supplier], path, within=f"root {work.root_id}"))


def _home(work: UnitOfWork) -> str:
    """Return the organization whose total counts: where the caller's role is held, which no header changes."""
    return f"organization {work.actor.home.id}"
