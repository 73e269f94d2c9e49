"""What is read of a number and with it, in one statement, when a caller asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any

from db import organizations, series, users
from db.organizations import OrganizationName, OrganizationRecord
from db.series import SeriesName, SeriesRecord
from db.statements import Row
from db.tables import OrganizationRow, SeriesRow, UserRow, table
from db.users import UserRecord


class Relation(Enum):
    """What is read of what a number points to, and what is not read of the number itself."""

    SERIES = "series"
    SERIES_NAME = "name of the series"
    ORGANIZATION = "organization"
    ORGANIZATION_NAME = "name of the organization"
    USER = "user"
    TIMELESS = "nothing of when the number was changed or retired"
    """A moment takes longer to read than the rest of a row. Null then means that it was not read."""


Relations = frozenset[Relation]

NONE: Relations = frozenset()


def related_columns(relations: Relations, number: Any) -> list[Any]:
    """The columns of the relations, in their order; `number` has those of the number."""
    found: list[Any] = []
    for relation in _ordered(relations):
        found += _COLUMNS[relation]
        if relation is Relation.USER:
            found.append(number.id)
    return found


def joined(query: Any, relations: Relations, number: Any) -> Any:
    """The query with the tables of the relations."""
    for relation in _ordered(relations):
        target, pointer = _POINTERS[relation]
        query = query.join(table(target), table(target).c.id == number[pointer], isouter=relation is Relation.USER)
    return query


def related_records(relations: Relations, start: int) -> list[Callable[[Row], Any]]:
    """The functions that read series, organization and user out of a row, whose columns begin at `start`."""
    readers: list[Callable[[Row], Any]] = []
    for alternatives in _SLOTS:
        relation = next((relation for relation in alternatives if relation in relations), None)
        if relation is None:
            readers.append(_nothing)
            continue
        end = start + len(_COLUMNS[relation]) + (relation is Relation.USER)
        readers.append(_slice_reader(_RECORDS[relation], start, end))
        start = end
    return readers


def _slice_reader(make: Callable[[Sequence[Any]], Any], start: int, end: int) -> Callable[[Row], Any]:
    return lambda row: make(row[start:end])


def _nothing(_row: Row) -> None:
    return None


def _ordered(relations: Relations) -> list[Relation]:
    return [relation for relation in _POINTERS if relation in relations]


def _organization(row: Sequence[Any]) -> OrganizationRecord:
    record: OrganizationRecord = tuple.__new__(OrganizationRecord, (*row, None))
    return record


def _user(row: Sequence[Any]) -> UserRecord | None:
    return None if row[0] is None else users.record(tuple(row))


_SLOTS = (
    (Relation.SERIES, Relation.SERIES_NAME),
    (Relation.ORGANIZATION, Relation.ORGANIZATION_NAME),
    (Relation.USER,),
)
"""The relations of a record in their order; of each the whole or less."""

_COLUMNS: dict[Relation, tuple[Any, ...]] = {
    Relation.SERIES: series.COLUMNS,
    Relation.SERIES_NAME: series.COLUMNS_OF_NAME,
    Relation.ORGANIZATION: organizations.COLUMNS,
    Relation.ORGANIZATION_NAME: organizations.COLUMNS_OF_NAME,
    Relation.USER: users.COLUMNS[:-1],
}
_POINTERS: dict[Relation, tuple[Any, str]] = {
    Relation.SERIES: (SeriesRow, "series_id"),
    Relation.SERIES_NAME: (SeriesRow, "series_id"),
    Relation.ORGANIZATION: (OrganizationRow, "organization_id"),
    Relation.ORGANIZATION_NAME: (OrganizationRow, "organization_id"),
    Relation.USER: (UserRow, "user_id"),
}
_RECORDS: dict[Relation, Callable[[Sequence[Any]], Any]] = {
    Relation.SERIES: partial(tuple.__new__, SeriesRecord),
    Relation.SERIES_NAME: partial(tuple.__new__, SeriesName),
    Relation.ORGANIZATION: _organization,
    Relation.ORGANIZATION_NAME: partial(tuple.__new__, OrganizationName),
    Relation.USER: _user,
}
