"""An organization's utilization and its inventory by series, read from counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from db.utilization.queries import Counters, SeriesCounters
from domain import utilization
from domain.utilization import UtilizationCategory
from execution.declarations import SHARED, at_most
from execution.records import RecordOf
from resolvers.organizations.queries import counts
from schema.core.nodes import Node, context_of, id_field

if TYPE_CHECKING:
    from schema.organizations.types import Organization, Series

_Organization = Annotated["Organization", strawberry.lazy("schema.organizations.types")]
_Series = Annotated["Series", strawberry.lazy("schema.organizations.types")]


@strawberry.type(description="A slice of an organization's utilization chart, ready to draw.")
class UtilizationSlice:
    """Resolved from `domain.utilization.Slice`."""

    category: UtilizationCategory = strawberry.field(description="What the slice counts.")
    label: str = strawberry.field(description="Its title.")
    description: str = strawberry.field(description="What it counts in plain words, for a tooltip.")
    count: int = strawberry.field(description="How many numbers it contains.")
    percent: float = strawberry.field(description="Its share of the total, 0 to 100, not rounded.")


def _total(root: strawberry.Parent[Any]) -> int:
    return counts(root).total


def _in_use(root: strawberry.Parent[Any]) -> int:
    return counts(root).in_use


def _allocated(root: strawberry.Parent[Any]) -> int:
    allocated: int = root.allocated
    return allocated


async def _organization(root: strawberry.Parent[Any], info: Info) -> Any:
    return await context_of(info).loaders.organizations.load(root.organization_id)


async def _series(root: strawberry.Parent[SeriesCounters], info: Info) -> Any:
    return await context_of(info).loaders.series.load(root.series_id)


def _shortfall(root: strawberry.Parent[Counters]) -> int:
    return utilization.shortfall(root.pending_without_number, root.available)


def _percent(root: strawberry.Parent[Counters]) -> float:
    return counts(root).percent


def _threshold_reached(root: strawberry.Parent[Counters]) -> bool:
    return utilization.threshold_reached(counts(root), root.threshold_percent)


def _categories(root: strawberry.Parent[Counters]) -> Any:
    return utilization.slices(counts(root))


@strawberry.type(description="How many numbers an organization uses and has left.")
class Utilization(Node):
    """Resolved from `db.utilization.queries.Counters`."""

    id: strawberry.ID = id_field("Utilization", "organization_id")
    organization: _Organization = strawberry.field(
        resolver=_organization, description="The organization that the figures are about."
    )
    total: int = strawberry.field(
        resolver=_total, description="All numbers held by it and its sub-organizations: available + inUse."
    )
    in_use: int = strawberry.field(
        resolver=_in_use,
        description="reserved + assigned + registered + allocatedToSubOrganizations.",
    )
    available: int = strawberry.field(description="Numbers that it holds and that are AVAILABLE.")
    reserved: int = strawberry.field(description="Numbers that it holds and that are RESERVED.")
    assigned: int = strawberry.field(
        description="Numbers that it holds and whose user has not on-boarded yet (ASSIGNED)."
    )
    registered: int = strawberry.field(description="Numbers that it holds and whose user has on-boarded (IN_USE).")
    allocated_to_sub_organizations: int = strawberry.field(
        resolver=_allocated,
        description="All numbers that its sub-organizations hold, in any status.",
    )
    pending_invitations: int = strawberry.field(
        description="Its own users who were invited and have not on-boarded yet, with or without a number."
    )
    pending_without_number: int = strawberry.field(
        description="The pending invitations without a number. They are not part of `total`."
    )
    shortfall: int = strawberry.field(
        resolver=_shortfall,
        description="How many numbers the pending invitations lack: pendingWithoutNumber - available, at least 0.",
    )
    percent: float = strawberry.field(
        resolver=_percent,
        description="100 * inUse / total, not rounded; 0 if there are no numbers.",
    )
    threshold_percent: int = strawberry.field(
        description="The utilization in percent at which administrators are warned, 1 to 100."
    )
    threshold_reached: bool = strawberry.field(
        resolver=_threshold_reached, description="Whether `percent` is at or above the threshold."
    )
    categories: list[UtilizationSlice] = strawberry.field(
        resolver=_categories, description="The five slices of the chart, in the order of the enum.", metadata=at_most(5)
    )

    is_type_of = RecordOf(Counters)


@strawberry.type(description="An organization's figures in one series.")
class SeriesInventory(Node):
    """Resolved from `db.utilization.queries.SeriesCounters`."""

    id: strawberry.ID = id_field("SeriesInventory", "organization_id", "series_id")
    organization: _Organization = strawberry.field(
        resolver=_organization, description="The organization that the figures are about."
    )
    series: _Series = strawberry.field(
        resolver=_series, description="The series that the figures are about.", metadata=SHARED
    )
    total: int = strawberry.field(
        resolver=_total, description="All numbers of the series held by it and its sub-organizations."
    )
    in_use: int = strawberry.field(resolver=_in_use, description="All of them except `available`.")
    available: int = strawberry.field(description="Numbers that it holds and that are AVAILABLE.")
    reserved: int = strawberry.field(description="Numbers that it holds and that are RESERVED.")
    assigned: int = strawberry.field(
        description="Numbers that it holds and whose user has not on-boarded yet (ASSIGNED)."
    )
    registered: int = strawberry.field(description="Numbers that it holds and whose user has on-boarded (IN_USE).")
    allocated_to_sub_organizations: int = strawberry.field(
        resolver=_allocated,
        description="Numbers of the series that its sub-organizations hold.",
    )

    is_type_of = RecordOf(SeriesCounters)
