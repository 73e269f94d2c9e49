"""Which related rows are read together with a number, in the same statement."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

from db.core.statements import Row
from db.core.tables import OrganizationRow, SeriesRow, UserRow, table
from db.organizations import queries as organizations
from db.organizations import series
from db.organizations.queries import OrganizationName, OrganizationRecord
from db.organizations.series import SeriesName, SeriesRecord
from db.users import queries as users
from db.users.queries import UserRecord


class Relation(Enum):
    """What is read together with a number, and which of its own columns are not."""

    SERIES = "series"
    SERIES_NAME = "name of the series"
    ORGANIZATION = "organization"
    ORGANIZATION_NAME = "name of the organization"
    USER = "user"
    WITHOUT_TIMESTAMPS = "no timestamps"
    """`retired_at` and `updated_at` are null. Decoding them takes 4 to 10 % of a request for a page of 50."""


Relations = frozenset[Relation]

NONE: Relations = frozenset()


def related_columns(relations: Relations, number: Any) -> list[Any]:
    """Return the columns of the relations, in their order; `number` has the columns of the number."""
    found: list[Any] = []
    for relation in _ordered(relations):
        found += _COLUMNS[relation]
        if relation is Relation.USER:
            found.append(number.id)
    return found


def joined(query: Any, relations: Relations, number: Any) -> Any:
    """Return the query with the tables of the relations joined."""
    for relation in _ordered(relations):
        target, foreign_key = _TABLES[relation]
        query = query.join(table(target), table(target).c.id == number[foreign_key], isouter=relation is Relation.USER)
    return query


Reader = tuple[Callable[[Any], Any] | None, slice]
"""The function that makes the record of a related row (None if it is not read), and its part of the number's row."""


def related_readers(relations: Relations, start: int) -> list[Reader]:
    """Return the readers of series, organization and user in a row in which the relations begin at `start`."""
    readers: list[Reader] = []
    for alternatives in _ALTERNATIVES:
        relation = next((relation for relation in alternatives if relation in relations), None)
        end = start
        if relation is not None:
            end += len(_COLUMNS[relation]) + (relation is Relation.USER)
        readers.append((relation and _RECORDS[relation], slice(start, end)))
        start = end
    return readers


def _organization(columns: Row) -> OrganizationRecord:
    return OrganizationRecord(*columns)


def _user(columns: Row) -> UserRecord | None:
    return None if columns[0] is None else users.record(columns)


def _ordered(relations: Relations) -> list[Relation]:
    return [relation for relation in _TABLES if relation in relations]


_ALTERNATIVES = (
    (Relation.SERIES, Relation.SERIES_NAME),
    (Relation.ORGANIZATION, Relation.ORGANIZATION_NAME),
    (Relation.USER,),
)
"""For each relation of a `NumberRecord`, in their order: the whole related row, or less of it."""

_COLUMNS: dict[Relation, tuple[Any, ...]] = {
    Relation.SERIES: series.COLUMNS,
    Relation.SERIES_NAME: series.COLUMNS_OF_NAME,
    Relation.ORGANIZATION: organizations.COLUMNS,
    Relation.ORGANIZATION_NAME: organizations.COLUMNS_OF_NAME,
    Relation.USER: users.COLUMNS[:-1],
}
_TABLES: dict[Relation, tuple[Any, str]] = {
    Relation.SERIES: (SeriesRow, "series_id"),
    Relation.SERIES_NAME: (SeriesRow, "series_id"),
    Relation.ORGANIZATION: (OrganizationRow, "organization_id"),
    Relation.ORGANIZATION_NAME: (OrganizationRow, "organization_id"),
    Relation.USER: (UserRow, "user_id"),
}
"""The related table, and the column of the number that refers to it."""

# Constructors of named tuples unpack their arguments, which takes longer.
_RECORDS: dict[Relation, Callable[[Any], Any]] = {
    Relation.SERIES: partial(tuple.__new__, SeriesRecord),
    Relation.SERIES_NAME: partial(tuple.__new__, SeriesName),
    Relation.ORGANIZATION: _organization,
    Relation.ORGANIZATION_NAME: partial(tuple.__new__, OrganizationName),
    Relation.USER: _user,
}
