"""The edit of one number's tag, as a statement of PostgreSQL that is a transaction of its own.

The number comes first, and all else is made of what was written into it: where it is not as the edit needs it, nothing
is written at all. A tag counts nowhere, so that the edit needs no lock on the tree; and where the caller's organization
was moved or deleted, no number is found at the path that he was known by.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, insert, null, select, true, update

from db.core.database import Database, DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import NumberEventRow, OperationRow, OrganizationRow, PhoneNumberRow, columns, table
from db.core.types import Instant, Ordered
from db.history import operations
from db.history.operations import NewOperation
from db.numbers import predicates as search
from db.numbers import queries as phone_numbers
from db.numbers.queries import NumberRecord
from db.numbers.relations import NONE
from domain.search import NumberFilter

_N, _O, _OP = columns(PhoneNumberRow), columns(OrganizationRow), columns(OperationRow)


class TagEdit(NamedTuple):
    """What was written."""

    operation: int
    number: NumberRecord
    path: str
    """The holder's."""


@lru_cache(maxsize=16)
def _edit(shape: search.Shape) -> Statement:
    """The number as it is now, behind its operation and its holder's path; no row where nothing was written."""
    before, tag = table(PhoneNumberRow).alias("before"), bindparam("tag", type_=Text())
    edited = (
        update(table(PhoneNumberRow))
        .where(
            search.predicate(shape),
            among(_N.status, ids("sources")),
            _N.user_id.is_(None),
            _N.reserved_tag.is_distinct_from(tag),
            _O.id == _N.organization_id,
            before.c.id == _N.id,
            # Where the row was waited for, it is another one than was seen before.
            before.c.version == _N.version,
        )
        .values(
            reserved_tag=tag,
            tag_folded=bindparam("tag_folded", type_=Ordered),
            updated_at=bindparam("at", type_=Instant()),
            version=_N.version + 1,
        )
        .returning(*phone_numbers.own_columns(NONE), _N.version, before.c.reserved_tag.label("tag_before"), _O.path)
        .cte("edited")
    )
    now = edited.c
    begun = [bindparam(name, type_=_OP[name].type) for name in NewOperation._fields]
    operation = (
        insert(table(OperationRow))
        .from_select(NewOperation._fields, select(*begun).select_from(edited))
        .returning(_OP.id)
        .cte("operation")
    )
    both = operation.join(edited, true())
    event: dict[str, Any] = {
        "phone_number_id": now.id,
        "version": now.version,
        "operation_id": operation.c.id,
        "series_id": now.series_id,
        "organization_before": now.organization_id,
        "organization_after": now.organization_id,
        "status_before": now.status,
        "status_after": now.status,
        "reserved_tag_before": now.tag_before,
        "reserved_tag_after": now.reserved_tag,
        "forwarding_number_before": now.forwarding_number,
        "forwarding_number_after": now.forwarding_number,
        "user_before": null(),
        "user_after": null(),
        "user_id_after": null(),
    }
    noted = insert(table(NumberEventRow)).from_select(list(event), select(*event.values()).select_from(both))
    linked = operations.linking(select(now.organization_id, operation.c.id).select_from(both))
    shown = [now[column.name] for column in phone_numbers.own_columns(NONE)]
    told = select(*shown, operation.c.id, now.path).select_from(both)
    return Statement(told.add_cte(noted.cte("noted"), linked.cte("linked")))


def are_possible(database: Database) -> bool:
    """Whether the database knows such a statement. SQLite does not, and has no round trips to save."""
    return database.dialect.name == "postgresql"


async def edit_tag(
    connection: DatabaseConnection,
    beginning: NewOperation,
    filter_: NumberFilter,
    *,
    sources: Sequence[int],
    tag: str,
    tag_folded: str,
) -> TagEdit | None:
    """Give the number that the filter names another tag.

    None where nothing was written: the number is out of scope, not in one of the statuses `sources`, tagged so already,
    or being changed by others.
    """
    values = search.parameters(filter_) | beginning._asdict()
    rows = await connection.fetch_alone(
        _edit(search.shape(filter_)), **values, sources=sources, tag=tag, tag_folded=tag_folded
    )
    if not rows:
        return None
    [row] = rows
    return TagEdit(row[-2], phone_numbers.reader(NONE)(row), row[-1])
