"""Selecting available numbers of a series for an allocation: the lowest, the longest unused, or a contiguous block."""

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

_AVAILABLE = and_(
    _N.retired_at.is_(None),
    _N.organization_id == bindparam("holder", type_=Identifier),
    _N.series_id == bindparam("series", type_=Identifier),
    _N.status == literal(int(NumberStatus.AVAILABLE), SmallInteger()),
)
_QUANTITY = bindparam("quantity", type_=BigInteger())


def _block() -> Any:
    """The first and last number of the lowest contiguous block that is large enough.

    Texts of one length sort like their values, so value minus position is constant exactly within a block.
    """
    value = cast(func.substr(_N.number, 2), BigInteger)
    length = func.length(_N.number)
    position = func.row_number().over(partition_by=length, order_by=_N.number)
    blocks = (
        select(_N.number.label("number"), length.label("length"), (value - position).label("block"))
        .where(_AVAILABLE)
        .subquery()
    )
    return (
        select(func.min(blocks.c.number), func.max(blocks.c.number), func.count())
        .group_by(blocks.c.length, blocks.c.block)
        .having(func.count() >= _QUANTITY)
        .order_by(func.min(blocks.c.number))
        .limit(1)
    )


_FIND_BLOCK = Statement(_block())
_LONGEST_UNUSED = select(_N.id).where(_AVAILABLE).order_by(_N.available_since, _N.number).limit(_QUANTITY)
_ALLOCATED = Effect(organization=Change.SET)
_EVENTS_AVAILABLE = {
    AllocationStrategy.LOWEST: Statement(writing(_ALLOCATED, _AVAILABLE, limit=_QUANTITY)),
    AllocationStrategy.LONGEST_UNUSED: Statement(writing(_ALLOCATED, _AVAILABLE, _N.id.in_(_LONGEST_UNUSED))),
    AllocationStrategy.CONTIGUOUS: Statement(
        writing(
            _ALLOCATED,
            _AVAILABLE,
            _N.number >= bindparam("first", type_=Ordered),
            _N.number <= bindparam("last", type_=Ordered),
            # Longer numbers of the series may sort between two consecutive ones.
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
) -> int | None:
    """Write the events of up to `quantity` available numbers of a series that go to the target; how many there were.

    None if no contiguous block is large enough. Waits for numbers that another change has locked, and skips those that
    are no longer available.
    """
    parameters: dict[str, Any] = {"holder": holder, "series": series, "quantity": quantity}
    if strategy is AllocationStrategy.CONTIGUOUS:
        block = await connection.fetch_one(_FIND_BLOCK, **parameters)
        if block is None:
            return None
        parameters |= {"first": block[0], "last": block[1], "length": len(block[0])}
    return await connection.execute(_EVENTS_AVAILABLE[strategy], **parameters, operation=operation, organization=target)
