"""Reading numbers by id or by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, null, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids, texts
from db.core.tables import OrganizationRow, PhoneNumberRow, columns, table
from db.core.types import Identifier
from db.numbers.relations import NONE, Relation, Relations, joined, related_columns, related_readers
from db.organizations.queries import OrganizationName, OrganizationRecord
from db.organizations.series import SeriesName, SeriesRecord
from db.users.queries import UserRecord
from domain.scope import root_of
from domain.statuses import NumberStatus

STATUSES = tuple(NumberStatus)


class NumberRecord(NamedTuple):
    """A number, and the related rows that were read with it.

    `series`, `organization` and `user` are None where they were not read, or where the number has none.
    """

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


_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)
_COLUMNS = tuple(_N[name] for name in NumberRecord._fields[:-3])
_STATUS = NumberRecord._fields.index("status")
_TIMESTAMPS = ("retired_at", "updated_at")
_IN_SCOPE = scope.covers(_O.path, "scope")
_IN_ROOT = _N.root_id == bindparam("root_id", type_=Identifier)
_IDS_BY_NUMBER = Statement(select(_N.number, _N.id).where(_IN_ROOT, among(_N.number, texts("numbers"))))


def own_columns(relations: Relations) -> list[Any]:
    """Return the number's own columns in the order of `NumberRecord`, with null for those that are not read."""
    unread = _TIMESTAMPS if Relation.WITHOUT_TIMESTAMPS in relations else ()
    return [null().label(column.name) if column.name in unread else column for column in _COLUMNS]


@lru_cache(maxsize=64)
def reader(relations: Relations) -> Callable[[Row], NumberRecord]:
    """Return the function that makes a record of a row: the number's own columns, then those of the relations."""
    width = len(_COLUMNS)
    (series, series_part), (organization, organization_part), (user, user_part) = related_readers(relations, width)

    # This runs for every row of a page, so it calls few functions, and no constructor that unpacks its arguments.
    def read(row: Row) -> NumberRecord:
        values = [
            *row[:width],
            series and series(row[series_part]),
            organization and organization(row[organization_part]),
            user and user(row[user_part]),
        ]
        values[_STATUS] = STATUSES[values[_STATUS]]
        return tuple.__new__(NumberRecord, values)

    return read


@lru_cache(maxsize=64)
def _statement(relations: Relations, *, by_id: bool) -> Statement:
    # The scope condition needs the organization's table in any case.
    query = select(*own_columns(relations), *related_columns(relations, _N)).join(
        table(OrganizationRow), _O.id == _N.organization_id
    )
    query = joined(query, relations - {Relation.ORGANIZATION, Relation.ORGANIZATION_NAME}, _N)
    wanted = (among(_N.id, ids("ids")),) if by_id else (_IN_ROOT, among(_N.number, texts("numbers")))
    return Statement(query.where(*wanted, _IN_SCOPE))


async def ids_by_number(connection: DatabaseConnection, numbers: Sequence[str], *, root_id: int) -> dict[str, int]:
    """Return the ids of these numbers of a root, retired ones included."""
    return dict(await connection.fetch(_IDS_BY_NUMBER, root_id=root_id, numbers=numbers))


async def by_numbers(
    connection: DatabaseConnection, wanted: Sequence[str], *, within: str, relations: Relations = NONE
) -> dict[str, NumberRecord]:
    """Return the numbers held inside the scope, retired ones included."""
    statement, record = _statement(relations, by_id=False), reader(relations)
    rows = await connection.fetch(statement, root_id=root_of(within), numbers=wanted, **scope.bounds("scope", within))
    return {row[1]: record(row) for row in rows}


async def by_ids(
    connection: DatabaseConnection, wanted: Sequence[int], *, within: str, relations: Relations = NONE
) -> dict[int, NumberRecord]:
    """Return the numbers with these ids that are held inside the scope, retired ones included."""
    statement, record = _statement(relations, by_id=True), reader(relations)
    rows = await connection.fetch(statement, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: record(row) for row in rows}
