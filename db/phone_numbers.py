"""Reading numbers: one by id or number, many by id, and pages of a search in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select

from db import scope
from db.database import Connection
from db.number_relations import NONE, Related, Relation, Relations, joined, reader, related_columns
from db.statements import Row, Statement, among, ids, texts
from db.tables import OrganizationRow, PhoneNumberRow, columns, table
from domain.statuses import NumberStatus

STATUSES = tuple(NumberStatus)


class NumberRecord(NamedTuple):
    """A number as the API shows it."""

    id: int
    number: str
    series_id: int
    organization_id: int
    status: NumberStatus
    reserved_tag: str | None
    forwarding_number: str | None
    user_id: int | None
    retired_at: datetime | None
    updated_at: datetime
    related: Related = Related()


_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)
COLUMNS = tuple(_N[name] for name in NumberRecord._fields[:-1])
_IN_SCOPE = scope.inside(_O.path, "scope")


def record(row: Row, related: Related) -> NumberRecord:
    """The record in a row that begins with `COLUMNS`."""
    return NumberRecord._make((*row[:4], STATUSES[row[4]], *row[5:10], related))


@lru_cache(maxsize=16)
def _statement(relations: Relations, *, by_id: bool) -> Statement:
    # The scope is checked on the organization, so its table is there in any case.
    query = select(*COLUMNS, *related_columns(relations, _N)).join(table(OrganizationRow), _O.id == _N.organization_id)
    query = joined(query, relations - {Relation.ORGANIZATION}, _N)
    wanted = among(_N.id, ids("ids")) if by_id else among(_N.number, texts("numbers"))
    return Statement(query.where(wanted, _IN_SCOPE))


async def by_numbers(
    connection: Connection, wanted: Sequence[str], *, within: str, relations: Relations = NONE
) -> dict[str, NumberRecord]:
    """Those of the numbers whose holder is inside the scope, retired or not."""
    statement, related = _statement(relations, by_id=False), reader(relations, len(COLUMNS))
    rows = await connection.fetch(statement, numbers=wanted, **scope.bounds("scope", within))
    return {row[1]: record(row, related(row)) for row in rows}


async def by_ids(
    connection: Connection, wanted: Sequence[int], *, within: str, relations: Relations = NONE
) -> dict[int, NumberRecord]:
    """The numbers among those ids whose holder is inside the scope, retired or not."""
    statement, related = _statement(relations, by_id=True), reader(relations, len(COLUMNS))
    rows = await connection.fetch(statement, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: record(row, related(row)) for row in rows}
