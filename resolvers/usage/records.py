"""Record usage once per record id, attribute it to the holder of the number, and update the roll-ups."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from db.core.database import DatabaseConnection
from db.usage import records as usage_records
from db.usage.records import UsageRecord
from db.usage.rollups import RollupDelta
from domain.calendar import quarter_of
from domain.errors import DialtreeError, InvalidInput, NotFound
from domain.numbers import INPUT_LENGTH
from domain.scope import covers, root_of
from domain.usage import Holding, Metric, check_moment, check_quantity, check_record_id, owner_at
from resolvers.usage.commands import NewUsageRecord

ParseNumber = Callable[[str], str | None]
"""Returns a written number in E.164 form. For a text that is not a number, returns None or raises InvalidInput."""

AddToTotals = Callable[[Iterable[RollupDelta]], Awaitable[None]]
"""Adds to the totals, at once or later."""


def recording_lock(root_id: int) -> str:
    """Return the advisory lock of everything that records usage under a root.

    Batches share it; a file import holds it exclusively. A batch inserts its rows in key order, so batches cannot
    deadlock with each other. A file import inserts several batches in one transaction.
    """
    return f"usage {root_id}"


@dataclass(slots=True)
class BatchResult:
    """How many records were new and how many already recorded, and the errors of the others by index."""

    recorded: int = 0
    repeated: int = 0
    refusals: list[tuple[int, DialtreeError]] = field(default_factory=list)


class _NumberHistory(NamedTuple):
    """The numbers of a batch and their holders.

    A written number that cannot be parsed has no id, and perhaps a refusal; one that is not in the inventory has the
    id 0.
    """

    number_ids: dict[str, int]
    refusals: dict[str, InvalidInput]
    holdings: dict[int, list[Holding]]
    paths: dict[int, str]


async def record_batch(
    connection: DatabaseConnection,
    records: Sequence[tuple[int, NewUsageRecord]],
    *,
    sender_id: int,
    scope: str,
    parse: ParseNumber,
    add: AddToTotals,
) -> BatchResult:
    """Record the valid records of a batch, add them to the totals, and return the errors of the others by index.

    A record belongs to the organization that held the number at that time, which must be in scope. Record ids are
    unique per sender.
    """
    result = BatchResult()
    root_id = root_of(scope)
    history = await _read_history(connection, [record for _, record in records], parse, root_id=root_id)
    # Thousands of records would hold the event loop.
    accepted = await asyncio.to_thread(_accept, records, history, result, sender_id=sender_id, scope=scope)
    recorded = await usage_records.recorded_ids(connection, list(accepted), root_id=root_id, sender_id=sender_id)
    for record_id in recorded:
        del accepted[record_id]
        result.repeated += 1
    await usage_records.insert_records(connection, list(accepted.values()))
    await add(await asyncio.to_thread(_rollup_deltas, accepted.values(), history.paths))
    result.recorded = len(accepted)
    return result


def _accept(
    records: Sequence[tuple[int, NewUsageRecord]],
    history: _NumberHistory,
    result: BatchResult,
    *,
    sender_id: int,
    scope: str,
) -> dict[str, UsageRecord]:
    """Return the valid records by id; the refusals and repetitions of the others are added to the result."""
    accepted: dict[str, UsageRecord] = {}
    for index, record in records:
        try:
            attributed = _attribute(record, history, sender_id=sender_id, scope=scope)
        except DialtreeError as refusal:
            result.refusals.append((index, refusal))
            continue
        if attributed.record_id in accepted:
            result.repeated += 1
        accepted.setdefault(attributed.record_id, attributed)
    return accepted


def _rollup_deltas(records: Iterable[UsageRecord], paths: Mapping[int, str]) -> list[RollupDelta]:
    return [
        RollupDelta(
            paths[record.organization_id],
            Metric(record.kind),
            quarter_of(record.at),
            record.quantity if record.billable else 0,
            record.quantity,
        )
        for record in records
    ]


async def _read_history(
    connection: DatabaseConnection, records: Sequence[NewUsageRecord], parse: ParseNumber, *, root_id: int
) -> _NumberHistory:
    written = {record.number for record in records if len(record.number) <= INPUT_LENGTH}
    # Most are written as they are stored. Only the others are parsed, which is slow.
    number_ids = await usage_records.number_ids(
        connection, [text for text in written if "\0" not in text], root_id=root_id
    )
    rest = written - number_ids.keys()
    parsed, refusals = await asyncio.to_thread(_parse_all, rest, parse)
    found = await usage_records.number_ids(connection, sorted(set(parsed.values())), root_id=root_id)
    number_ids |= {text: found.get(number, 0) for text, number in parsed.items()}
    holdings = await usage_records.holdings(connection, sorted({id_ for id_ in number_ids.values() if id_}))
    holders = {holding.organization_id for history in holdings.values() for holding in history}
    paths = await usage_records.paths(connection, sorted(holder for holder in holders if holder is not None))
    return _NumberHistory(number_ids, refusals, holdings, paths)


def _parse_all(texts: Iterable[str], parse: ParseNumber) -> tuple[dict[str, str], dict[str, InvalidInput]]:
    """Return the numbers of texts, and the refusals of texts that are none."""
    parsed: dict[str, str] = {}
    refusals: dict[str, InvalidInput] = {}
    for text in texts:
        try:
            number = parse(text)
        except InvalidInput as refusal:
            refusals[text] = refusal
        else:
            if number is not None:
                parsed[text] = number
    return parsed, refusals


def _attribute(record: NewUsageRecord, history: _NumberHistory, *, sender_id: int, scope: str) -> UsageRecord:
    """Return the record with its owner at that time. Raises InvalidInput or NotFound."""
    check_record_id(record.record_id, path=("recordId",))
    check_quantity(record.quantity, path=("quantity",))
    check_moment(record.at, path=("at",))
    number = record.number.strip()
    number_id = history.number_ids.get(record.number)
    if number_id is None:
        if refusal := history.refusals.get(record.number):
            raise InvalidInput(refusal.message, path=("number",))
        raise InvalidInput(f"{number[:INPUT_LENGTH]!r} is not a telephone number in E.164 form.", path=("number",))
    owner = owner_at(history.holdings.get(number_id, ()), record.at)
    path = history.paths.get(owner.organization_id) if owner else None
    if owner is None or path is None or not covers(scope, path):
        raise NotFound(f"There is no number {number} in your scope at that time.", path=("number",), numbers=(number,))
    return UsageRecord(
        root_id=root_of(scope),
        sender_id=sender_id,
        record_id=record.record_id,
        phone_number_id=number_id,
        organization_id=owner.organization_id,
        user_id=owner.user_id,
        kind=record.kind,
        direction=record.direction,
        quantity=record.quantity,
        billable=record.billable,
        at=record.at,
    )
