"""Fold: add the appended changes to the counters and totals, and queue the alerts that they cause.

Every process folds several times a second; a root is folded by one process at a time. The mails are queued in the
transaction that folds: a crash loses none, and none is sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from db.core.appended import Appended
from db.core.database import Database, DatabaseConnection, TransactionAborted
from db.core.retry_logger import RetryLogger
from db.organizations import queries as organizations
from db.usage import rollups
from db.usage import unfolded as unfolded_totals
from db.utilization import counters, unfolded
from db.utilization.deltas import UtilizationDeltas
from db.utilization.unfolded import Delta
from mail import outbox
from mail.outbox import OutgoingMail
from resolvers.core.alerts import alert_mails
from resolvers.core.context import Clock
from resolvers.core.deployment import Deployment
from resolvers.core.unit_of_work import UnitOfWork

FOLD_SECONDS = 0.1
"""How long changes are collected before they are folded. Every query adds up the collected changes."""

POLL_SECONDS = 1.0
"""How often a process without changes of its own folds those of others, which may have ended."""

logger = logging.getLogger("dialtree.counters")


async def keep_folding(database: Database, deployment: Deployment, clock: Clock) -> None:
    """Fold until cancelled, where changes to counters are appended."""
    log = RetryLogger(logger, "cannot fold the counters")
    while database.appends_counters:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(deployment.counters_changed.wait(), POLL_SECONDS)
        deployment.counters_changed.clear()
        await asyncio.sleep(FOLD_SECONDS)
        try:
            await fold(database, deployment, now=clock())
            log.success()
        except Exception:
            log.exception()
            await asyncio.sleep(POLL_SECONDS)


async def fold(database: Database, deployment: Deployment, *, now: datetime) -> None:
    """Fold all appended changes, except those of roots that are being folded or whose tree is being changed.

    Totals are folded by themselves: an import of usage may keep their rows locked for minutes.
    """
    if not database.appends_counters:
        return
    mails: list[OutgoingMail] = []

    async def fold_counters(connection: DatabaseConnection, root_ids: Sequence[int]) -> None:
        mails.extend(await _fold(connection, root_ids, deployment=deployment))
        await outbox.enqueue(connection, mails, now=now)

    if await _fold_pending(database, unfolded.APPENDED, fold_counters) and mails:
        deployment.mail_queued.set()
    await _fold_pending(database, unfolded_totals.APPENDED, _fold_totals)


async def _fold_pending(
    database: Database, appended: Appended, work: Callable[[DatabaseConnection, Sequence[int]], Awaitable[None]]
) -> bool:
    """Fold the rows of one table in a transaction; whether it was committed."""
    # Another process that has folded the same rows in between leaves nothing to do.
    with contextlib.suppress(TransactionAborted):
        async with database.write(isolated=True) as connection:
            pending = await appended.pending_roots(connection)
            if pending:
                root_ids = await connection.try_lock_counters(pending)
                await work(connection, root_ids)
                if root_ids == pending:
                    await appended.advance(connection)
        return True
    return False


async def fold_tree(work: UnitOfWork) -> None:
    """Fold the appended changes of a root whose tree this unit of work has locked exclusively."""
    if work.context.database.appends_counters:
        work.mails.extend(await _fold(work.connection, [work.root_id], deployment=work.context.deployment))
        await _fold_totals(work.connection, [work.root_id])


async def _fold_totals(connection: DatabaseConnection, root_ids: Sequence[int]) -> None:
    await rollups.add(connection, await unfolded_totals.take(connection, root_ids))


async def _fold(
    connection: DatabaseConnection, root_ids: Sequence[int], *, deployment: Deployment
) -> list[OutgoingMail]:
    transactions = await unfolded.take(connection, root_ids)
    every = [delta for transaction in transactions for delta in transaction]
    holders = {holder for delta in every for holder in (delta.organization_before, delta.organization_after) if holder}
    paths = await organizations.paths(connection, sorted(holders))
    changes = []
    growths = []
    for transaction in transactions:
        deltas = UtilizationDeltas(thresholds=_thresholds(transaction))
        moved = [change for delta in transaction if (change := delta.inventory_change) is not None]
        growths.append(counters.growth(moved, paths=paths, deltas=deltas))
        changes.append(deltas)
    await counters.add(connection, *growths)
    await counters.add_pending(connection, _pending(every))
    return await alert_mails(connection, changes, deployment=deployment)


def _thresholds(deltas: Iterable[Delta]) -> dict[int, tuple[int, int]]:
    """The thresholds before and after, by organization."""
    return {
        delta.organization_id: (delta.threshold_before, delta.threshold_after)
        for delta in deltas
        if delta.organization_id and delta.threshold_before is not None and delta.threshold_after is not None
    }


def _pending(deltas: Iterable[Delta]) -> dict[int, tuple[int, int]]:
    """How many pending invitations were added, and how many of them without a number, by organization."""
    sums: dict[int, tuple[int, int]] = {}
    for delta in deltas:
        if delta.organization_id and (delta.pending_invitations or delta.pending_without_number):
            invitations, without_number = sums.get(delta.organization_id, (0, 0))
            sums[delta.organization_id] = (
                invitations + delta.pending_invitations,
                without_number + delta.pending_without_number,
            )
    return sums
