"""Links to reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from resolvers.reports import links as report_links
from schema.core.ids import row_id
from schema.core.inputs import decode, given
from schema.core.nodes import context_of
from schema.numbers.inputs import PhoneNumberFilter, PhoneNumberOrder

Organization = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The organization it is about; the one you act from if left out."),
]


@strawberry.type(
    description="A link that opens a CSV file, for a few minutes and without a token. Hand it to a browser."
)
class DownloadLink:
    """Read off `resolvers.reports.links.Link`."""

    url: str = strawberry.field(description="The address of the file.")
    expires_at: datetime = strawberry.field(description="Until when it opens.")
    filename: str = strawberry.field(description="The name that the file is saved under.")


def _row(organization_id: strawberry.ID | None) -> int | None:
    wanted = given(organization_id)
    return None if wanted is None else row_id(wanted, "Organization")


async def _number_utilization(info: Info, organization_id: Organization = UNSET) -> Any:
    return await report_links.number_utilization_link(context_of(info), _row(organization_id))


async def _phone_numbers(
    info: Info,
    filter: Annotated[
        PhoneNumberFilter | None, strawberry.argument(description="Which numbers; all if left out.")
    ] = UNSET,
    order_by: Annotated[PhoneNumberOrder | None, strawberry.argument(description="How they are sorted.")] = UNSET,
) -> Any:
    return await report_links.phone_numbers_link(
        context_of(info), decode(filter or PhoneNumberFilter()), decode(order_by or PhoneNumberOrder())
    )


async def _consumption(
    info: Info,
    from_: Annotated[date, strawberry.argument(name="from", description="The first day, in its time zone.")],
    to: Annotated[date, strawberry.argument(description="The last day, itself included.")],
    organization_id: Organization = UNSET,
) -> Any:
    return await report_links.consumption_link(context_of(info), _row(organization_id), first=from_, last=to)


@strawberry.type
class ReportQueries:
    """The queries that hand out links to reports."""

    number_utilization_report: DownloadLink | None = strawberry.field(
        resolver=_number_utilization,
        description="A link to the counts of an organization and of everything below it; null outside your scope.",
    )
    phone_numbers_report: DownloadLink | None = strawberry.field(
        resolver=_phone_numbers, description="A link to a list of numbers: those and in the order of `phoneNumbers`."
    )
    consumption_report: DownloadLink | None = strawberry.field(
        resolver=_consumption,
        description="A link to what was used by number and user in a period, in seconds, messages and bytes; null "
        "outside your scope.",
    )
