"""What is read of a number and with it, in one statement, when a caller asks for it."""

from __future__ import annotations

from enum import Enum
from typing import Any

from db.core.tables import OrganizationRow, SeriesRow, UserRow, table
from db.organizations import queries as organizations
from db.organizations import series
from db.organizations.queries import OrganizationName, OrganizationRecord
from db.organizations.series import SeriesName, SeriesRecord
from db.users import queries as users


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


def related_records(relations: Relations, start: int) -> list[str]:
    """Expressions of the series, the organization and the user in a row, whose columns begin at `start`.

    They are of Python, and use the names of `RECORDS`.
    """
    found = []
    for alternatives in _SLOTS:
        relation = next((relation for relation in alternatives if relation in relations), None)
        if relation is None:
            found.append("None")
            continue
        end = start + len(_COLUMNS[relation]) + (relation is Relation.USER)
        found.append(_RECORDS[relation].format(", ".join(f"row[{index}]" for index in range(start, end)), start=start))
        start = end
    return found


def _ordered(relations: Relations) -> list[Relation]:
    return [relation for relation in _POINTERS if relation in relations]


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
_RECORDS: dict[Relation, str] = {
    Relation.SERIES: "new(SeriesRecord, ({}))",
    Relation.SERIES_NAME: "new(SeriesName, ({}))",
    Relation.ORGANIZATION: "new(OrganizationRecord, ({}, None))",
    Relation.ORGANIZATION_NAME: "new(OrganizationName, ({}))",
    Relation.USER: "(None if row[{start}] is None else user(({})))",
}
RECORDS: dict[str, Any] = {
    record.__name__: record for record in (SeriesRecord, SeriesName, OrganizationRecord, OrganizationName)
} | {"new": tuple.__new__, "user": users.record}
