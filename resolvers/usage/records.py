"""Storing usage records: each of them once, with whom it belongs to, and rolled up in the same transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from db.core.database import DatabaseConnection
from db.usage import records as usage
from db.usage import rollups as period_sums
from db.usage.records import UsageRecord
from db.usage.rollups import RollupDelta
from domain.calendar import quarter_of
from domain.errors import DialtreeError, InvalidInput, NotFound
from domain.numbers import INPUT_LENGTH
from domain.scope import covers, root_of
from domain.usage import Direction, Holding, Metric, UsageKind, check_moment, check_quantity, check_record_id, owner_at


class NewRecord(NamedTuple):
    """A record as its sender wrote it."""

    record_id: str
    number: str
    kind: UsageKind
    direction: Direction | None
    quantity: int
    billable: bool
    at: datetime


@dataclass(slots=True)
class Stored:
    """What became of some records: how many are new, how many were there, and why the others are refused, by place."""

    recorded: int = 0
    repeated: int = 0
    refusals: list[tuple[int, DialtreeError]] = field(default_factory=list)


class _Known(NamedTuple):
    """What the numbers of a batch are, as they were written, and who held them when."""

    numbers: dict[str, int | None]
    histories: dict[int, list[Holding]]
    paths: dict[int, str]


Read = Callable[[str], str | None]
"""How a written number is read."""


def usage_lock(root_id: int) -> str:
    """Return the subject of the lock on a root's records: batches share it, and a file has it alone.

    A batch writes rows in the order of their keys, so batches can't wait for each other in a ring. A file is stored in
    several such runs.
    """
    return f"usage {root_id}"


async def store(
    connection: DatabaseConnection,
    records: Sequence[tuple[int, NewRecord]],
    *,
    sender_id: int,
    scope: str,
    read: Read,
) -> Stored:
    """Store the records that are right, each given with its place; the others are refused one by one.

    A record belongs to the organization that held its number at its time, which must be inside the scope.
    """
    done = Stored()
    known = await _look_up(connection, [record for _, record in records], read, root=root_of(scope))
    fitting: dict[str, UsageRecord] = {}
    for place, record in records:
        try:
            owned = _owned(record, known, sender_id=sender_id, scope=scope)
        except DialtreeError as refusal:
            done.refusals.append((place, refusal))
            continue
        if owned.record_id in fitting:
            done.repeated += 1
        fitting.setdefault(owned.record_id, owned)
    repeated = await usage.stored_record_ids(connection, list(fitting), root_id=root_of(scope), sender_id=sender_id)
    for record_id in repeated:
        del fitting[record_id]
        done.repeated += 1
    await usage.insert_records(connection, list(fitting.values()))
    await period_sums.add(connection, _counted(fitting.values(), known.paths))
    done.recorded = len(fitting)
    return done


def _counted(records: Iterable[UsageRecord], paths: dict[int, str]) -> Iterable[RollupDelta]:
    for record in records:
        billable = record.quantity if record.billable else 0
        figure = Metric(record.kind)
        yield RollupDelta(paths[record.organization_id], figure, quarter_of(record.at), billable, record.quantity)


async def _look_up(connection: DatabaseConnection, records: Sequence[NewRecord], read: Read, *, root: int) -> _Known:
    written = {record.number for record in records if len(record.number) <= INPUT_LENGTH}
    # Most are written in the form that is stored; only the others need to be read, which takes its time.
    ids = await usage.number_ids(connection, [text for text in written if "\0" not in text], root_id=root)
    rest = written - ids.keys()
    parsed = await asyncio.to_thread(lambda: {text: read(text) for text in rest})
    e164 = sorted({number for number in parsed.values() if number is not None})
    found = await usage.number_ids(connection, e164, root_id=root)
    numbers: dict[str, int | None] = {**ids}
    numbers |= {text: found.get(number, 0) for text, number in parsed.items() if number is not None}
    histories = await usage.holdings(connection, sorted({id_ for id_ in numbers.values() if id_}))
    holders = {held.organization_id for history in histories.values() for held in history}
    paths = await usage.paths(connection, sorted(holder for holder in holders if holder is not None))
    return _Known(numbers, histories, paths)


def _owned(record: NewRecord, known: _Known, *, sender_id: int, scope: str) -> UsageRecord:
    check_record_id(record.record_id, path=("recordId",))
    check_quantity(record.quantity, path=("quantity",))
    check_moment(record.at, path=("at",))
    id_ = known.numbers.get(record.number)
    if id_ is None:
        raise InvalidInput(
            f"{record.number.strip()[:INPUT_LENGTH]!r} is not a telephone number in E.164 form.", path=("number",)
        )
    owner = owner_at(known.histories.get(id_, ()), record.at)
    path = known.paths.get(owner.organization_id) if owner else None
    if owner is None or path is None or not covers(scope, path):
        raise NotFound(
            f"There is no number {record.number.strip()} in your scope at that time.",
            path=("number",),
            numbers=(record.number.strip(),),
        )
    return UsageRecord(
        root_id=root_of(scope),
        sender_id=sender_id,
        record_id=record.record_id,
        phone_number_id=id_,
        organization_id=owner.organization_id,
        user_id=owner.user_id,
        kind=record.kind,
        direction=record.direction,
        quantity=record.quantity,
        billable=record.billable,
        at=record.at,
    )
