"""The end of every change to numbers: the totals above the holders, and the result for the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from db.history.previews import previews
from db.numbers.change_parts import ChangeResult
from db.usage.user_rollups import rollup_deltas
from domain.calendar import quarter_of
from domain.scope import ancestor_ids, covers, path_ids
from resolvers.core.counters import count_inventory, count_totals
from resolvers.core.results import UtilizationChanged
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import NOTHING_CHANGED, SHOWN, NumbersChanged


async def complete_change(work: UnitOfWork, result: ChangeResult, *, unchanged_count: int = 0) -> NumbersChanged:
    """Carry a change into the counters and the roll-ups of users, and return what it did.

    `unchanged_count` is how many of the wanted numbers were as they should become.
    """
    if not result.changed_count:
        return replace(NOTHING_CHANGED, unchanged_count=unchanged_count)
    if result.is_counted:
        work.has_appended = True
    else:
        await count_inventory(work, result.inventory_changes, paths=result.paths)
    await count_totals(work, rollup_deltas(result.inventory_changes, result.paths, quarter_of(work.now)))
    return NumbersChanged(
        **utilization_changed(work, result.paths.values(), operation_id=result.operation).utilization(),
        changed_count=result.changed_count,
        number_ids=list(result.number_ids[:SHOWN]),
        unchanged_count=unchanged_count,
        preview=await previews(work.connection, result.operation, limit=SHOWN) if work.dry_run else [],
        record=result.record,
    )


def utilization_changed(work: UnitOfWork, paths: Iterable[str], *, operation_id: int) -> UtilizationChanged:
    """The result of an operation that changed the utilization of the organizations at these paths."""
    affected = affected_organizations(paths, scope=work.scope)
    return UtilizationChanged(
        organization_ids=affected[:SHOWN], organization_count=len(affected), operation_id=operation_id
    )


def affected_organizations(paths: Iterable[str], *, scope: str) -> list[int]:
    """The organizations at these paths and all above them, up to the acting one; from the top down."""
    top = len(ancestor_ids(scope))
    depths: dict[int, int] = {}
    for path in paths:
        if covers(scope, path):
            depths |= {id_: depth for depth, id_ in enumerate(path_ids(path)) if depth >= top}
    return sorted(depths, key=lambda id_: (depths[id_], id_))
