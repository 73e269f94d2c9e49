"""The events of an operation: the values of each number before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Select,
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
from db.core.tables import NumberEventRow, PhoneNumberRow, UserRow, columns, table
from db.core.types import Identifier
from domain.statuses import NumberStatus
from domain.utilization import InventoryChange

_N, _E, _U = columns(PhoneNumberRow), columns(NumberEventRow), columns(UserRow)


class Change(Enum):
    """How a column changes: it keeps its value, is set to a parameter of the statement, or is cleared."""

    KEEP = "keep"
    SET = "set"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action does to each number; `status` None keeps the status.

    A column that is SET takes the parameter of its name. `user` takes two: `user_id`, and `person`, the description of
    the user that the event keeps.
    """

    status: NumberStatus | None = None
    organization: Change = Change.KEEP
    tag: Change = Change.KEEP
    forwarding: Change = Change.KEEP
    user: Change = Change.KEEP
    retires: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether counters change: those of numbers by holder and status."""
        return self.status is not None or self.organization is not Change.KEEP or self.retires


PERSON = _U.first_name + " " + _U.last_name + " <" + _U.email + ">"
"""As `domain.users.Person.described`."""

INVENTORY_COLUMNS = (_E.series_id, _E.organization_before, _E.organization_after, _E.status_before, _E.status_after)
"""The columns of an InventoryChange without its count."""

_OPERATION = bindparam("operation", type_=Identifier)


def _values_after(effect: Effect) -> dict[str, Any]:
    def changed(change: Change, column: Any, value: Any) -> Any:
        return {Change.KEEP: column, Change.SET: value, Change.CLEAR: null()}[change]

    status: Any = _N.status if effect.status is None else literal(int(effect.status), SmallInteger())
    organization = changed(effect.organization, _N.organization_id, bindparam("organization", type_=Identifier))
    return {
        "organization_after": null() if effect.retires else organization,
        "status_after": null() if effect.retires else status,
        "reserved_tag_after": changed(effect.tag, _N.reserved_tag, bindparam("tag", type_=Text())),
        "forwarding_number_after": changed(
            effect.forwarding, _N.forwarding_number, bindparam("forwarding", type_=Text())
        ),
        "user_after": changed(effect.user, PERSON, bindparam("person", type_=Text())),
        "user_id_after": changed(effect.user, _N.user_id, bindparam("user_id", type_=Identifier)),
    }


def writing(
    effect: Effect,
    *conditions: ColumnElement[bool],
    operation: Any = _OPERATION,
    limit: Any = None,
    single: bool = False,
    with_users: bool = True,
    returning: Sequence[Any] = (),
) -> Insert:
    """Insert the events of the numbers that meet the conditions, and lock the numbers in the order of their E.164 text.

    `single` is for conditions that at most one number meets, which needs no order. Without `with_users`, none of the
    numbers may have a user.

    The lock is on the rows whose values are inserted, so PostgreSQL reads a row again after it had to wait for it.
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
        **_values_after(effect),
    }
    if not with_users:
        values |= {"user_before": null(), "user_after": null()}
    source: Select[Any] = select(*(value.label(name) for name, value in values.items()))
    if with_users:
        source = source.outerjoin(table(UserRow), _U.id == _N.user_id)
    source = (
        source.where(*conditions)
        .order_by(*(() if single else (_N.number,)))
        .limit(limit)
        .with_for_update(of=table(PhoneNumberRow))
    )
    inserted = insert(table(NumberEventRow)).from_select(list(values), source)
    return inserted.returning(*returning) if returning else inserted


_INVENTORY_CHANGES = Statement(
    select(*INVENTORY_COLUMNS, func.count()).where(_E.operation_id == _OPERATION).group_by(*INVENTORY_COLUMNS)
)
_STATUSES_BEFORE = Statement(
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


class StatusBefore(NamedTuple):
    """The status that a number had before an operation."""

    number: str
    status: NumberStatus
    is_forwarded: bool


def counted(rows: Iterable[Sequence[Any]]) -> list[InventoryChange]:
    """The inventory changes in rows of `INVENTORY_COLUMNS`."""
    return [InventoryChange._make((*row, count)) for row, count in Counter(map(tuple, rows)).items()]


async def inventory_changes(connection: DatabaseConnection, operation: int) -> list[InventoryChange]:
    """How many numbers the operation took from which holder and status to which."""
    return [InventoryChange(*row) for row in await connection.fetch(_INVENTORY_CHANGES, operation=operation)]


async def statuses_before(
    connection: DatabaseConnection, operation: int, *, statuses: Sequence[NumberStatus], limit: int
) -> list[StatusBefore]:
    """The lowest numbers of the operation that had one of these statuses before it."""
    rows = await connection.fetch(_STATUSES_BEFORE, operation=operation, statuses=statuses, limit=limit)
    return [StatusBefore(number, NumberStatus(status), forwarding is not None) for number, status, forwarding in rows]


async def first_ids(connection: DatabaseConnection, operation: int, *, limit: int) -> list[int]:
    """The ids of the operation's lowest numbers."""
    return [row[0] for row in await connection.fetch(_FIRST_IDS, operation=operation, limit=limit)]
