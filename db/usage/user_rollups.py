"""Roll-ups of registered and activated users, derived from the numbers that enter or leave IN_USE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from db.usage.rollups import RollupDelta
from domain.statuses import NumberStatus
from domain.usage import Metric
from domain.utilization import InventoryChange


def rollup_deltas(changes: Iterable[InventoryChange], paths: Mapping[int, str], quarter: int) -> Iterator[RollupDelta]:
    """The roll-up deltas of inventory changes in a quarter hour, at the holders of the numbers."""
    for change in changes:
        was_in_use, is_in_use = (
            status == NumberStatus.IN_USE for status in (change.status_before, change.status_after)
        )
        if was_in_use and change.organization_before is not None:
            path = paths[change.organization_before]
            yield RollupDelta(path, Metric.REGISTERED, quarter, -change.count, -change.count)
        if is_in_use and change.organization_after is not None:
            path = paths[change.organization_after]
            yield RollupDelta(path, Metric.REGISTERED, quarter, change.count, change.count)
            if not was_in_use:
                yield RollupDelta(path, Metric.ACTIVATIONS, quarter, change.count, change.count)
