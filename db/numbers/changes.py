"""Changing numbers: events first, then the numbers, both set-based, so that one or 100,000 take the same road.

A change writes an event for each number it selects (and locks), with every value before and after. The events are
the work list: what must not happen is found in them, the numbers are then updated from them, and the counters from
their tally. All inside one transaction, so a refusal leaves nothing behind.

Numbers are always locked in the order of their E.164 text, whoever changes them, so two changes never wait for each
other in a circle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    null,
    select,
    update,
)

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import NumberEventRow, OrganizationRow, PhoneNumberRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from db.history import events, operations
from db.history.events import Change, Effect, writing
from db.history.operations import NewOperation
from db.numbers import predicates as search
from db.utilization.counters import Tally
from domain.search import NumberFilter
from domain.statuses import NumberStatus

_N, _E, _O = columns(PhoneNumberRow), columns(NumberEventRow), columns(OrganizationRow)
_OPERATION = bindparam("operation", type_=Identifier)


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


async def lock_ids(connection: DatabaseConnection, filter_: NumberFilter, *, limit: int) -> list[int]:
    """Lock the numbers that fulfil the filter until the transaction ends; their ids in the order of the numbers."""
    statement = _locked(search.shape(filter_), counted=False)
    return [row[0] for row in await connection.fetch(statement, **search.parameters(filter_), limit=limit)]


async def lock_count(connection: DatabaseConnection, filter_: NumberFilter, *, limit: int) -> int:
    """Lock the numbers that fulfil the filter until the transaction ends; how many, counted up to `limit`."""
    statement = _locked(search.shape(filter_), counted=True)
    count: int = await connection.value(statement, **search.parameters(filter_), limit=limit)
    return count


class Recorded(NamedTuple):
    """What a change has written."""

    operation: int
    amount: int
    """How many events there are."""

    tallies: list[Tally]
    """How many numbers went from where to where."""

    applied: int | None = None
    """How many numbers are what their events say already; None where that is still to be done, and all that follows."""

    paths: Mapping[int, str] | None = None
    """The holders' paths, where the operation is part of their activity already."""


@lru_cache(maxsize=256)
def _events_matching(shape: search.Shape, effect: Effect, *, unless_same: bool, told: bool) -> Statement:
    chosen = conditions(shape, effect, unless_same=unless_same)
    return Statement(writing(effect, *chosen, returning=events.TALLIED if told else ()))


def conditions(shape: search.Shape, effect: Effect, *, unless_same: bool) -> list[Any]:
    """What a number must fulfil to get an event."""
    chosen: list[Any] = [search.predicate(shape)]
    if unless_same and effect.organization is Change.SET:
        chosen.append(_N.organization_id != bindparam("organization", type_=Identifier))
    if unless_same and effect.tag is Change.SET:
        chosen.append(_N.reserved_tag.is_distinct_from(bindparam("tag", type_=Text())))
    return chosen


async def record_matching(
    connection: DatabaseConnection,
    beginning: NewOperation,
    filter_: NumberFilter,
    *,
    effect: Effect,
    few: bool,
    unless_same: bool = False,
    **values: Any,
) -> Recorded:
    """Begin an operation, and write an event for every number that fulfils the filter.

    Of a few numbers the statement itself tells what became of them; what is told of many is too long, and counted in
    the database.

    `values` are the effect's parameters: organization, tag, forwarding, user_id and person. With `unless_same`,
    numbers that would stay as they are are passed over.
    """
    operation = await operations.begin_operation(connection, beginning)
    statement = _events_matching(search.shape(filter_), effect, unless_same=unless_same, told=few)
    parameters = search.parameters(filter_) | values
    if few:
        told = await connection.fetch(statement, **parameters, operation=operation)
        return Recorded(operation, len(told), tallies(map(tuple, told)))
    count = await connection.execute(statement, **parameters, operation=operation)
    return Recorded(operation, count, await events.tally(connection, operation))


def tallies(told: Iterable[tuple[Any, ...]]) -> list[Tally]:
    """How many numbers went from where to where, told by a row for each."""
    return [Tally._make((*row, count)) for row, count in Counter(told).items()]


ASSIGNED = Effect(status=NumberStatus.ASSIGNED, tag=Change.CLEAR, forwarding=Change.CLEAR, user=Change.SET)
"""What an invitation does to its number."""

FREED = Effect(status=NumberStatus.AVAILABLE, user=Change.CLEAR)
"""What becomes of a number whose user no longer has it."""

_ASSIGN = Statement(writing(ASSIGNED, _N.id == bindparam("number_id", type_=Identifier)))


class Assignment(NamedTuple):
    """Which number goes to which user, and how he is called."""

    number_id: int
    user_id: int
    person: str


async def record_assignments(
    connection: DatabaseConnection, assignments: Iterable[Assignment], *, operation: int
) -> None:
    """Write the events of numbers that each go to a user of their own. They are locked and fit for it."""
    await connection.execute_many(_ASSIGN, (one._asdict() | {"operation": operation} for one in assignments))


_FREE = Statement(writing(FREED, among(_N.user_id, ids("user_ids"))))


async def record_freed(connection: DatabaseConnection, user_ids: Sequence[int], *, operation: int) -> int:
    """Write the events of the numbers that these users no longer have; how many."""
    return await connection.execute(_FREE, user_ids=user_ids, operation=operation)


_AT = bindparam("at", type_=Instant())
APPLIED = (
    _E.phone_number_id,
    _E.version,
    _E.reserved_tag_after,
    _E.forwarding_number_after,
    _E.user_id_after,
)
"""What is written into numbers of their events, besides what is tallied."""


def applying(events_: Any) -> Update:
    """Make numbers what these events say; each only while its version is the one that its event was written for."""
    is_freed = and_(events_.status_after == 0, func.coalesce(events_.status_before, -1) != 0)
    return (
        update(table(PhoneNumberRow))
        .where(events_.phone_number_id == _N.id, events_.version == _N.version + 1)
        .values(
            series_id=events_.series_id,
            organization_id=func.coalesce(events_.organization_after, _N.organization_id),
            status=func.coalesce(events_.status_after, _N.status),
            reserved_tag=events_.reserved_tag_after,
            tag_folded=case(
                (events_.reserved_tag_after.is_(None), null()),
                (events_.reserved_tag_after == _N.reserved_tag, _N.tag_folded),
                else_=bindparam("tag_folded", type_=Ordered),
            ),
            forwarding_number=events_.forwarding_number_after,
            user_id=events_.user_id_after,
            retired_at=case((events_.status_after.is_(None), _AT), else_=null()),
            available_since=case((is_freed, _AT), else_=_N.available_since),
            updated_at=_AT,
            version=events_.version,
        )
    )


_APPLY = Statement(applying(_E).where(_E.operation_id == _OPERATION))


async def apply(connection: DatabaseConnection, operation: int, *, at: datetime, tag_folded: str | None = None) -> int:
    """Make the numbers what the operation's events say; how many there were.

    `tag_folded` is the folded form of the one tag that the operation sets.
    """
    return await connection.execute(_APPLY, operation=operation, at=at, tag_folded=tag_folded)


_REHOME_RETIRED = Statement(
    update(table(PhoneNumberRow))
    .where(among(_N.organization_id, ids("ids")), _N.retired_at.is_not(None))
    .values(organization_id=bindparam("organization", type_=Identifier))
)


async def rehome_retired(connection: DatabaseConnection, holders: Sequence[int], *, organization_id: int) -> None:
    """Let an organization keep the retired numbers of others that are about to be deleted."""
    await connection.execute(_REHOME_RETIRED, ids=holders, organization=organization_id)
