"""Insert usage records, and read what is needed to attribute them to their owners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, literal, select

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids, texts
from db.core.tables import (
    FormerOrganizationRow,
    NumberEventRow,
    OperationRow,
    OrganizationRow,
    PhoneNumberRow,
    UsageRecordRow,
    columns,
    table,
)
from db.core.types import Identifier
from domain.statuses import NumberStatus
from domain.usage import Direction, Holding, UsageKind


class UsageRecord(NamedTuple):
    """A usage record with its root, number and owner."""

    root_id: int
    sender_id: int
    record_id: str
    phone_number_id: int
    organization_id: int
    user_id: int | None
    kind: UsageKind
    direction: Direction | None
    quantity: int
    billable: bool
    at: datetime


UNKNOWN_SENDER = 0
"""The sender of records from before senders were recorded. Their ids count as recorded for every sender."""

_N, _E, _OP = columns(PhoneNumberRow), columns(NumberEventRow), columns(OperationRow)
_O, _F, _R = columns(OrganizationRow), columns(FormerOrganizationRow), columns(UsageRecordRow)

_ROOT = bindparam("root_id", type_=Identifier)
_NUMBERS = Statement(select(_N.number, _N.id).where(_N.root_id == _ROOT, among(_N.number, texts("numbers"))))
_IN_USE = Statement(
    select(_N.number).where(_N.retired_at.is_(None), _N.status == int(NumberStatus.IN_USE)).order_by(_N.number)
)
_HOLDINGS = Statement(
    select(_E.phone_number_id, _OP.at, _E.organization_after, _E.user_id_after)
    .join(table(OperationRow), _OP.id == _E.operation_id)
    .where(among(_E.phone_number_id, ids("ids")))
    .order_by(_E.phone_number_id, _E.version)
)
_PATHS = Statement(select(_O.id, _O.path).where(among(_O.id, ids("ids"))))
_FORMER = Statement(select(_F.id, _F.path).where(among(_F.id, ids("ids"))))
_INSERT = Statement(
    insert(table(UsageRecordRow)).values({name: bindparam(name, type_=_R[name].type) for name in UsageRecord._fields})
)
_RECORDED = Statement(
    select(_R.record_id).where(
        _R.root_id == _ROOT,
        _R.sender_id.in_((bindparam("sender_id", type_=Identifier), literal(UNKNOWN_SENDER, Identifier))),
        among(_R.record_id, texts("record_ids")),
    )
)


async def numbers_in_use(connection: DatabaseConnection) -> list[str]:
    """All numbers in use, lowest first."""
    return [row[0] for row in await connection.fetch(_IN_USE)]


async def number_ids(connection: DatabaseConnection, numbers: Sequence[str], *, root_id: int) -> dict[str, int]:
    """The ids of a root's numbers, including retired ones; unknown numbers are missing."""
    return dict(await connection.fetch(_NUMBERS, root_id=root_id, numbers=numbers))


async def holdings(connection: DatabaseConnection, phone_number_ids: Sequence[int]) -> dict[int, list[Holding]]:
    """The holdings of each number, oldest first."""
    found: dict[int, list[Holding]] = defaultdict(list)
    for number_id, *holding in await connection.fetch(_HOLDINGS, ids=phone_number_ids):
        found[number_id].append(Holding(*holding))
    return found


async def paths(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, str]:
    """The paths of organizations; the last path of deleted ones."""
    found: dict[int, str] = dict(await connection.fetch(_FORMER, ids=organization_ids))
    return found | dict(await connection.fetch(_PATHS, ids=organization_ids))


async def recorded_ids(
    connection: DatabaseConnection, record_ids: Sequence[str], *, root_id: int, sender_id: int
) -> set[str]:
    """The record ids that are already recorded for a sender under a root."""
    rows = await connection.fetch(_RECORDED, record_ids=record_ids, root_id=root_id, sender_id=sender_id)
    return {row[0] for row in rows}


async def insert_records(connection: DatabaseConnection, records: Sequence[UsageRecord]) -> None:
    """Insert usage records, in key order so that concurrent transactions do not deadlock.

    Raises UniqueViolation if a concurrent transaction inserted one of them.
    """
    await connection.execute_many(_INSERT, (record._asdict() for record in sorted(records)))
