"""Writing reports: CSV as RFC 4180 has it, in UTF-8 with a byte-order mark, streamed from the database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta

import orjson

from db.core.database import DatabaseConnection
from db.history import operations
from db.history.operations import NewOperation
from db.organizations.queries import OrganizationRecord
from db.reports import exports
from db.reports.exports import UtilizationReportRow
from domain.calendar import midnight
from domain.errors import not_found
from domain.organizations import join_path
from domain.reports import COLUMNS, STATUSES, Report, TextCells, line, quote
from domain.scope import depth
from domain.statuses import EventKind
from domain.utilization import Counts
from resolvers.core.context import Context
from resolvers.numbers.filters import narrow
from resolvers.organizations.queries import find_organization
from resolvers.reports.links import Request

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take the file for another encoding."""

Lines = AsyncIterator[list[str]]


async def begin(context: Context, request: Request) -> OrganizationRecord:
    """Record that a report is downloaded; the organization that it is about. Raises NotFound outside the scope."""
    organization = await find_organization(context, request.organization_id)
    if organization is None:
        raise not_found("organization", path=())
    changes = [["report", None, request.report.value], ["filename", None, request.filename]]
    async with context.database.write() as connection:
        operation = await operations.begin_operation(
            connection,
            NewOperation(
                EventKind.REPORT_DOWNLOADED,
                context.clock(),
                context.actor.name,
                context.actor.acting.id,
                changes=orjson.dumps(changes).decode(),
            ),
        )
        await operations.link(connection, operation, [organization.id])
    return organization


async def write(context: Context, request: Request, organization: OrganizationRecord) -> AsyncGenerator[bytes, None]:
    """The report, piece by piece, as it stood at one moment; nothing is read before it is asked for."""
    yield (BYTE_ORDER_MARK + line(map(quote, COLUMNS[request.report]))).encode()
    async with context.database.export() as connection:
        async for lines in _LINES[request.report](context, connection, request, organization):
            yield "".join(lines).encode()


async def _number_utilization(
    _context: Context, connection: DatabaseConnection, _request: Request, organization: OrganizationRecord
) -> Lines:
    top = depth(organization.path)
    names: list[str] = []
    texts = TextCells()
    async for organizations in exports.utilization(connection, within=organization.path):
        lines = []
        for held in organizations:
            del names[depth(held.path) - top :]
            names.append(held.name)
            lines.append(line((texts[held.name], texts[join_path(names)], *map(str, _figures(held)))))
        yield lines


def _figures(held: UtilizationReportRow) -> tuple[float, ...]:
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
    context: Context, connection: DatabaseConnection, request: Request, _organization: OrganizationRecord
) -> Lines:
    wanted = await narrow(context.loaders.organizations.load_many, request.filter, scope=context.scope)
    texts = TextCells()
    statuses = [quote(status) for status in STATUSES]
    async for rows in exports.numbers(connection, wanted, request.order):
        yield [
            f'{texts[series]},"{number}",{texts[organization]},{statuses[status]},{texts[tag or ""]}\r\n'
            for series, number, organization, status, tag in rows
        ]


async def _consumption(
    _context: Context, connection: DatabaseConnection, request: Request, organization: OrganizationRecord
) -> Lines:
    if request.first is None or request.last is None:
        raise ValueError("a consumption report has a period")
    used = exports.consumption(
        connection,
        within=organization.path,
        start=midnight(request.first, organization.time_zone),
        end=midnight(request.last + timedelta(days=1), organization.time_zone),
    )
    texts = TextCells()
    async for rows in used:
        yield [
            line((quote(row.number), texts[row.user or ""], texts[row.organization or DELETED], *map(str, row[3:])))
            for row in rows
        ]


DELETED = "(deleted organization)"
"""What stands for the name of an organization that is gone; its usage stays with those above."""

_LINES = {
    Report.NUMBER_UTILIZATION: _number_utilization,
    Report.PHONE_NUMBERS: _phone_numbers,
    Report.CONSUMPTION: _consumption,
}
