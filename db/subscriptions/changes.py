"""What operations changed, in the shape in which filters are matched: every value of a number before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select

from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids
from db.core.tables import (
    FormerOrganizationRow,
    NumberEventRow,
    OperationOrganizationRow,
    OperationRow,
    OrganizationRow,
    PhoneNumberRow,
    columns,
    table,
)
from db.core.types import Identifier
from domain.number_changes import ChangedGroup, NumberChange, NumberState, OperationChanges
from domain.statuses import EventKind, NumberStatus
from domain.texts import fold

LARGE = 1_000
"""Of an operation on more numbers, this many are read, and the others are counted."""

READ_TOGETHER = 5_000
"""How many numbers of small operations are read in one statement."""

_E, _OP, _N, _LINK = (columns(row) for row in (NumberEventRow, OperationRow, PhoneNumberRow, OperationOrganizationRow))


class _Holder:
    """The path of an organization that a column names, whether it exists or was deleted."""

    def __init__(self, column: Any) -> None:
        self._column = column
        self._present, self._former = table(OrganizationRow).alias(), table(FormerOrganizationRow).alias()
        self.path = func.coalesce(self._present.c.path, self._former.c.path)

    def join(self, query: Any) -> Any:
        """Join the organization to a query."""
        return query.outerjoin(self._present, self._present.c.id == self._column).outerjoin(
            self._former, self._former.c.id == self._column
        )


_before, _after, _touched = (
    _Holder(_E.organization_before),
    _Holder(_E.organization_after),
    _Holder(_LINK.organization_id),
)
_STATES = (
    _E.series_id,
    _before.path,
    _E.organization_before,
    _E.status_before,
    _after.path,
    _E.organization_after,
    _E.status_after,
)
_events = _after.join(
    _before.join(
        select(
            _E.operation_id,
            _E.phone_number_id,
            _N.number,
            *_STATES,
            _E.reserved_tag_before,
            _E.reserved_tag_after,
        ).join(table(PhoneNumberRow), _N.id == _E.phone_number_id)
    )
)
_OPERATION = bindparam("operation", type_=Identifier)
_OPERATIONS = Statement(
    select(_OP.id, _OP.action, _OP.at, _OP.changed_count).where(among(_OP.id, ids("ids"))).order_by(_OP.id)
)
_TOUCHED = Statement(
    _touched.join(select(_LINK.operation_id, _touched.path).select_from(table(OperationOrganizationRow))).where(
        among(_LINK.operation_id, ids("ids"))
    )
)
_EVENTS = Statement(_events.where(among(_E.operation_id, ids("ids"))))
_SOME_EVENTS = Statement(
    _events.where(_E.operation_id == _OPERATION)
    .order_by(_E.phone_number_id)
    .limit(bindparam("size", type_=BigInteger()))
)
_GROUPS = Statement(
    _after.join(_before.join(select(*_STATES, func.count()).select_from(table(NumberEventRow))))
    .where(_E.operation_id == _OPERATION)
    .group_by(*_STATES)
)


async def operation_changes(
    connection: DatabaseConnection, operation_ids: Sequence[int], *, most: int
) -> list[OperationChanges]:
    """Return what these operations changed, in the order of their ids: the first ones, with up to `most` numbers.

    The first operation is always among them.
    """
    found = _first(await connection.fetch(_OPERATIONS, ids=operation_ids), most=most)
    operation_ids = [row[0] for row in found]
    touched: dict[int, list[str]] = defaultdict(list)
    for operation_id, path in await connection.fetch(_TOUCHED, ids=operation_ids):
        if path is not None:
            touched[operation_id].append(path)
    numbers = await _numbers(connection, found)
    changes = []
    for operation_id, action, at, count in found:
        changed = tuple(sorted(numbers.get(operation_id, ()), key=lambda change: change.number))
        groups = await _groups(connection, operation_id) if count > LARGE else ()
        changes.append(
            OperationChanges(operation_id, EventKind(action), at, tuple(touched[operation_id]), changed, groups)
        )
    return changes


def _first(operations: Sequence[Row], *, most: int) -> Sequence[Row]:
    """The first operations, with up to `most` numbers to read, but at least one operation."""
    sums = accumulate(min(count, LARGE) for _, _, _, count in operations)
    return operations[: max(1, sum(total <= most for total in sums))]


async def _numbers(connection: DatabaseConnection, operations: Iterable[Row]) -> dict[int, list[NumberChange]]:
    """The changed numbers of the operations; of large ones, some."""
    numbers: dict[int, list[NumberChange]] = defaultdict(list)
    together: list[int] = []
    total = 0
    for operation_id, _, _, count in operations:
        if count > LARGE:
            _collect(numbers, await connection.fetch(_SOME_EVENTS, operation=operation_id, size=LARGE))
        elif count:
            together.append(operation_id)
            total += count
            if total >= READ_TOGETHER:
                _collect(numbers, await connection.fetch(_EVENTS, ids=together))
                together, total = [], 0
    if together:
        _collect(numbers, await connection.fetch(_EVENTS, ids=together))
    return numbers


def _collect(numbers: dict[int, list[NumberChange]], rows: Iterable[Row]) -> None:
    for operation_id, number_id, number, *states, tag_before, tag_after in rows:
        before, after = _states(*states)
        numbers[operation_id].append(
            NumberChange(
                number_id,
                number,
                before and before._replace(tag=tag_before and fold(tag_before)),
                after and after._replace(tag=tag_after and fold(tag_after)),
            )
        )


async def _groups(connection: DatabaseConnection, operation_id: int) -> tuple[ChangedGroup, ...]:
    rows = await connection.fetch(_GROUPS, operation=operation_id)
    return tuple(ChangedGroup(*_states(*states), count) for *states, count in rows)


def _states(
    series_id: int,
    path_before: str | None,
    holder_before: int | None,
    status_before: int | None,
    path_after: str | None,
    holder_after: int | None,
    status_after: int | None,
) -> tuple[NumberState | None, NumberState | None]:
    return (
        _state(series_id, path_before, holder_before, status_before),
        _state(series_id, path_after, holder_after, status_after),
    )


def _state(series_id: int, path: str | None, holder: int | None, status: int | None) -> NumberState | None:
    if path is None or holder is None or status is None:
        return None
    return NumberState(path, holder, series_id, NumberStatus(status))
