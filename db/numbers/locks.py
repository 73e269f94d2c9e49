"""Locking numbers. Every change locks them in the order of their E.164 text, so that changes never deadlock."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import BigInteger, bindparam, func, select

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import PhoneNumberRow, columns, table
from db.numbers import predicates
from domain.search import NumberFilter

_N = columns(PhoneNumberRow)


@lru_cache(maxsize=256)
def _locked(shape: predicates.Shape, *, counted: bool) -> Statement:
    matching = (
        select(_N.id)
        .where(predicates.predicate(shape))
        .order_by(_N.number)
        .limit(bindparam("limit", type_=BigInteger()))
        .with_for_update(of=table(PhoneNumberRow))
    )
    return Statement(select(func.count()).select_from(matching.subquery()) if counted else matching)


async def lock_ids(connection: DatabaseConnection, filter_: NumberFilter, *, limit: int) -> list[int]:
    """Lock the numbers that match the filter until the transaction ends; their ids in the order of the numbers."""
    statement = _locked(predicates.shape(filter_), counted=False)
    return [row[0] for row in await connection.fetch(statement, **predicates.parameters(filter_), limit=limit)]


async def lock_count(connection: DatabaseConnection, filter_: NumberFilter, *, limit: int) -> int:
    """Lock the numbers that match the filter until the transaction ends; how many, counted up to `limit`."""
    statement = _locked(predicates.shape(filter_), counted=True)
    count: int = await connection.value(statement, **predicates.parameters(filter_), limit=limit)
    return count
