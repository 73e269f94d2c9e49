"""Stream reports from the database as CSV (RFC 4180) in UTF-8 with a byte-order mark."""

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
from domain.reports import COLUMNS, STATUSES, Report, TextCells, escape_formula, line, quote
from domain.scope import depth
from domain.statuses import EventKind
from domain.utilization import Counts
from resolvers.core.context import Context
from resolvers.core.transactions import write_with_retries
from resolvers.numbers.filters import narrow
from resolvers.organizations.queries import find_organization
from resolvers.reports.job_outcomes import job_outcomes
from resolvers.reports.links import ReportRequest

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets need it to recognize UTF-8."""

Lines = AsyncIterator[list[str]]


async def record_download(context: Context, request: ReportRequest) -> OrganizationRecord:
    """Record the download of a report and return the report's organization. Raises NotFound if it is out of scope."""
    organization = await find_organization(context, request.organization_id)
    if organization is None:
        raise not_found("organization", path=())
    changes = [["report", None, request.report.value], ["filename", None, request.filename]]

    async def record(connection: DatabaseConnection) -> None:
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

    await write_with_retries(context.database, record)
    return organization


async def stream_report(
    context: Context, request: ReportRequest, organization: OrganizationRecord
) -> AsyncGenerator[bytes, None]:
    """Yield the report in chunks, read from one snapshot. The heading is yielded before the database is queried."""
    yield (BYTE_ORDER_MARK + line(map(quote, COLUMNS[request.report]))).encode()
    async with context.database.export() as connection:
        async for lines in _REPORTS[request.report](context, connection, request, organization):
            yield "".join(lines).encode()


async def _number_utilization(
    _context: Context, connection: DatabaseConnection, _request: ReportRequest, organization: OrganizationRecord
) -> Lines:
    written = _WrittenPaths(organization.path)
    texts = TextCells()
    async for rows in exports.utilization(connection, within=organization.path):
        yield [
            line((texts[row.name], texts[written.add(row.path, row.name)], *map(str, _utilization_values(row))))
            for row in rows
        ]


class _WrittenPaths:
    """The names of organizations from one of them down, which come after those that they are below."""

    def __init__(self, top: str) -> None:
        self._top = depth(top)
        self._names: list[str] = []

    def add(self, path: str, name: str) -> str:
        """Return the written path of the next organization."""
        del self._names[depth(path) - self._top :]
        self._names.append(name)
        return join_path(self._names)


def _utilization_values(row: UtilizationReportRow) -> tuple[float, ...]:
    counts = Counts(row.available, row.reserved, row.assigned, row.registered, row.allocated)
    return (
        counts.total,
        counts.in_use,
        row.available,
        row.reserved,
        row.assigned,
        row.registered,
        row.allocated,
        round(counts.percent, 2),
        row.threshold_percent,
    )


async def _phone_numbers(
    context: Context, connection: DatabaseConnection, request: ReportRequest, _organization: OrganizationRecord
) -> Lines:
    number_filter = await narrow(
        context.loaders.organizations.load_many, request.filter, scope=context.scope, load_region=context.region
    )
    written = _WrittenPaths(context.scope)
    organizations: dict[str, tuple[str, str]] = {}
    async for named in exports.names(connection, within=context.scope):
        for path, name in named:
            organizations[path] = quote(escape_formula(name)), quote(escape_formula(written.add(path, name)))
    texts = TextCells()
    statuses = [quote(status) for status in STATUSES]
    async for rows in exports.numbers(connection, number_filter, request.order):
        lines = []
        for series, number, path, status, tag in rows:
            if path not in organizations:
                # It was in scope when the filter was read, and left it before the snapshot.
                continue
            name, names = organizations[path]
            lines.append(f'{texts[series]},"{number}",{name},{statuses[status]},{texts[tag or ""]},{names}\r\n')
        yield lines


async def _consumption(
    _context: Context, connection: DatabaseConnection, request: ReportRequest, organization: OrganizationRecord
) -> Lines:
    if request.first is None or request.last is None:
        raise ValueError("a consumption report needs a period")
    consumption = exports.consumption(
        connection,
        within=organization.path,
        start=midnight(request.first, organization.time_zone),
        end=midnight(request.last + timedelta(days=1), organization.time_zone),
    )
    texts = TextCells()
    async for rows in consumption:
        yield [
            line(
                (
                    quote(row.number),
                    texts[row.user or ""],
                    texts[row.organization or DELETED_ORGANIZATION],
                    *map(str, row[3:]),
                )
            )
            for row in rows
        ]


def _job(
    context: Context, connection: DatabaseConnection, request: ReportRequest, _organization: OrganizationRecord
) -> Lines:
    if request.job_id is None:
        raise ValueError("the report of a job needs a job")
    return job_outcomes(context, connection, request.job_id)


DELETED_ORGANIZATION = "(deleted organization)"
"""Shown in place of the name of a deleted organization, whose usage still counts for its ancestors."""

_REPORTS = {
    Report.NUMBER_UTILIZATION: _number_utilization,
    Report.PHONE_NUMBERS: _phone_numbers,
    Report.CONSUMPTION: _consumption,
    Report.JOB: _job,
}
