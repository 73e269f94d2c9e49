"""The report of a job: what became of each number, line or user."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

import orjson

from db.core.database import DatabaseConnection
from db.jobs import queries as jobs
from db.jobs.queries import JobQuery
from db.reports import exports
from domain.errors import DialtreeError
from domain.reports import COLUMNS, STATUSES, Report, TextCells, escape_formula, line, quote
from resolvers.core.context import Context
from resolvers.core.idempotency import load_refusal

CHANGED = "CHANGED"
"""The result of a number that was changed; others have the code of a refusal."""

_WIDTH = len(COLUMNS[Report.JOB])


async def job_outcomes(context: Context, connection: DatabaseConnection, job_id: int) -> AsyncIterator[list[str]]:
    """Yield the lines of the report, the same that the answer of the mutation has, and every changed number."""
    found = await jobs.by_ids(connection, [job_id], JobQuery(context.scope, context.root_id))
    job = found.get(job_id)
    if job is None:
        return
    outcomes = await jobs.outcomes(connection, job_id)
    if outcomes is not None:
        yield list(_lines(orjson.loads(outcomes)))
        return
    if job.errors is not None:
        yield list(_lines(_refused(load_refusal(orjson.loads(job.errors)))))
        return
    skipped = orjson.loads(job.result or "{}").get("lines", [])
    yield list(_lines((entry["line"], entry["value"], entry["code"], entry["message"]) for entry in skipped))
    if job.operation_id is not None:
        async for lines in _changed(connection, job.operation_id, within=context.scope):
            yield lines


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for number, item, result, message in rows:
        cells = [str(number or ""), *(quote(escape_formula(text)) for text in (item, result, message))]
        yield line([*cells, *[""] * (_WIDTH - len(cells))])


def _refused(refusal: DialtreeError) -> Iterator[tuple[int, str, str, str]]:
    """Yield the lines at fault, or else the numbers, or else the refusal itself."""
    for error in (refusal, *refusal.also):
        code = error.code.value
        if error.lines:
            yield from ((entry.line, entry.value, entry.code.value, entry.message) for entry in error.lines)
        elif error.numbers:
            yield from ((0, number, code, error.message) for number in error.numbers)
        else:
            yield 0, "", code, error.message


async def _changed(connection: DatabaseConnection, operation: int, *, within: str) -> AsyncIterator[list[str]]:
    statuses = [quote(status) for status in STATUSES]
    texts = TextCells()
    result = f'"{CHANGED}",""'
    async for rows in exports.changed_numbers(connection, operation, within=within):
        yield [
            f',"{number}",{result},{before},{after},{texts[tag_before or ""]},{texts[tag_after or ""]},'
            f"{texts[from_ or '']},{texts[to or '']}\r\n"
            for number, status_before, status_after, tag_before, tag_after, from_, to in rows
            for before in ['""' if status_before is None else statuses[status_before]]
            for after in ['""' if status_after is None else statuses[status_after]]
        ]
