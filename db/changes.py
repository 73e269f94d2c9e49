"""Changing numbers: events first, then the numbers, both set-based, so that one or 100,000 take the same road.

A change writes an event for each number it selects (and locks), with every value before and after. The events are
the work list: what must not happen is found in them, the numbers are then updated from them, and the counters from
their tally. All inside one transaction, so a refusal leaves nothing behind.

Numbers are always locked in the order of their E.164 text, whoever changes them, so two changes never wait for each
other in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    SmallInteger,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from db import search
from db.counters import Tally
from db.database import Connection
from db.phone_numbers import STATUSES
from db.statements import Statement, among, ids
from db.tables import NumberEventRow, OperationRow, PhoneNumberRow, UserRow, columns, table
from db.types import Identifier, Instant, Ordered
from domain.allocation import AllocationStrategy
from domain.lifecycle import EventKind, NumberStatus
from domain.search import NumberFilter

_N, _E, _U = columns(PhoneNumberRow), columns(NumberEventRow), columns(UserRow)
_OP = columns(OperationRow)


class Change(Enum):
    """What becomes of a value: it stays, it takes the operation's parameter, or it is cleared."""

    KEEP = "keep"
    SET = "set"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to every number that it selects; `status` None keeps the status."""

    status: NumberStatus | None = None
    organization: Change = Change.KEEP
    tag: Change = Change.KEEP
    forwarding: Change = Change.KEEP
    retires: bool = False


# Operations

_INSERT_OPERATION = Statement(
    insert(table(OperationRow))
    .values(
        {
            name: bindparam(name, type_=_OP[name].type)
            for name in ("action", "at", "actor", "organization_id", "changed_count", "changes")
        }
    )
    .returning(_OP.id)
)
_REHOME_RETIRED = Statement(
    update(table(PhoneNumberRow))
    .where(among(_N.organization_id, ids("ids")), _N.retired_at.is_not(None))
    .values(organization_id=bindparam("organization", type_=Identifier))
)
_SET_COUNT = Statement(
    update(table(OperationRow))
    .where(_OP.id == bindparam("operation", type_=Identifier))
    .values(changed_count=bindparam("count", type_=Integer()))
)


async def begin_operation(
    connection: Connection,
    action: EventKind,
    *,
    at: datetime,
    actor: str,
    organization_id: int,
    changed_count: int = 0,
    changes: str | None = None,
) -> int:
    """Record an operation and return its id."""
    operation: int = await connection.value(
        _INSERT_OPERATION,
        action=action,
        at=at,
        actor=actor,
        organization_id=organization_id,
        changed_count=changed_count,
        changes=changes,
    )
    return operation


_DROP_OPERATION = Statement(delete(table(OperationRow)).where(_OP.id == bindparam("operation", type_=Identifier)))


async def drop_operation(connection: Connection, operation: int) -> None:
    """Forget an operation that turned out to change nothing."""
    await connection.execute(_DROP_OPERATION, operation=operation)


async def set_count(connection: Connection, operation: int, count: int) -> None:
    """Record how many numbers an operation changed."""
    await connection.execute(_SET_COUNT, operation=operation, count=count)


# Selecting and locking


@lru_cache(maxsize=256)
def _locked(shape: search.Shape, *, counted: bool) -> Statement:
    chosen = (
        select(_N.id)
        .where(search.predicate(shape))
        .order_by(_N.number)
        .limit(bindparam("limit", type_=BigInteger()))
        .with_for_update(of=table(PhoneNumberRow))
    )
    return Statement(select(func.count()).select_from(chosen.subquery()) if counted else chosen)


async def lock_ids(connection: Connection, filter_: NumberFilter, *, limit: int) -> set[int]:
    """Lock the numbers that fulfil the filter until the transaction ends; their ids."""
    statement = _locked(search.shape(filter_), counted=False)
    return {row[0] for row in await connection.fetch(statement, **search.parameters(filter_), limit=limit)}


async def lock_count(connection: Connection, filter_: NumberFilter, *, limit: int) -> int:
    """Lock the numbers that fulfil the filter until the transaction ends; how many, counted up to `limit`."""
    statement = _locked(search.shape(filter_), counted=True)
    count: int = await connection.value(statement, **search.parameters(filter_), limit=limit)
    return count


# Events


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
    }


PERSON = _U.first_name + " " + _U.last_name + " <" + _U.email + ">"


def _events(effect: Effect, *conditions: Any, limit: Any = None) -> Statement:
    """Write the events of the numbers that fulfil the conditions, locking them.

    The lock stands on the very rows whose values are written: PostgreSQL then reads them anew after a wait.
    """
    values: dict[str, Any] = {
        "phone_number_id": _N.id,
        "version": _N.version + 1,
        "operation_id": bindparam("operation", type_=Identifier),
        "series_id": _N.series_id,
        "organization_before": _N.organization_id,
        "status_before": _N.status,
        "reserved_tag_before": _N.reserved_tag,
        "forwarding_number_before": _N.forwarding_number,
        "user_before": PERSON,
        "user_after": PERSON,
        "user_id_after": _N.user_id,
        **_after(effect),
    }
    source = (
        select(*(value.label(name) for name, value in values.items()))
        .outerjoin(table(UserRow), _U.id == _N.user_id)
        .where(*conditions)
        .order_by(_N.number)
        .limit(limit)
        .with_for_update(of=table(PhoneNumberRow))
    )
    return Statement(insert(table(NumberEventRow)).from_select(list(values), source))


@lru_cache(maxsize=256)
def _events_matching(shape: search.Shape, effect: Effect, *, unless_same: bool) -> Statement:
    conditions: list[Any] = [search.predicate(shape)]
    if unless_same and effect.organization is Change.SET:
        conditions.append(_N.organization_id != bindparam("organization", type_=Identifier))
    if unless_same and effect.tag is Change.SET:
        conditions.append(_N.reserved_tag.is_distinct_from(bindparam("tag", type_=Text())))
    return _events(effect, *conditions)


async def record_matching(
    connection: Connection,
    filter_: NumberFilter,
    *,
    effect: Effect,
    operation: int,
    unless_same: bool = False,
    **values: Any,
) -> int:
    """Write an event for every number that fulfils the filter; how many.

    `values` are the operation's parameters: organization, tag, forwarding. With `unless_same`, numbers that would
    stay as they are are passed over.
    """
    statement = _events_matching(search.shape(filter_), effect, unless_same=unless_same)
    return await connection.execute(statement, **search.parameters(filter_), operation=operation, **values)


_HOLDING = and_(
    _N.retired_at.is_(None),
    _N.organization_id == bindparam("holder", type_=Identifier),
    _N.series_id == bindparam("series", type_=Identifier),
    _N.status == literal(int(NumberStatus.AVAILABLE), SmallInteger()),
)
_QUANTITY = bindparam("quantity", type_=BigInteger())


def _block() -> Any:
    """First and last of the lowest run of available numbers that is long enough.

    Inside one length the order of the texts is that of the values, so value minus position stays the same exactly
    along a run.
    """
    value = cast(func.substr(_N.number, 2), BigInteger)
    length = func.length(_N.number)
    position = func.row_number().over(partition_by=length, order_by=_N.number)
    runs = (
        select(_N.number.label("number"), length.label("length"), (value - position).label("run"))
        .where(_HOLDING)
        .subquery()
    )
    return (
        select(func.min(runs.c.number), func.max(runs.c.number), func.count())
        .group_by(runs.c.length, runs.c.run)
        .having(func.count() >= _QUANTITY)
        .order_by(func.min(runs.c.number))
        .limit(1)
    )


_FIND_BLOCK = Statement(_block())
_LONGEST_UNUSED = select(_N.id).where(_HOLDING).order_by(_N.available_since, _N.number).limit(_QUANTITY)
_GIVEN_AWAY = Effect(organization=Change.SET)
_EVENTS_AVAILABLE = {
    AllocationStrategy.LOWEST: _events(_GIVEN_AWAY, _HOLDING, limit=_QUANTITY),
    AllocationStrategy.LONGEST_UNUSED: _events(_GIVEN_AWAY, _HOLDING, _N.id.in_(_LONGEST_UNUSED)),
    AllocationStrategy.CONTIGUOUS: _events(
        _GIVEN_AWAY, _HOLDING, _N.number >= bindparam("first", type_=Ordered), limit=_QUANTITY
    ),
}


async def record_available(
    connection: Connection,
    *,
    operation: int,
    holder: int,
    series: int,
    quantity: int,
    target: int,
    strategy: AllocationStrategy,
) -> int:
    """Write an event for `quantity` available numbers of a series that go to the target; how many there were.

    Numbers that another change holds at this moment are waited for, and passed over when they are gone.
    """
    parameters: dict[str, Any] = {"holder": holder, "series": series, "quantity": quantity}
    if strategy is AllocationStrategy.CONTIGUOUS:
        block = await connection.fetch_one(_FIND_BLOCK, **parameters)
        if block is None:
            return 0
        parameters["first"] = block[0]
    return await connection.execute(_EVENTS_AVAILABLE[strategy], **parameters, operation=operation, organization=target)


# What the events say

_OPERATION = bindparam("operation", type_=Identifier)
_TALLY = Statement(
    select(
        _E.series_id,
        _E.organization_before,
        _E.organization_after,
        _E.status_before,
        _E.status_after,
        func.count(),
    )
    .where(_E.operation_id == _OPERATION)
    .group_by(
        _E.series_id,
        _E.organization_before,
        _E.organization_after,
        _E.status_before,
        _E.status_after,
    )
)
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


async def tally(connection: Connection, operation: int) -> list[Tally]:
    """How many numbers went from where to where."""
    return [Tally(*row) for row in await connection.fetch(_TALLY, operation=operation)]


async def offenders(
    connection: Connection, operation: int, *, statuses: Sequence[NumberStatus], limit: int
) -> list[Offender]:
    """The lowest numbers of the operation that were in one of these statuses."""
    rows = await connection.fetch(_OFFENDERS, operation=operation, statuses=statuses, limit=limit)
    return [Offender(number, STATUSES[status], forwarding is not None) for number, status, forwarding in rows]


async def first_ids(connection: Connection, operation: int, *, limit: int) -> list[int]:
    """The ids of the operation's lowest numbers."""
    return [row[0] for row in await connection.fetch(_FIRST_IDS, operation=operation, limit=limit)]


# The numbers become what the events say

_AT = bindparam("at", type_=Instant())
_IS_FREED = and_(_E.status_after == 0, func.coalesce(_E.status_before, -1) != 0)
_APPLY = Statement(
    update(table(PhoneNumberRow))
    .where(
        _E.operation_id == _OPERATION,
        _E.phone_number_id == _N.id,
        _E.version == _N.version + 1,
    )
    .values(
        series_id=_E.series_id,
        organization_id=func.coalesce(_E.organization_after, _N.organization_id),
        status=func.coalesce(_E.status_after, _N.status),
        reserved_tag=_E.reserved_tag_after,
        tag_folded=case(
            (_E.reserved_tag_after.is_(None), null()),
            (_E.reserved_tag_after == _N.reserved_tag, _N.tag_folded),
            else_=bindparam("tag_folded", type_=Ordered),
        ),
        forwarding_number=_E.forwarding_number_after,
        user_id=_E.user_id_after,
        retired_at=case((_E.status_after.is_(None), _AT), else_=null()),
        available_since=case((_IS_FREED, _AT), else_=_N.available_since),
        updated_at=_AT,
        version=_E.version,
    )
)


async def apply(connection: Connection, operation: int, *, at: datetime, tag_folded: str | None = None) -> int:
    """Make the numbers what the operation's events say; how many there were.

    `tag_folded` is the folded form of the one tag that the operation sets. A number is only touched while its version
    is the one that its event was written for.
    """
    return await connection.execute(_APPLY, operation=operation, at=at, tag_folded=tag_folded)


async def rehome_retired(connection: Connection, holders: Sequence[int], *, organization_id: int) -> None:
    """Let an organization keep the retired numbers of others that are about to be deleted."""
    await connection.execute(_REHOME_RETIRED, ids=holders, organization=organization_id)
