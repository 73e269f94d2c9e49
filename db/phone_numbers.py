"""Reading numbers: one by id or number, many by id, and pages of a search in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    bindparam,
    select,
)

from db import scope
from db.database import Connection
from db.statements import Row, Statement, among, ids, texts
from db.tables import OrganizationRow, PhoneNumberRow, SeriesRow, columns, table
from db.types import Ordered
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


_N, _O, _S = columns(PhoneNumberRow), columns(OrganizationRow), columns(SeriesRow)
COLUMNS = tuple(_N[name] for name in NumberRecord._fields)
_IN_SCOPE = scope.inside(_O.path, "scope")
_SCOPED = select(*COLUMNS).join(table(OrganizationRow), _O.id == _N.organization_id).where(_IN_SCOPE)

_BY_NUMBER = Statement(_SCOPED.where(_N.number == bindparam("number", type_=Ordered)))
_IDS_BY_NUMBER = Statement(select(_N.number, _N.id).where(among(_N.number, texts("numbers"))))
_BY_IDS = Statement(_SCOPED.where(among(_N.id, ids("ids"))))


def record(row: Row) -> NumberRecord:
    """The record in a row that begins with `COLUMNS`."""
    return NumberRecord._make((*row[:4], STATUSES[row[4]], *row[5:10]))


async def by_number(connection: Connection, number: str, *, within: str) -> NumberRecord | None:
    """The number, retired or not, if its holder is inside the scope."""
    row = await connection.fetch_one(_BY_NUMBER, number=number, **scope.bounds("scope", within))
    return record(row) if row else None


async def ids_by_number(connection: Connection, numbers: Sequence[str]) -> dict[str, int]:
    """The ids of these numbers, whatever the scope."""
    return dict(await connection.fetch(_IDS_BY_NUMBER, numbers=numbers))


async def by_ids(connection: Connection, wanted: Sequence[int], *, within: str) -> dict[int, NumberRecord]:
    """The numbers among those ids whose holder is inside the scope, retired or not."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: record(row) for row in rows}
