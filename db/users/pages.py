"""Pages of users in any order. Rows without a value in the sort column come last in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, SmallInteger, and_, bindparam, func, or_, select, true

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Keyset, PageRequest, PageShape, SortKey, to_page
from db.core.statements import Statement, among, ids
from db.core.tables import OrganizationRow, PhoneNumberRow, UserRow, columns, table
from db.core.types import LIKE_ESCAPES, Identifier, Instant, Ordered, Values
from db.users.queries import COLUMNS, UserRecord, record
from domain.user_search import UserFilter, UserOrder
from domain.user_search import UserOrderField as Field


class SortedUser(NamedTuple):
    """A user with their sort key."""

    record: UserRecord
    key: SortKey


_U, _N, _O = columns(UserRow), columns(PhoneNumberRow), columns(OrganizationRow)
_KEYS: dict[Field, tuple[Any, Any]] = {
    Field.NAME: (_U.name_folded, Ordered),
    Field.EMAIL: (_U.email_folded, Ordered),
    Field.STATUS: (_U.status, BigInteger()),
    Field.ORGANIZATION: (_O.name_folded, Ordered),
    Field.NUMBER: (_N.number, Ordered),
    Field.INVITED_AT: (_U.invited_at, Instant()),
}
_NULLABLE = {Field.NUMBER, Field.INVITED_AT}
"""The sort columns that can be null."""

KEY_TYPES: dict[Field, tuple[type, ...]] = {
    Field.NAME: (str,),
    Field.EMAIL: (str,),
    Field.STATUS: (int,),
    Field.ORGANIZATION: (str,),
    Field.NUMBER: (str, type(None)),
    Field.INVITED_AT: (datetime, type(None)),
}
"""The types that the value of a cursor can have in each order."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts that a filter has; one statement is built and cached per shape."""

    scopes: int | None
    organizations: bool
    statuses: bool
    text: bool
    digits: bool
    with_number: bool | None


def _shape(filter_: UserFilter) -> _Shape:
    return _Shape(
        scopes=None if filter_.scopes is None or filter_.whole else scope.counted(filter_.scopes),
        organizations=filter_.organization_ids is not None,
        statuses=filter_.statuses is not None,
        text=filter_.text is not None,
        digits=filter_.digits is not None,
        with_number=filter_.with_number,
    )


def _predicate(shape: _Shape) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if shape.scopes is not None:
        # A subquery rather than a join, so that rows are read in the order of the index.
        conditions.append(_U.organization_id.in_(select(_O.id).where(scope.inside_any(_O.path, shape.scopes))))
    if shape.organizations:
        conditions.append(among(_U.organization_id, ids("organization_ids")))
    if shape.statuses:
        conditions.append(among(_U.status, bindparam("statuses", type_=Values(SmallInteger()))))
    if shape.text:
        pattern = bindparam("pattern", type_=Ordered)
        matches: list[Any] = [_U.search_text.like(pattern, escape="\\"), _N.number.like(pattern, escape="\\")]
        if shape.digits:
            matches.append(_N.number.like(bindparam("digits", type_=Ordered)))
        conditions.append(or_(*matches))
    if shape.with_number is not None:
        conditions.append(_N.id.is_not(None) if shape.with_number else _N.id.is_(None))
    return and_(true(), *conditions)


def _parameters(filter_: UserFilter) -> dict[str, Any]:
    return {
        "root_id": filter_.root_id,
        "organization_ids": filter_.organization_ids,
        "statuses": filter_.statuses,
        "pattern": f"%{(filter_.text or '').translate(LIKE_ESCAPES)}%",
        "digits": f"%{filter_.digits}%",
        **scope.bounds_of_any(filter_.scopes or ()),
    }


def _select(*wanted: Any) -> Any:
    return select(*wanted).select_from(table(UserRow)).outerjoin(table(PhoneNumberRow), _N.user_id == _U.id)


@lru_cache(maxsize=512)
def _page(shape: _Shape, order: UserOrder, page: PageShape, *, nulls: bool) -> Statement:
    column, type_ = _KEYS[order.field]
    query = _select(*COLUMNS, column).where(_predicate(shape))
    if order.field is Field.ORGANIZATION:
        query = query.join(table(OrganizationRow), _O.id == _U.organization_id)
    if order.field in _NULLABLE:
        query = query.where(column.is_(None) if nulls else column.is_not(None))
    if order.field is Field.NUMBER and not nulls:
        # The index that has the order of numbers begins with the root.
        query = query.where(_N.root_id == bindparam("root_id", type_=Identifier))
    keyset = Keyset(_U.id, None if nulls else column, order.descending, type_)
    return Statement(keyset.page(query, page))


async def page(
    connection: DatabaseConnection, filter_: UserFilter, *, order: UserOrder, page: PageRequest
) -> ConnectionPage[SortedUser]:
    """A page of the users that match a filter."""
    found: list[SortedUser] = []
    parts = (page.backward, not page.backward) if order.field in _NULLABLE else (False,)
    for nulls in parts:
        part = page.part(found=len(found), nulls=nulls)
        if part is not None:
            statement = _page(_shape(filter_), order, part.shape, nulls=nulls)
            rows = await connection.fetch(statement, **_parameters(filter_), **part.parameters())
            found += [SortedUser(record(row), SortKey(row[11], row[0])) for row in rows]
    return to_page(found, page)


@lru_cache(maxsize=64)
def _count(shape: _Shape) -> Statement:
    return Statement(_select(func.count()).where(_predicate(shape)))


async def count(connection: DatabaseConnection, filter_: UserFilter) -> int:
    """The number of users that match a filter."""
    total: int = await connection.value(_count(_shape(filter_)), **_parameters(filter_))
    return total
