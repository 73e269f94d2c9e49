"""Root fields that return links to reports."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from resolvers.reports import links
from schema.core.arguments import described
from schema.core.ids import row_id
from schema.core.inputs import decode, decode_large, given
from schema.core.nodes import context_of
from schema.numbers.inputs import PhoneNumberFilter, PhoneNumberOrder
from schema.reports.types import DownloadLink

_OrganizationId = Annotated[
    strawberry.ID | None,
    described("The organization to report on; the one you act from by default."),
]


def _row_id(organization_id: strawberry.ID | None) -> int | None:
    wanted = given(organization_id)
    return None if wanted is None else row_id(wanted, "Organization")


async def _number_utilization(info: Info, organization_id: _OrganizationId = UNSET) -> Any:
    return await links.number_utilization_link(context_of(info), _row_id(organization_id))


async def _phone_numbers(
    info: Info,
    filter: Annotated[PhoneNumberFilter | None, described("Which numbers to list; all of them by default.")] = UNSET,
    order_by: Annotated[PhoneNumberOrder | None, described("How to sort the numbers; by number by default.")] = UNSET,
) -> Any:
    wanted, order = await decode_large(filter or PhoneNumberFilter()), decode(order_by or PhoneNumberOrder())
    return await links.phone_numbers_link(context_of(info), wanted, order)


async def _consumption(
    info: Info,
    from_: Annotated[
        date, strawberry.argument(name="from", description="The first day, in the organization's time zone.")
    ],
    to: Annotated[date, described("The last day, included in the report.")],
    organization_id: _OrganizationId = UNSET,
) -> Any:
    return await links.consumption_link(context_of(info), _row_id(organization_id), first=from_, last=to)


@strawberry.type
class ReportQueries:
    """The queries of reports."""

    number_utilization_report: DownloadLink | None = strawberry.field(
        resolver=_number_utilization,
        description="A link to a report on the number utilization of an organization and its sub-organizations; null "
        "if the organization is not in your scope.",
    )
    phone_numbers_report: DownloadLink | None = strawberry.field(
        resolver=_phone_numbers,
        description="A link to a list of numbers, with the filter and the order of `phoneNumbers`.",
    )
    consumption_report: DownloadLink | None = strawberry.field(
        resolver=_consumption,
        description="A link to a report on usage by number and user in a period, in seconds, messages and bytes; null "
        "if the organization is not in your scope.",
    )
