"""What belongs to a number and is read with it in the same statement when a caller asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any

from db import organizations, series, users
from db.organizations import OrganizationRecord
from db.series import SeriesRecord
from db.statements import Row
from db.tables import OrganizationRow, SeriesRow, UserRow, table
from db.users import UserRecord


class Relation(Enum):
    """What a number points to."""

    SERIES = "series"
    ORGANIZATION = "organization"
    USER = "user"


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
    """For each relation, the function that reads it out of a row whose columns of relations begin at `start`."""
    readers = []
    for relation in Relation:
        if relation not in relations:
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
    return [relation for relation in Relation if relation in relations]


def _user(row: Sequence[Any]) -> UserRecord | None:
    return None if row[0] is None else users.record(tuple(row))


_COLUMNS: dict[Relation, tuple[Any, ...]] = {
    Relation.SERIES: series.COLUMNS,
    Relation.ORGANIZATION: organizations.COLUMNS,
    Relation.USER: users.COLUMNS,
}
_POINTERS: dict[Relation, tuple[Any, str]] = {
    Relation.SERIES: (SeriesRow, "series_id"),
    Relation.ORGANIZATION: (OrganizationRow, "organization_id"),
    Relation.USER: (UserRow, "user_id"),
}
_RECORDS: dict[Relation, Callable[[Sequence[Any]], Any]] = {
    Relation.SERIES: partial(tuple.__new__, SeriesRecord),
    Relation.ORGANIZATION: partial(tuple.__new__, OrganizationRecord),
    Relation.USER: _user,
}
