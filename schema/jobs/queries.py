"""Root fields that read jobs."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from domain.jobs import JobState
from schema.core.arguments import After, Before, First, Last, described
from schema.core.connections import Connection, PageArguments
from schema.core.inputs import given
from schema.core.nodes import context_of
from schema.jobs.types import Job, job_list


def _jobs(
    info: Info,
    states: Annotated[list[JobState] | None, described("Only jobs in these states; all jobs by default.")] = UNSET,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return job_list(context_of(info), PageArguments(first, after, last, before), given(states))


@strawberry.type
class JobQueries:
    """The queries of jobs."""

    jobs: Connection[Job] = strawberry.field(
        resolver=_jobs,
        description="The jobs that were asked for from the organizations in your scope, newest first. A job is "
        "removed a week after its end.",
    )
