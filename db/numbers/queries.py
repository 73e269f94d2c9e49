"""Reading numbers by id or by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, NamedTuple

from sqlalchemy import bindparam, null, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import SortKey
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
    sorted_by: Any = None
    """What its list is sorted by, besides the number."""

    series: SeriesRecord | SeriesName | None = None
    organization: OrganizationRecord | OrganizationName | None = None
    user: UserRecord | None = None

    @property
    def key(self) -> SortKey:
        """Return its position in its list."""
        return SortKey(self.sorted_by, self.number)


_record = partial(tuple.__new__, NumberRecord)
_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)
_COLUMNS = tuple(_N[name] for name in NumberRecord._fields[:-4])
_WIDTH = len(_COLUMNS) + 1
_STATUS = NumberRecord._fields.index("status")
_TIMESTAMPS = ("retired_at", "updated_at")
_IN_SCOPE = scope.covers(_O.path, "scope")
_IN_ROOT = _N.root_id == bindparam("root_id", type_=Identifier)
_IDS_BY_NUMBER = Statement(select(_N.number, _N.id).where(_IN_ROOT, among(_N.number, texts("numbers"))))


def own_columns(relations: Relations, sorted_by: Any = None) -> list[Any]:
    """Return the number's own columns in the order of `NumberRecord`, with null for those that are not read."""
    unread = _TIMESTAMPS if Relation.WITHOUT_TIMESTAMPS in relations else ()
    columns = [null().label(column.name) if column.name in unread else column for column in _COLUMNS]
    return [*columns, (null() if sorted_by is None else sorted_by).label("sorted_by")]


@lru_cache(maxsize=64)
def reader(relations: Relations) -> Callable[[Sequence[Row]], list[NumberRecord]]:
    """Return the function that makes records of rows: the own columns, then those of the relations."""
    related = related_readers(relations, _WIDTH)

    # Column by column, because calling a function for every row would take longer.
    def read(rows: Sequence[Row]) -> list[NumberRecord]:
        if not rows:
            return []
        columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
        own = columns[:_WIDTH]
        own[_STATUS] = map(STATUSES.__getitem__, own[_STATUS])
        own += [repeat(None) if make is None else map(make, zip(*columns[part], strict=True)) for make, part in related]
        return list(map(_record, zip(*own, strict=False)))

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
    statement, records = _statement(relations, by_id=False), reader(relations)
    rows = await connection.fetch(statement, root_id=root_of(within), numbers=wanted, **scope.bounds("scope", within))
    return {record.number: record for record in records(rows)}


async def by_ids(
    connection: DatabaseConnection, wanted: Sequence[int], *, within: str, relations: Relations = NONE
) -> dict[int, NumberRecord]:
    """Return the numbers with these ids that are held inside the scope, retired ones included."""
    statement, records = _statement(relations, by_id=True), reader(relations)
    rows = await connection.fetch(statement, ids=wanted, **scope.bounds("scope", within))
    return {record.id: record for record in records(rows)}
