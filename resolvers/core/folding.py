"""Fold what changes have appended into the counters, and queue the alerts that it causes.

Any process may fold, several times a second; a root is folded by one of them at a time. The mails are queued in the
transaction that folds: a crash loses none, and none is sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from db.core.database import Database, DatabaseConnection, TransactionAborted
from db.organizations import queries as organizations
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
"""How long changes are collected before they are folded. The longer, the more of them each query adds up."""

POLL_SECONDS = 1.0
"""How often a process that appends nothing looks for what others, perhaps ended ones, have left."""

logger = logging.getLogger("dialtree.counters")


async def keep_folding(database: Database, deployment: Deployment, clock: Clock) -> None:
    """Fold until cancelled, where changes to counters are appended."""
    while database.appends_counters:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(deployment.counters_changed.wait(), POLL_SECONDS)
        deployment.counters_changed.clear()
        await asyncio.sleep(FOLD_SECONDS)
        try:
            await fold(database, deployment, now=clock())
        except Exception:
            logger.exception("cannot fold the counters; retrying")
            await asyncio.sleep(POLL_SECONDS)


async def fold(database: Database, deployment: Deployment, *, now: datetime) -> None:
    """Fold what is appended, except below roots that another process folds or whose tree is being changed."""
    mails: list[OutgoingMail] = []
    if not database.appends_counters:
        return
    # Another process that has folded the same changes in between leaves nothing to do.
    with contextlib.suppress(TransactionAborted):
        async with database.write(isolated=True) as connection:
            await unfolded.forget_foreign_mark(connection)
            pending = await unfolded.pending_roots(connection)
            if not pending:
                return
            root_ids = await connection.try_lock_counters(pending)
            mails = await _fold(connection, root_ids, deployment=deployment)
            await outbox.enqueue(connection, mails, now=now)
            if root_ids == pending:
                await unfolded.advance(connection)
    if mails:
        deployment.mail_queued.set()


async def fold_tree(work: UnitOfWork) -> None:
    """Fold what is appended below the root of a change that has locked the tree exclusively."""
    if work.context.database.appends_counters:
        work.mails.extend(await _fold(work.connection, [work.root_id], deployment=work.context.deployment))


async def _fold(
    connection: DatabaseConnection, root_ids: Sequence[int], *, deployment: Deployment
) -> list[OutgoingMail]:
    transactions = await unfolded.take(connection, root_ids)
    holders = {
        holder
        for delta in (delta for transaction in transactions for delta in transaction)
        for holder in (delta.organization_before, delta.organization_after)
        if holder is not None
    }
    paths = await organizations.paths(connection, sorted(holders))
    growths = []
    changes = []
    pending: dict[int, Counter[str]] = {}
    for transaction in transactions:
        deltas = UtilizationDeltas()
        moved = [change for delta in transaction if (change := delta.inventory_change) is not None]
        growths.append(counters.growth(moved, paths=paths, deltas=deltas))
        for delta in transaction:
            _note(delta, deltas, pending)
        changes.append(deltas)
    await counters.add(connection, *growths)
    await counters.add_pending(
        connection, {id_: (sums["invitations"], sums["without_number"]) for id_, sums in pending.items()}
    )
    return await alert_mails(connection, changes, deployment=deployment)


def _note(delta: Delta, deltas: UtilizationDeltas, pending: dict[int, Counter[str]]) -> None:
    """Add a change of a threshold to the deltas of its transaction, and one of pending invitations to their sums."""
    if delta.organization_id is None:
        return
    if delta.threshold_before is not None and delta.threshold_after is not None:
        deltas.thresholds[delta.organization_id] = (delta.threshold_before, delta.threshold_after)
    sums = pending.setdefault(delta.organization_id, Counter())
    sums["invitations"] += delta.pending_invitations
    sums["without_number"] += delta.pending_without_number
