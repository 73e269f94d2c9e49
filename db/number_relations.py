"""What belongs to a number and is read with it in the same statement when a caller asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

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


class Related(NamedTuple):
    """What was read with a number; None is what was not asked for, or what it does not have."""

    series: SeriesRecord | None = None
    organization: OrganizationRecord | None = None
    user: UserRecord | None = None


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


@lru_cache(maxsize=16)
def reader(relations: Relations, start: int) -> Callable[[Row], Related]:
    """The function that reads what is related out of a row, from one of its columns on."""
    spans: list[tuple[int, int, Callable[[Sequence[Any]], Any]] | None] = []
    for relation in Relation:
        if relation in relations:
            end = start + len(_COLUMNS[relation]) + (relation is Relation.USER)
            spans.append((start, end, _RECORDS[relation]))
            start = end
        else:
            spans.append(None)

    def read(row: Row) -> Related:
        return Related._make([None if span is None else span[2](row[span[0] : span[1]]) for span in spans])

    return read


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
    Relation.SERIES: SeriesRecord._make,
    Relation.ORGANIZATION: OrganizationRecord._make,
    Relation.USER: _user,
}
