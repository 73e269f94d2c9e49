"""Cursors of changes: a position in the history of one root, as an opaque text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from db.core.keyset import pack, unpack
from db.subscriptions.positions import Position, Progress
from domain.errors import InvalidInput, Unavailable
from resolvers.core.context import Context

_KIND = "changes"
_SNAPSHOT = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:[0-9,]{0,20000}")
_LARGEST = 2**63 - 1
_POSITION_LENGTH = len(Position._fields)


async def present(context: Context) -> str:
    """Return the cursor of the present; what the request reads from now on is at least as new."""
    if context.feed is None:
        raise Unavailable("This server has no live updates.")
    position, context.database = await context.feed.present()
    return encode(Progress(position), root_id=context.root_id)


def encode(progress: Progress, *, root_id: int) -> str:
    """Return the cursor of what a subscriber has been told."""
    values: list[Any] = [_KIND, root_id, *_dumped(progress.since)]
    if progress.until is not None:
        values += [*_dumped(progress.until), progress.last_id]
    return pack(values)


def _dumped(position: Position) -> list[Any]:
    server, snapshot, newest_id, newest_at = position
    return [server, snapshot, newest_id, None if newest_at is None else newest_at.isoformat()]


def decode(cursor: str, *, root_id: int) -> Progress:
    """Return what is in a cursor. Raises InvalidInput for another text, or a cursor of another root."""
    try:
        kind, of_root, *values = unpack(cursor)
        progress = _loaded(values) if (kind, of_root) == (_KIND, root_id) else None
    except (ValueError, TypeError, OverflowError):
        progress = None
    if progress is None:
        raise InvalidInput(
            "`after` is not a cursor of these changes. Fetch the data again, and subscribe without `after`.",
            path=("after",),
        )
    return progress


def _loaded(values: list[Any]) -> Progress:
    """Raises ValueError, TypeError or OverflowError for what is not in a cursor."""
    if len(values) == _POSITION_LENGTH:
        return Progress(_position(*values))
    since, until, [last_id] = values[:_POSITION_LENGTH], values[_POSITION_LENGTH:-1], values[-1:]
    return Progress(_position(*since), _position(*until), _id(last_id))


def _position(server: Any, snapshot: Any, newest_id: Any, newest_at: Any) -> Position:
    valid = _is_snapshot(snapshot) if server else snapshot == ""
    if type(server) is not str or not valid:
        raise ValueError
    return Position(server, snapshot, _id(newest_id), None if newest_at is None else _moment(newest_at))


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _is_snapshot(text: str) -> bool:
    """Whether PostgreSQL reads the text as a snapshot: `xmin:xmax:`, and the running transactions between the two."""
    if not _SNAPSHOT.fullmatch(text):
        return False
    xmin, xmax, running = text.split(":")
    ids = [int(xmin), *map(int, running.split(",") if running else ())]
    in_order = ids[0] > 0 and ids == sorted(ids)
    return in_order and (ids[-1] < int(xmax) if running else ids[-1] <= int(xmax))


def _id(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError
    return value
