"""Writing reports: CSV as RFC 4180 has it, in UTF-8 with a byte-order mark, streamed from the database."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import orjson

from db import exports, operations
from db.database import Connection
from db.exports import Held
from db.organizations import OrganizationRecord
from domain.calendar import midnight
from domain.errors import not_found
from domain.organizations import join_path
from domain.reports import COLUMNS, STATUSES, Report, neutral
from domain.scope import depth
from domain.statuses import EventKind
from domain.utilization import Counts
from resolvers.context import Context
from resolvers.filters import narrow
from resolvers.organizations import find_organization
from resolvers.report_links import Request

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take the file for another encoding."""

Rows = AsyncIterator[list[tuple[Any, ...]]]


async def begin(context: Context, request: Request) -> OrganizationRecord:
    """Record that a report is downloaded; the organization that it is about. Raises NotFound outside the scope."""
    organization = await find_organization(context, request.organization_id)
    if organization is None:
        raise not_found("organization", path=())
    changes = [["report", None, request.report.value], ["filename", None, request.filename]]
    async with context.database.write() as connection:
        operation = await operations.begin_operation(
            connection,
            EventKind.REPORT_DOWNLOADED,
            at=context.clock(),
            actor=context.actor.name,
            organization_id=context.actor.acting.id,
            changes=orjson.dumps(changes).decode(),
        )
        await operations.link(connection, operation, [organization.id])
    return organization


async def write(context: Context, request: Request, organization: OrganizationRecord) -> AsyncGenerator[bytes, None]:
    """The report, piece by piece, as it stood at one moment; nothing is read before it is asked for."""
    yield (BYTE_ORDER_MARK + _lines([COLUMNS[request.report]])).encode()
    async with context.database.export() as connection:
        async for rows in _ROWS[request.report](context, connection, request, organization):
            yield _lines(rows).encode()


def _lines(rows: Iterable[tuple[Any, ...]]) -> str:
    # Texts stand in quotes: a spreadsheet can then be told to leave them as they are, such as `+14188984760` or `007`.
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    return text.getvalue()


async def _number_utilization(
    _context: Context, connection: Connection, _request: Request, organization: OrganizationRecord
) -> Rows:
    top = depth(organization.path)
    names: list[str] = []
    async for organizations in exports.utilization(connection, within=organization.path):
        rows = []
        for held in organizations:
            del names[depth(held.path) - top :]
            names.append(held.name)
            rows.append((neutral(held.name), neutral(join_path(names)), *_figures(held)))
        yield rows


def _figures(held: Held) -> tuple[float, ...]:
    counts = Counts(held.available, held.reserved, held.assigned, held.registered, held.allocated)
    return (
        counts.total,
        counts.in_use,
        held.available,
        held.reserved,
        held.assigned,
        held.registered,
        held.allocated,
        round(counts.percent, 2),
        held.threshold_percent,
    )


async def _phone_numbers(
    context: Context, connection: Connection, request: Request, _organization: OrganizationRecord
) -> Rows:
    wanted = await narrow(connection, request.filter, scope=context.scope, whole=context.whole)
    async for rows in exports.numbers(connection, wanted, request.order):
        yield [
            (neutral(series), number, neutral(organization), STATUSES[status], neutral(tag or ""))
            for series, number, organization, status, tag in rows
        ]


async def _consumption(
    _context: Context, connection: Connection, request: Request, organization: OrganizationRecord
) -> Rows:
    if request.first is None or request.last is None:
        message = "a consumption report has a period"
        raise ValueError(message)
    used = exports.consumption(
        connection,
        within=organization.path,
        start=midnight(request.first, organization.time_zone),
        end=midnight(request.last + timedelta(days=1), organization.time_zone),
    )
    async for rows in used:
        yield [(row.number, neutral(row.user or ""), neutral(row.organization or DELETED), *row[3:]) for row in rows]


DELETED = "(deleted organization)"
"""What stands for the name of an organization that is gone; its usage stays with those above."""

_ROWS = {
    Report.NUMBER_UTILIZATION: _number_utilization,
    Report.PHONE_NUMBERS: _phone_numbers,
    Report.CONSUMPTION: _consumption,
}
