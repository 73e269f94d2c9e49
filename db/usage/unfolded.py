"""What PostgreSQL has appended instead of adding it to totals at once; see `db.core.appended`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, Integer, SmallInteger, Text, column
from sqlalchemy import table as light_table

from db.core.appended import Appended
from db.core.database import DatabaseConnection
from db.core.tables import TotalDeltaRow
from db.core.types import Identifier
from db.usage.rollups import METRICS, RollupDelta, merge

UNFOLDED_TOTALS = light_table(
    "unfolded_totals",
    column("organization_id", Identifier),
    column("figure", SmallInteger),
    column("quarter", Integer),
    column("billable", BigInteger),
    column("total", BigInteger),
    column("time_zone", Text),
)
"""What is to be added to the totals of each organization, with its time zone; always empty on SQLite."""

APPENDED = Appended(TotalDeltaRow, ("path", "figure", "quarter", "billable", "total"), mark="totals_xact")


async def append(connection: DatabaseConnection, deltas: Iterable[RollupDelta], *, root_id: int) -> None:
    """Append what is to be added to totals below a root."""
    rows = [
        {"path": path, "figure": int(metric), "quarter": quarter, "billable": billable, "total": total}
        for (path, metric, quarter), (billable, total) in (await merge(deltas)).items()
    ]
    await APPENDED.append(connection, rows, root_id=root_id)


async def take(connection: DatabaseConnection, root_ids: Sequence[int]) -> list[RollupDelta]:
    """Delete what was appended below roots, and return it."""
    rows = await APPENDED.take(connection, root_ids)
    return [RollupDelta(path, METRICS[metric], *rest) for _, _, path, metric, *rest in rows]
