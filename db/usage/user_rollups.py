"""Users who come and go, rolled up like usage: told from the numbers that come into use and go out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from db.core.database import DatabaseConnection
from db.usage import rollups
from db.usage.rollups import RollupDelta
from domain.calendar import quarter_of
from domain.statuses import NumberStatus
from domain.usage import Metric
from domain.utilization import InventoryChange


async def apply(
    connection: DatabaseConnection, tallies: Iterable[InventoryChange], *, paths: Mapping[int, str], at: datetime
) -> None:
    """Carry a change into the roll-ups of its holders, whose paths are given, and of everything above them."""
    await rollups.add(connection, rollup_deltas(tallies, paths, quarter_of(at)))


def rollup_deltas(tallies: Iterable[InventoryChange], paths: Mapping[int, str], quarter: int) -> Iterator[RollupDelta]:
    """What a change in a quarter hour adds to the roll-ups, at the holders of its numbers."""
    for tally in tallies:
        was, is_ = (status == NumberStatus.IN_USE for status in (tally.status_before, tally.status_after))
        if was and tally.organization_before is not None:
            path = paths[tally.organization_before]
            yield RollupDelta(path, Metric.REGISTERED, quarter, -tally.count, -tally.count)
        if is_ and tally.organization_after is not None:
            path = paths[tally.organization_after]
            yield RollupDelta(path, Metric.REGISTERED, quarter, tally.count, tally.count)
            if not was:
                yield RollupDelta(path, Metric.ACTIVATIONS, quarter, tally.count, tally.count)
