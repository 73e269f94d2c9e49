"""Users who come and go, rolled up like usage: told from the numbers that come into use and go out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from db.core.database import DatabaseConnection
from db.usage import rollups as period_sums
from db.usage.rollups import Counted
from domain.calendar import quarter_of
from domain.statuses import NumberStatus
from domain.usage import Figure
from domain.utilization import InventoryChange


async def apply(
    connection: DatabaseConnection, tallies: Iterable[InventoryChange], *, paths: Mapping[int, str], at: datetime
) -> None:
    """Carry a change into the roll-ups of its holders, whose paths are given, and of everything above them."""
    await period_sums.add(connection, counted(tallies, paths, quarter_of(at)))


def counted(tallies: Iterable[InventoryChange], paths: Mapping[int, str], quarter: int) -> Iterator[Counted]:
    """What a change in a quarter hour adds to the roll-ups, at the holders of its numbers."""
    for tally in tallies:
        was, is_ = (status == NumberStatus.IN_USE for status in (tally.status_before, tally.status_after))
        if was and tally.organization_before is not None:
            path = paths[tally.organization_before]
            yield Counted(path, Figure.REGISTERED, quarter, -tally.count, -tally.count)
        if is_ and tally.organization_after is not None:
            path = paths[tally.organization_after]
            yield Counted(path, Figure.REGISTERED, quarter, tally.count, tally.count)
            if not was:
                yield Counted(path, Figure.ACTIVATIONS, quarter, tally.count, tally.count)
