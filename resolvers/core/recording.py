"""Recording a change that touches no number: an operation, with what it changed, in its organizations' activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from db.history import operations
from domain.statuses import EventKind
from resolvers.core.unit_of_work import UnitOfWork

Changed = Mapping[str, tuple[Any, Any]]
"""The fields that changed, each with its value before and after."""


def dump(changed: Changed) -> str:
    """The changes as an operation keeps them."""
    return orjson.dumps([[field, *values] for field, values in changed.items()]).decode()


async def record_change(work: UnitOfWork, kind: EventKind, *, touched: Sequence[int], changed: Changed) -> None:
    """Record a change of these organizations."""
    operation = await operations.begin_operation(work.connection, work.new_operation(kind, changes=dump(changed)))
    await operations.link(work.connection, operation, list(dict.fromkeys(touched)))
