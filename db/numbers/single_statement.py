"""A whole change in one statement of PostgreSQL: operation, events, numbers and the organizations' activity.

It is for a few numbers that stay with their organization; any other change goes the way of
`db.numbers.changes`, step by step. The parts are the same, so that both ways do the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select, true

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import OrganizationRow, PhoneNumberRow, columns, table
from db.history import events, operations
from db.history.events import Effect, writing
from db.history.operations import NewOperation
from db.numbers import predicates as search
from db.numbers.changes import APPLIED, Recorded, applying, conditions, record_matching, tallies
from domain.search import NumberFilter

_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)


@lru_cache(maxsize=256)
def _carried_out(shape: search.Shape, effect: Effect, *, unless_same: bool) -> Statement:
    """A row for each event: the operation, how many numbers were touched, the holder's path, and what is tallied.

    Where there are no events, one row of the operation and nulls.
    """
    operation = operations.INSERTED.cte("operation")
    id_ = select(operation.c.id).scalar_subquery()
    chosen, single = conditions(shape, effect, unless_same=unless_same), shape.ids == "one"
    told = (*APPLIED, *events.TALLIED)
    written = writing(effect, *chosen, operation=id_, single=single, returning=told).cte("written")
    fit = among(written.c.status_before, ids("sources"))
    applied = applying(written.c).where(fit).returning(_N.id).cte("applied")
    count = select(func.count()).select_from(applied).scalar_subquery()
    touched = select(written.c.organization_before, id_)
    linked = operations.linking(touched if single else touched.distinct()).cte("linked")
    tallied = [written.c[column.name] for column in events.TALLIED]
    holders = table(OrganizationRow)
    found = operation.outerjoin(written, true()).outerjoin(holders, _O.id == written.c.organization_before)
    return Statement(select(operation.c.id, count, _O.path, *tallied).select_from(found).add_cte(linked))


async def carry_out(
    connection: DatabaseConnection,
    beginning: NewOperation,
    filter_: NumberFilter,
    *,
    effect: Effect,
    sources: Sequence[int],
    tag_folded: str | None,
    unless_same: bool = False,
    **values: Any,
) -> Recorded:
    """As `record_matching` for a few numbers that stay where they are, done in one statement where the database can.

    Only numbers in a status among `sources` are touched: the others are to be refused.
    """
    if connection.dialect.name != "postgresql":
        return await record_matching(
            connection, beginning, filter_, effect=effect, few=True, unless_same=unless_same, **values
        )
    statement = _carried_out(search.shape(filter_), effect, unless_same=unless_same)
    parameters = search.parameters(filter_) | values | beginning._asdict()
    rows = await connection.fetch(statement, **parameters, sources=sources, tag_folded=tag_folded)
    operation, applied = rows[0][:2]
    told = [tuple(row[3:]) for row in rows if row[2] is not None]
    paths = {row[4]: row[2] for row in rows if row[2] is not None}
    return Recorded(operation, len(told), tallies(told), applied, paths)
