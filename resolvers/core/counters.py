"""Count the changes of a mutation.

On PostgreSQL, changes are appended at the end of the transaction, and `resolvers.core.folding` adds them to the
counters. On SQLite, and in changes to the tree, which exclude all others, the counters are updated directly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from db.usage import rollups
from db.usage import unfolded as unfolded_totals
from db.usage.rollups import RollupDelta
from db.utilization import counters, unfolded
from db.utilization.unfolded import Delta
from domain.utilization import InventoryChange
from resolvers.core.alerts import alert_mails
from resolvers.core.unit_of_work import UnitOfWork


async def count_inventory(work: UnitOfWork, changes: Sequence[InventoryChange], *, paths: Mapping[int, str]) -> None:
    """Count numbers that changed their holder or status; `paths` has the path of each holder."""
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


async def count_totals(work: UnitOfWork, deltas: Iterable[RollupDelta]) -> None:
    """Add to the totals of usage and users."""
    if work.appends_counters:
        work.unfolded_totals.extend(deltas)
    else:
        await rollups.add(work.connection, deltas)


def note_threshold(work: UnitOfWork, organization_id: int, *, before: int, after: int) -> None:
    """Record a changed threshold. Alerts use the threshold that applied when the numbers changed."""
    if work.appends_counters:
        work.unfolded.append(Delta(organization_id=organization_id, threshold_before=before, threshold_after=after))
    else:
        work.deltas.thresholds[organization_id] = (before, after)


async def settle_counters(work: UnitOfWork) -> None:
    """Append the counted changes, or queue the alerts that they cause. Call it at the end of the transaction."""
    if work.unfolded:
        await unfolded.append(work.connection, work.unfolded, root_id=work.root_id)
        work.has_appended = True
    if work.unfolded_totals:
        await unfolded_totals.append(work.connection, work.unfolded_totals, root_id=work.root_id)
        work.has_appended = True
    work.mails.extend(await alert_mails(work.connection, [work.deltas], deployment=work.context.deployment))
