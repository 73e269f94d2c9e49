"""Reading numbers: one by id or number, many by id, and pages of a search in any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import null, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids, texts
from db.core.tables import OrganizationRow, PhoneNumberRow, columns, table
from db.numbers.relations import NONE, RECORDS, Relation, Relations, joined, related_columns, related_records
from db.organizations.queries import OrganizationName, OrganizationRecord
from db.organizations.series import SeriesName, SeriesRecord
from db.users.queries import UserRecord
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
    series: SeriesRecord | SeriesName | None = None
    organization: OrganizationRecord | OrganizationName | None = None
    user: UserRecord | None = None
    """The relations: None is what was not read with the number, or what it does not have."""


_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)
_COLUMNS = tuple(_N[name] for name in NumberRecord._fields[:-3])
_MOMENTS = ("retired_at", "updated_at")
_IN_SCOPE = scope.covers(_O.path, "scope")
_IDS_BY_NUMBER = Statement(select(_N.number, _N.id).where(among(_N.number, texts("numbers"))))


def own_columns(relations: Relations) -> list[Any]:
    """The number's own columns, in the order of `NumberRecord`; null in the place of what is not read."""
    unread = _MOMENTS if Relation.TIMELESS in relations else ()
    return [null().label(column.name) if column.name in unread else column for column in _COLUMNS]


@lru_cache(maxsize=64)
def reader(relations: Relations) -> Callable[[Row], NumberRecord]:
    """The function that makes a record of a row: the number's own columns, and those of the relations.

    It is written for the relations, because it runs for every number that is shown.
    """
    own = [f"row[{index}]" for index in range(len(_COLUMNS))]
    status = NumberRecord._fields.index("status")
    own[status] = f"statuses[{own[status]}]"
    values = ", ".join([*own, *related_records(relations, len(_COLUMNS))])
    names = {**RECORDS, "NumberRecord": NumberRecord, "statuses": STATUSES}
    made: Callable[[Row], NumberRecord] = eval(f"lambda row: new(NumberRecord, ({values}))", names)  # noqa: S307 - of columns
    return made


@lru_cache(maxsize=64)
def _statement(relations: Relations, *, by_id: bool) -> Statement:
    # The scope is checked on the organization, so its table is there in any case.
    query = select(*own_columns(relations), *related_columns(relations, _N)).join(
        table(OrganizationRow), _O.id == _N.organization_id
    )
    query = joined(query, relations - {Relation.ORGANIZATION, Relation.ORGANIZATION_NAME}, _N)
    wanted = among(_N.id, ids("ids")) if by_id else among(_N.number, texts("numbers"))
    return Statement(query.where(wanted, _IN_SCOPE))


async def ids_by_number(connection: DatabaseConnection, numbers: Sequence[str]) -> dict[str, int]:
    """The ids of these numbers, whatever the scope."""
    return dict(await connection.fetch(_IDS_BY_NUMBER, numbers=numbers))


async def by_numbers(
    connection: DatabaseConnection, wanted: Sequence[str], *, within: str, relations: Relations = NONE
) -> dict[str, NumberRecord]:
    """Those of the numbers whose holder is inside the scope, retired or not."""
    statement, record = _statement(relations, by_id=False), reader(relations)
    rows = await connection.fetch(statement, numbers=wanted, **scope.bounds("scope", within))
    return {row[1]: record(row) for row in rows}


async def by_ids(
    connection: DatabaseConnection, wanted: Sequence[int], *, within: str, relations: Relations = NONE
) -> dict[int, NumberRecord]:
    """The numbers among those ids whose holder is inside the scope, retired or not."""
    statement, record = _statement(relations, by_id=True), reader(relations)
    rows = await connection.fetch(statement, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: record(row) for row in rows}
