"""Recording a change that touches no numbers as an operation in the activity of organizations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from db.history import operations
from domain.statuses import EventKind
from resolvers.core.unit_of_work import UnitOfWork

Changed = Mapping[str, tuple[Any, Any]]
"""The changed fields, each with its values before and after."""


def dump(changed: Changed) -> str:
    """The changes as JSON, as an operation stores them."""
    return orjson.dumps([[field, *values] for field, values in changed.items()]).decode()


async def record_change(work: UnitOfWork, kind: EventKind, *, touched: Sequence[int], changed: Changed) -> int:
    """Record a change in the activity of these organizations, and return the operation."""
    operation = await operations.begin_operation(work.connection, work.new_operation(kind, changes=dump(changed)))
    await operations.link(work.connection, operation, list(dict.fromkeys(touched)))
    return operation
