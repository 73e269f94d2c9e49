"""Carry what a mutation changes into the counters.

Usually on PostgreSQL, the changes are appended at the end of the transaction, and `resolvers.core.folding` adds them to
the counters. A change to the tree, and every change on SQLite, adds them at once: nothing else is written meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.utilization import counters, unfolded
from db.utilization.unfolded import Delta
from domain.utilization import InventoryChange
from resolvers.core.alerts import alert_mails
from resolvers.core.unit_of_work import UnitOfWork


async def count_inventory(work: UnitOfWork, changes: Sequence[InventoryChange], *, paths: Mapping[int, str]) -> None:
    """Count numbers that went to other holders or statuses; `paths` are those of the holders."""
    if work.appends_counters:
        work.unfolded.extend(Delta(*change) for change in changes if change.changes_counts)
    else:
        await counters.add(work.connection, counters.growth(changes, paths=paths, deltas=work.deltas))


async def count_pending(work: UnitOfWork, organization_id: int, *, invitations: int, without_number: int) -> None:
    """Count an organization's pending invitations, and those without a number."""
    if work.appends_counters:
        work.unfolded.append(
            Delta(
                organization_id=organization_id,
                pending_invitations=invitations,
                pending_without_number=without_number,
            )
        )
    else:
        await counters.add_pending(work.connection, {organization_id: (invitations, without_number)})


def note_threshold(work: UnitOfWork, organization_id: int, *, before: int, after: int) -> None:
    """Note an organization's new threshold: alerts compare utilization with the one of their time."""
    if work.appends_counters:
        work.unfolded.append(Delta(organization_id=organization_id, threshold_before=before, threshold_after=after))
    else:
        work.deltas.thresholds[organization_id] = (before, after)


async def settle_counters(work: UnitOfWork) -> None:
    """Append what was counted, or add the alerts that it causes to the mails; at the end of the transaction."""
    if work.unfolded:
        await unfolded.append(work.connection, work.unfolded, root_id=work.root_id)
        work.has_appended = True
    work.mails.extend(await alert_mails(work.connection, [work.deltas], deployment=work.context.deployment))
