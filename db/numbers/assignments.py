"""Numbers that are assigned to users and freed again, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import PhoneNumberRow, columns
from db.core.types import Identifier
from db.history.events import Change, Effect, writing
from domain.statuses import NumberStatus

_N = columns(PhoneNumberRow)

ASSIGNED = Effect(status=NumberStatus.ASSIGNED, tag=Change.CLEAR, forwarding=Change.CLEAR, user=Change.SET)
"""The effect of an invitation on its number."""

FREED = Effect(status=NumberStatus.AVAILABLE, user=Change.CLEAR)
"""The effect on a number whose user gives it up."""

_ASSIGN = Statement(writing(ASSIGNED, _N.id == bindparam("number_id", type_=Identifier)))
_FREE = Statement(writing(FREED, among(_N.user_id, ids("user_ids"))))


class Assignment(NamedTuple):
    """A number and the user it is assigned to; `person` is how events describe the user."""

    number_id: int
    user_id: int
    person: str


async def record_assignments(
    connection: DatabaseConnection, assignments: Iterable[Assignment], *, operation: int
) -> None:
    """Write the events of numbers that are assigned. The caller has locked them and checked their statuses."""
    await connection.execute_many(_ASSIGN, (one._asdict() | {"operation": operation} for one in assignments))


async def record_freed(connection: DatabaseConnection, user_ids: Sequence[int], *, operation: int) -> None:
    """Write the events of the numbers that these users give up."""
    await connection.execute(_FREE, user_ids=user_ids, operation=operation)
