"""Read jobs as the API shows them, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Keyset, PageRequest, PageShape, SortKey, to_page
from db.core.statements import Row, Statement, among, ids
from db.core.tables import JobRow, columns, table
from db.core.types import Identifier
from domain.jobs import JobKind, JobState


class JobRecord(NamedTuple):
    """A job as the API shows it; `result` and `errors` are JSON."""

    id: int
    root_id: int
    organization_id: int
    kind: JobKind
    state: JobState
    attempts: int
    done: int
    total: int | None
    changed_count: int
    operation_id: int | None
    result: str | None
    errors: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobQuery(NamedTuple):
    """The jobs that were asked for from organizations in a scope, and are in one of the states."""

    within: str
    root_id: int
    states: Sequence[JobState] = tuple(JobState)

    def parameters(self) -> dict[str, Any]:
        """The values of the parameters of `_select_visible`."""
        states = [int(state) for state in self.states]
        return scope.bounds("scope", self.within) | {"states": states, "root_id": self.root_id}


KINDS, STATES = tuple(JobKind), tuple(JobState)
_J = columns(JobRow)
_COLUMNS = tuple(_J[name] for name in JobRecord._fields)


def _select_visible(*wanted: Any) -> Any:
    """Select from the jobs of organizations in scope, including deleted ones that were in scope."""
    in_scope = scope.covers_organization(_J.organization_id, "scope")
    return (
        select(*wanted)
        .select_from(table(JobRow))
        .where(_J.root_id == bindparam("root_id", type_=Identifier), in_scope, among(_J.state, ids("states")))
    )


def _record(row: Row) -> JobRecord:
    return JobRecord._make(row)._replace(kind=KINDS[row[3]], state=STATES[row[4]])


_BY_IDS = Statement(_select_visible(*_COLUMNS).where(among(_J.id, ids("ids"))))
_COUNT = Statement(_select_visible(func.count()))
_OUTCOMES = Statement(select(_J.outcomes).where(_J.id == bindparam("id", type_=Identifier)))


@lru_cache(maxsize=8)
def _page(shape: PageShape) -> Statement:
    return Statement(Keyset(_J.id, descending=True).page(_select_visible(*_COLUMNS), shape))


async def by_ids(connection: DatabaseConnection, wanted: Sequence[int], query: JobQuery) -> dict[int, JobRecord]:
    """The jobs with these ids that match a query, by id."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **query.parameters())
    return {row[0]: _record(row) for row in rows}


async def page(connection: DatabaseConnection, query: JobQuery, page: PageRequest) -> ConnectionPage[JobRecord]:
    """A page of the jobs that match a query, newest first."""
    rows = await connection.fetch(_page(page.shape), **page.parameters(), **query.parameters())
    return to_page([_record(row) for row in rows], page)


def key(record: JobRecord) -> SortKey:
    """The sort key of a job."""
    return SortKey(None, record.id)


async def count(connection: DatabaseConnection, query: JobQuery) -> int:
    """The number of jobs that match a query."""
    found: int = await connection.value(_COUNT, **query.parameters())
    return found


async def outcomes(connection: DatabaseConnection, job_id: int) -> str | None:
    """The lines of a job's report that the history of numbers does not have, as JSON."""
    row = await connection.fetch_one(_OUTCOMES, id=job_id)
    return row[0] if row else None
