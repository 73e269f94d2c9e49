"""Positions in the history, and the operations between two of them.

On SQLite, ids are given in the order of the commits, so a position is the id of the newest operation. On PostgreSQL an
operation with a lower id may be committed later: there, a position is a snapshot, and an operation is between two
positions if its transaction is visible in the later snapshot and not in the earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, Text, bindparam, cast, column, func, literal, select, text

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import OperationRow, columns
from db.core.types import Identifier

MAX_MISSED = 10_000
"""How many operations are read at once; a position that is further back has expired."""

_OP = columns(OperationRow)


class Position(NamedTuple):
    """A point in the history: everything that was committed before it, and nothing else.

    `server` identifies the PostgreSQL server and its timeline, whose numbers of transactions no other one shares. The
    newest operation tells a restored database from the one that it is a copy of.
    """

    server: str
    snapshot: str
    newest_id: int
    newest_at: datetime | None

    @property
    def xmin(self) -> int:
        """The oldest transaction that may be invisible in the snapshot."""
        return int(self.snapshot.partition(":")[0])

    @property
    def xmax(self) -> int:
        """The first transaction that had not begun."""
        return int(self.snapshot.split(":")[1])


class Progress(NamedTuple):
    """What a subscriber has been told: everything before `since`, and from there to `until` the ids up to `last_id`."""

    since: Position
    until: Position | None = None
    last_id: int = 0


class PositionExpired(Exception):
    """The operations since a position are not known: they are too many, or the database was restored or replaced."""


_newest = select(_OP.id, _OP.at).order_by(_OP.id.desc()).limit(1).subquery()
_one = select(literal(1).label("one")).subquery()


def _with_newest(*selected: Any) -> Select[Any]:
    return select(*selected, _newest.c.id, _newest.c.at).select_from(_one.outerjoin(_newest, literal(1) == _one.c.one))


_system: Any = select(cast(column("system_identifier"), Text)).select_from(func.pg_control_system()).scalar_subquery()
_timeline: Any = func.substr(func.pg_walfile_name(func.pg_current_wal_insert_lsn()), 1, 8)
_PRESENT = {
    "postgresql": Statement(_with_newest(_system + "-" + _timeline, cast(func.pg_current_snapshot(), Text))),
    "sqlite": Statement(_with_newest(literal("", Text), literal("", Text))),
}
_BETWEEN = {
    "postgresql": Statement(
        text(
            "WITH newer AS (SELECT id, CAST(CAST(xact AS text) AS xid8) AS xact FROM operations WHERE xact >= :xmin)"
            " SELECT id FROM newer"
            " WHERE NOT pg_visible_in_snapshot(xact, CAST(CAST(:since AS text) AS pg_snapshot))"
            " AND pg_visible_in_snapshot(xact, CAST(CAST(:until AS text) AS pg_snapshot))"
            " ORDER BY id LIMIT :size"
        )
    ),
    "sqlite": Statement(
        select(_OP.id)
        .where(
            _OP.id > bindparam("since", type_=Identifier),
            _OP.id <= bindparam("until", type_=Identifier),
        )
        .order_by(_OP.id)
        .limit(bindparam("size", type_=BigInteger()))
    ),
}
_AT = Statement(select(_OP.at).where(_OP.id == bindparam("id", type_=Identifier)))


async def present(connection: DatabaseConnection) -> Position:
    """Return the present position."""
    row = await connection.fetch_one(_PRESENT[connection.dialect.name])
    server, snapshot, newest_id, newest_at = row or ("", "", None, None)
    return Position(server, snapshot, newest_id or 0, newest_at)


async def operations_between(connection: DatabaseConnection, since: Position, until: Position) -> Sequence[int]:
    """Return the ids of the operations that were committed between two positions. Raises PositionExpired."""
    if since == until:
        return []
    await _check(connection, since, until)
    if connection.dialect.name == "postgresql":
        bounds: dict[str, Any] = {"xmin": since.xmin, "since": since.snapshot, "until": until.snapshot}
    else:
        bounds = {"since": since.newest_id, "until": until.newest_id}
    statement = _BETWEEN[connection.dialect.name]
    found = [row[0] for row in await connection.fetch(statement, **bounds, size=MAX_MISSED + 1)]
    if len(found) > MAX_MISSED:
        raise PositionExpired
    return found


async def _check(connection: DatabaseConnection, since: Position, until: Position) -> None:
    """Raise PositionExpired unless the position is one of this database's past."""
    if since.server != until.server or since.newest_id > until.newest_id:
        raise PositionExpired
    if since.server and since.xmax > until.xmax:
        raise PositionExpired
    if since.newest_id:
        row = await connection.fetch_one(_AT, id=since.newest_id)
        if row is None or row[0] != since.newest_at:
            raise PositionExpired
