"""Root fields that tell of changes as they happen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from resolvers.subscriptions import jobs, numbers, utilization
from schema.core.arguments import described
from schema.core.ids import row_id
from schema.core.inputs import decode_large, given
from schema.core.nodes import context_of
from schema.jobs.types import Job
from schema.numbers.inputs import PhoneNumberFilter
from schema.subscriptions.types import PhoneNumbersChange
from schema.utilization.types import Utilization


async def _utilization_changed(
    info: Info,
    organization_id: Annotated[
        strawberry.ID | None, described("The organization; by default the one that you act from.")
    ] = UNSET,
    include_descendants: Annotated[bool, described("Also tell of its sub-organizations, at every level.")] = False,
) -> AsyncGenerator[Utilization, None]:
    wanted = given(organization_id)
    changed = utilization.utilization_changed(
        context_of(info),
        None if wanted is None else row_id(wanted, "Organization"),
        include_descendants=include_descendants,
    )
    async for counters in changed:
        yield counters  # type: ignore[misc]


async def _phone_numbers_changed(
    info: Info,
    filter: Annotated[PhoneNumberFilter | None, described("Which numbers to tell of; all of them by default.")] = UNSET,
    after: Annotated[
        str | None,
        described(
            "A `cursor` or `changesCursor`: what has changed since then comes first. Without it, changes are told from "
            "the moment at which the subscription has begun."
        ),
    ] = UNSET,
) -> AsyncGenerator[PhoneNumbersChange, None]:
    wanted = await decode_large(given(filter) or PhoneNumberFilter())
    async for change in numbers.phone_numbers_changed(context_of(info), wanted, after=given(after)):
        yield change  # type: ignore[misc]


async def _job_progress(
    info: Info, id: Annotated[strawberry.ID, described("The id of the job.")]
) -> AsyncGenerator[Job, None]:
    async for job in jobs.job_progress(context_of(info), row_id(id, "Job")):
        yield job  # type: ignore[misc]


@strawberry.type
class Subscriptions:
    """The subscriptions."""

    utilization_changed: Utilization = strawberry.subscription(  # type: ignore[assignment]
        resolver=_utilization_changed,
        description="How many numbers an organization uses: its figures now, then again whenever one of them has "
        "changed, a few times a second at most. Of sub-organizations, only changes are told.",
    )
    phone_numbers_changed: PhoneNumbersChange = strawberry.subscription(  # type: ignore[assignment]
        resolver=_phone_numbers_changed,
        description="The changes of the numbers that match a filter before or after the change, one operation at a "
        "time, whichever server process made them. To miss nothing, pass the `changesCursor` of the list, and later "
        "the last `cursor` that you have received.",
    )
    job_progress: Job = strawberry.subscription(  # type: ignore[assignment]
        resolver=_job_progress,
        description="A job as it is now, then again after each change of its state or progress, twice a second "
        "at most. Completes when the job has ended.",
    )
