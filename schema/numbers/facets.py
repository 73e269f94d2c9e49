"""The facets of a list of numbers: how many there are by status, series and organization."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from db.core.keyset import DEFAULT_PAGE
from domain.statuses import NumberStatus
from resolvers.numbers import queries as phone_numbers
from schema.core.arguments import described
from schema.core.nodes import context_of
from schema.organizations.types import Organization, Series


@strawberry.type(description="How many numbers of a list have one status.")
class StatusCount:
    """A facet of a search."""

    status: NumberStatus = strawberry.field(description="The status.")
    count: int = strawberry.field(description="How many numbers of the list have it.")


@strawberry.type(description="How many numbers of a list are in one series.")
class SeriesCount:
    """A facet of a search."""

    series: Series = strawberry.field(description="The series.")
    count: int = strawberry.field(description="How many numbers of the list are in it.")


@strawberry.type(description="How many numbers of a list one organization holds.")
class OrganizationCount:
    """A facet of a search."""

    organization: Organization = strawberry.field(description="The organization.")
    count: int = strawberry.field(description="How many numbers of the list it holds itself.")


def status_counts(root: strawberry.Parent[Any]) -> list[StatusCount]:
    """Return a count for each of the four statuses."""
    counts = phone_numbers.status_counts(root.facets)
    return [StatusCount(status=status, count=count) for status, count in counts.items()]


async def series_counts(root: strawberry.Parent[Any], info: Info) -> list[SeriesCount]:
    """Return a count for each series that has any numbers, by name."""
    counts = phone_numbers.series_counts(root.facets)
    known = [record for record in await context_of(info).loaders.series.load_many(list(counts)) if record is not None]
    known.sort(key=lambda record: (record.name_folded, record.id))
    return [SeriesCount(series=record, count=counts[record.id]) for record in known]  # type: ignore[arg-type]


async def organization_counts(
    root: strawberry.Parent[Any],
    info: Info,
    first: Annotated[int | None, described("The number of rows to return, up to 500.")] = 50,
) -> Any:
    """Return the organizations that hold most of the numbers, with their counts."""
    context = context_of(info)
    size = DEFAULT_PAGE if first is None else first
    counts = dict(await phone_numbers.organization_counts(context, root.searched, first=size))
    found = await context.loaders.organizations.load_many(list(counts))
    return [
        OrganizationCount(organization=record, count=counts[record.id])  # type: ignore[arg-type]
        for record in found
        if record is not None
    ]
