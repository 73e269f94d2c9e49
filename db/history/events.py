"""The events of a change: what becomes of each number that it selects. First the work list, then the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Insert,
    SmallInteger,
    Text,
    bindparam,
    func,
    insert,
    literal,
    null,
    select,
)

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import NumberEventRow, OperationRow, PhoneNumberRow, UserRow, columns, table
from db.core.types import Identifier
from db.numbers.queries import STATUSES
from db.utilization.counters import Tally
from domain.statuses import NumberStatus

_N, _E, _U = columns(PhoneNumberRow), columns(NumberEventRow), columns(UserRow)
_OP = columns(OperationRow)


class Change(Enum):
    """What becomes of a value: it stays, it takes the operation's parameter, or it is cleared."""

    KEEP = "keep"
    SET = "set"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to every number that it selects; `status` None keeps the status.

    `user` SET takes two parameters: the user's id, `user_id`, and how he is called, `person`.
    """

    status: NumberStatus | None = None
    organization: Change = Change.KEEP
    tag: Change = Change.KEEP
    forwarding: Change = Change.KEEP
    user: Change = Change.KEEP
    retires: bool = False


PERSON = _U.first_name + " " + _U.last_name + " <" + _U.email + ">"
"""As `domain.users.Person.described`."""


def _after(effect: Effect) -> dict[str, Any]:
    """The columns of an event that tell what its number becomes."""
    organization = bindparam("organization", type_=Identifier)
    tag = bindparam("tag", type_=Text())
    forwarding = bindparam("forwarding", type_=Text())
    status: Any = _N.status if effect.status is None else literal(int(effect.status), SmallInteger())
    gone: Any = null()
    return {
        "organization_after": gone
        if effect.retires
        else organization
        if effect.organization is Change.SET
        else _N.organization_id,
        "status_after": gone if effect.retires else status,
        "reserved_tag_after": {Change.KEEP: _N.reserved_tag, Change.SET: tag, Change.CLEAR: gone}[effect.tag],
        "forwarding_number_after": {
            Change.KEEP: _N.forwarding_number,
            Change.SET: forwarding,
            Change.CLEAR: gone,
        }[effect.forwarding],
        "user_after": {Change.KEEP: PERSON, Change.SET: bindparam("person", type_=Text()), Change.CLEAR: gone}[
            effect.user
        ],
        "user_id_after": {
            Change.KEEP: _N.user_id,
            Change.SET: bindparam("user_id", type_=Identifier),
            Change.CLEAR: gone,
        }[effect.user],
    }


TALLIED = (_E.series_id, _E.organization_before, _E.organization_after, _E.status_before, _E.status_after)
"""What a tally counts events by."""


_OPERATION = bindparam("operation", type_=Identifier)


def writing(
    effect: Effect,
    *conditions: Any,
    operation: Any = _OPERATION,
    limit: Any = None,
    single: bool = False,
    returning: Sequence[Any] = (),
) -> Insert:
    """Write the events of the numbers that fulfil the conditions, locking them in the order of the numbers.

    `single` is for conditions that one number fulfils at most, which needs no order.

    The lock stands on the very rows whose values are written: PostgreSQL then reads them anew after a wait.
    """
    values: dict[str, Any] = {
        "phone_number_id": _N.id,
        "version": _N.version + 1,
        "operation_id": operation,
        "series_id": _N.series_id,
        "organization_before": _N.organization_id,
        "status_before": _N.status,
        "reserved_tag_before": _N.reserved_tag,
        "forwarding_number_before": _N.forwarding_number,
        "user_before": PERSON,
        **_after(effect),
    }
    source = (
        select(*(value.label(name) for name, value in values.items()))
        .outerjoin(table(UserRow), _U.id == _N.user_id)
        .where(*conditions)
        .order_by(*(() if single else (_N.number,)))
        .limit(limit)
        .with_for_update(of=table(PhoneNumberRow))
    )
    written = insert(table(NumberEventRow)).from_select(list(values), source)
    return written.returning(*returning) if returning else written


_TALLY = Statement(select(*TALLIED, func.count()).where(_E.operation_id == _OPERATION).group_by(*TALLIED))
_OFFENDERS = Statement(
    select(_N.number, _E.status_before, _E.forwarding_number_before)
    .join(table(PhoneNumberRow), _N.id == _E.phone_number_id)
    .where(_E.operation_id == _OPERATION, among(_E.status_before, ids("statuses")))
    .order_by(_N.number)
    .limit(bindparam("limit", type_=BigInteger()))
)
_FIRST_IDS = Statement(
    select(_E.phone_number_id)
    .join(table(PhoneNumberRow), _N.id == _E.phone_number_id)
    .where(_E.operation_id == _OPERATION)
    .order_by(_N.number)
    .limit(bindparam("limit", type_=BigInteger()))
)


class Offender(NamedTuple):
    """A number that does not allow the change."""

    number: str
    status: NumberStatus
    forwarded: bool


async def tally(connection: DatabaseConnection, operation: int) -> list[Tally]:
    """How many numbers went from where to where."""
    return [Tally(*row) for row in await connection.fetch(_TALLY, operation=operation)]


async def offenders(
    connection: DatabaseConnection, operation: int, *, statuses: Sequence[NumberStatus], limit: int
) -> list[Offender]:
    """The lowest numbers of the operation that were in one of these statuses."""
    rows = await connection.fetch(_OFFENDERS, operation=operation, statuses=statuses, limit=limit)
    return [Offender(number, STATUSES[status], forwarding is not None) for number, status, forwarding in rows]


async def first_ids(connection: DatabaseConnection, operation: int, *, limit: int) -> list[int]:
    """The ids of the operation's lowest numbers."""
    return [row[0] for row in await connection.fetch(_FIRST_IDS, operation=operation, limit=limit)]
