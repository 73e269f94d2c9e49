"""Jobs, and lists of them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import orjson
import strawberry
from strawberry.types import Info

from db.jobs import queries as job_rows
from db.jobs.queries import JobRecord
from domain.jobs import JobKind, JobState
from execution.declarations import STATEMENT_COST, at_most, costs_extra
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.core.idempotency import load_refusal
from resolvers.jobs import queries
from resolvers.reports import links
from schema.core.connections import BY_ID, Connection, ConnectionRows, PageArguments
from schema.core.errors import UserError, user_errors
from schema.core.ids import encode
from schema.core.nodes import Node, context_of, id_field
from schema.core.payloads import load_existing
from schema.organizations.types import Organization
from schema.reports.types import DownloadLink

ORDER = "jobs"


def _percent(root: strawberry.Parent[JobRecord]) -> float | None:
    if root.total is None:
        return None
    return 100 * root.done / root.total if root.total else 100.0


def _operation_id(root: strawberry.Parent[JobRecord]) -> strawberry.ID | None:
    return None if root.operation_id is None else encode("Operation", root.operation_id)


async def _organizations(root: strawberry.Parent[JobRecord], info: Info) -> Any:
    ids = orjson.loads(root.result)["organization_ids"] if root.result else []
    return await load_existing(context_of(info).loaders.organizations, ids) if ids else []


async def _report(root: strawberry.Parent[JobRecord], info: Info) -> Any:
    has_report = root.state in {JobState.SUCCEEDED, JobState.FAILED}
    return await links.job_link(context_of(info), root.id) if has_report else None


def _errors(root: strawberry.Parent[JobRecord]) -> list[UserError]:
    return user_errors(load_refusal(orjson.loads(root.errors))) if root.errors else []


@strawberry.type(
    description="A mutation that runs in the background, because its input said `asJob: true`. It makes the whole "
    "change in one transaction, or none of it."
)
class Job(Node):
    """Resolved from `db.jobs.queries.JobRecord`."""

    id: strawberry.ID = id_field("Job")
    kind: JobKind = strawberry.field(description="The mutation that it runs.")
    state: JobState = strawberry.field(description="Its state.")
    done: int = strawberry.field(
        description="How many numbers, lines or users it has processed. While it runs, this may lag behind, and it "
        "starts at 0 again if another server has to take over. Until the job has succeeded, nothing is changed."
    )
    total: int | None = strawberry.field(description="How many there are in total; null until that is known.")
    percent: float | None = strawberry.field(
        resolver=_percent, description="`done` in percent of `total`; null until that is known."
    )
    changed_count: int = strawberry.field(
        description="How many numbers were changed, or users invited; 0 until the job has succeeded."
    )
    operation_id: strawberry.ID | None = strawberry.field(
        resolver=_operation_id,
        description="The id of the operation that records the change; null until the job has succeeded, and if nothing "
        "was changed.",
    )
    organizations: list[Organization] = strawberry.field(
        resolver=_organizations,
        description="The organizations in your scope whose utilization it changed, the first 100.",
        metadata=at_most(100),
    )
    report: DownloadLink | None = strawberry.field(
        resolver=_report,
        description="A link to a CSV file with the result of each number, line or user; null unless the job has "
        "succeeded or failed.",
        metadata=costs_extra(STATEMENT_COST),
    )
    errors: list[UserError] = strawberry.field(
        resolver=_errors,
        description="Why it failed: the `userErrors` of the mutation. Empty otherwise.",
        metadata=at_most(100),
    )
    started_at: datetime | None = strawberry.field(description="When its present or last attempt started.")
    finished_at: datetime | None = strawberry.field(description="When it succeeded, failed or was cancelled.")

    is_type_of = RecordOf(JobRecord)


def job_list(context: Context, arguments: PageArguments, states: list[JobState] | None) -> Any:
    """A page of the jobs that the caller may see."""
    queries.job_query(context)  # raises unless the caller may read
    page = arguments.page(ORDER, BY_ID)
    rows = ConnectionRows(
        partial(queries.job_page, context, states, page),
        partial(queries.job_count, context, states),
        order=ORDER,
        key=job_rows.key,
    )
    return Connection[Job](rows=rows)
