"""Choosing from an organization's available numbers of a series: the lowest, the longest unused, or a run."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    SmallInteger,
    and_,
    bindparam,
    cast,
    func,
    literal,
    select,
)

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import PhoneNumberRow, columns
from db.core.types import Identifier, Ordered
from db.history.events import Change, Effect, writing
from domain.allocation import AllocationStrategy
from domain.statuses import NumberStatus

_N = columns(PhoneNumberRow)

_HOLDING = and_(
    _N.retired_at.is_(None),
    _N.organization_id == bindparam("holder", type_=Identifier),
    _N.series_id == bindparam("series", type_=Identifier),
    _N.status == literal(int(NumberStatus.AVAILABLE), SmallInteger()),
)
_QUANTITY = bindparam("quantity", type_=BigInteger())


def _block() -> Any:
    """First and last of the lowest run of available numbers that is long enough.

    Inside one length the order of the texts is that of the values, so value minus position stays the same exactly
    along a run.
    """
    value = cast(func.substr(_N.number, 2), BigInteger)
    length = func.length(_N.number)
    position = func.row_number().over(partition_by=length, order_by=_N.number)
    runs = (
        select(_N.number.label("number"), length.label("length"), (value - position).label("run"))
        .where(_HOLDING)
        .subquery()
    )
    return (
        select(func.min(runs.c.number), func.max(runs.c.number), func.count())
        .group_by(runs.c.length, runs.c.run)
        .having(func.count() >= _QUANTITY)
        .order_by(func.min(runs.c.number))
        .limit(1)
    )


_FIND_BLOCK = Statement(_block())
_LONGEST_UNUSED = select(_N.id).where(_HOLDING).order_by(_N.available_since, _N.number).limit(_QUANTITY)
_GIVEN_AWAY = Effect(organization=Change.SET)
_EVENTS_AVAILABLE = {
    AllocationStrategy.LOWEST: Statement(writing(_GIVEN_AWAY, _HOLDING, limit=_QUANTITY)),
    AllocationStrategy.LONGEST_UNUSED: Statement(writing(_GIVEN_AWAY, _HOLDING, _N.id.in_(_LONGEST_UNUSED))),
    AllocationStrategy.CONTIGUOUS: Statement(
        writing(
            _GIVEN_AWAY,
            _HOLDING,
            _N.number >= bindparam("first", type_=Ordered),
            _N.number <= bindparam("last", type_=Ordered),
            # Longer numbers of the series may stand between two that follow each other.
            func.length(_N.number) == bindparam("length", type_=Integer()),
            limit=_QUANTITY,
        )
    ),
}


async def record_available(
    connection: DatabaseConnection,
    *,
    operation: int,
    holder: int,
    series: int,
    quantity: int,
    target: int,
    strategy: AllocationStrategy,
) -> int:
    """Write an event for `quantity` available numbers of a series that go to the target; how many there were.

    Numbers that another change holds at this moment are waited for, and passed over when they are gone.
    """
    parameters: dict[str, Any] = {"holder": holder, "series": series, "quantity": quantity}
    if strategy is AllocationStrategy.CONTIGUOUS:
        block = await connection.fetch_one(_FIND_BLOCK, **parameters)
        if block is None:
            return 0
        parameters |= {"first": block[0], "last": block[1], "length": len(block[0])}
    return await connection.execute(_EVENTS_AVAILABLE[strategy], **parameters, operation=operation, organization=target)
