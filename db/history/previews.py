"""What an operation does to its numbers, in values that need no lookup: the preview of a dry run."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, select

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import NumberEventRow, OrganizationRow, PhoneNumberRow, columns, table
from db.core.types import Identifier
from domain.statuses import NumberStatus

_N, _E = columns(PhoneNumberRow), columns(NumberEventRow)
_before, _after = table(OrganizationRow).alias("before"), table(OrganizationRow).alias("after")


class NumberPreview(NamedTuple):
    """A number before and after; the values of a side on which it is not in the inventory are None."""

    number: str
    status_before: NumberStatus | None
    status_after: NumberStatus | None
    reserved_tag_before: str | None
    reserved_tag_after: str | None
    organization_name_before: str | None
    organization_name_after: str | None


_PREVIEWS = Statement(
    select(
        _N.number,
        _E.status_before,
        _E.status_after,
        _E.reserved_tag_before,
        _E.reserved_tag_after,
        _before.c.name,
        _after.c.name,
    )
    .join(table(PhoneNumberRow), _N.id == _E.phone_number_id)
    .outerjoin(_before, _before.c.id == _E.organization_before)
    .outerjoin(_after, _after.c.id == _E.organization_after)
    .where(_E.operation_id == bindparam("operation", type_=Identifier))
    .order_by(_N.number)
    .limit(bindparam("limit", type_=BigInteger()))
)


async def previews(connection: DatabaseConnection, operation: int, *, limit: int) -> list[NumberPreview]:
    """The operation's lowest numbers, before and after."""
    return [
        NumberPreview(number, _status(before), _status(after), *others)
        for number, before, after, *others in await connection.fetch(_PREVIEWS, operation=operation, limit=limit)
    ]


def _status(stored: int | None) -> NumberStatus | None:
    return None if stored is None else NumberStatus(stored)
