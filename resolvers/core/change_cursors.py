"""Cursors of changes: a position in the history of one root, as an opaque text."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime

import orjson

from db.subscriptions.positions import Position
from domain.errors import InvalidInput, Unavailable
from resolvers.core.context import Context

_KIND = "changes"
_SNAPSHOT = re.compile(r"(\d{1,19}:\d{1,19}:[\d,]{0,20000})?")
_LARGEST = 2**63 - 1


async def present(context: Context) -> str:
    """Return the cursor of the present; what the request reads from now on is at least as new."""
    if context.feed is None:
        raise Unavailable("This server has no live updates.")
    position, context.database = await context.feed.present()
    return encode(position, root_id=context.root_id)


def encode(position: Position, *, root_id: int) -> str:
    """Return the cursor of a position."""
    server, snapshot, newest_id, newest_at = position
    values = [_KIND, root_id, server, snapshot, newest_id, newest_at and newest_at.isoformat()]
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode(cursor: str, *, root_id: int) -> Position:
    """Return the position in a cursor. Raises InvalidInput for another text, or a cursor of another root."""
    try:
        decoded = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        kind, of_root, server, snapshot, newest_id, newest_at = decoded
        at = None if newest_at is None else datetime.fromisoformat(newest_at)
        position = Position(server, snapshot, newest_id, at)
        valid = kind == _KIND and of_root == root_id and _is_valid(position)
    except (ValueError, TypeError, binascii.Error):
        valid = False
    if not valid:
        raise InvalidInput(
            "`after` is not a cursor of these changes. Fetch the data again, and subscribe without `after`.",
            path=("after",),
        )
    return position


def _is_valid(position: Position) -> bool:
    return (
        type(position.server) is str
        and bool(_SNAPSHOT.fullmatch(position.snapshot))
        and bool(position.server) == bool(position.snapshot)
        and type(position.newest_id) is int
        and 0 <= position.newest_id <= _LARGEST
        and (position.newest_at is None or position.newest_at.tzinfo is not None)
    )
