"""Utilization arithmetic, from the viewpoint of one organization: whole numbers until the last step.

`in_use` is everything that the organization can't give out itself: its own reserved, assigned and registered
numbers and all that it has allocated below. A threshold is compared in integers, never on a rounded percent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from domain.errors import InvalidInput

DEFAULT_THRESHOLD = 80


class UtilizationCategory(Enum):
    """The five slices of an organization's pie, in the order that they are shown."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    ASSIGNED = "ASSIGNED"
    REGISTERED = "REGISTERED"
    ALLOCATED_TO_SUB_ORGANIZATIONS = "ALLOCATED_TO_SUB_ORGANIZATIONS"


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """One slice of the pie, ready to draw."""

    category: UtilizationCategory
    label: str
    description: str
    count: int
    percent: float


LABELS: dict[UtilizationCategory, tuple[str, str]] = {
    UtilizationCategory.AVAILABLE: ("Available", "Numbers which are currently not in use."),
    UtilizationCategory.RESERVED: ("Reserved", "Numbers which are tagged for later use."),
    UtilizationCategory.ASSIGNED: (
        "Assigned",
        "Numbers which are assigned to a user through an invitation; the user has not on-boarded yet.",
    ),
    UtilizationCategory.REGISTERED: (
        "Registered",
        "Numbers whose user has successfully on-boarded.",
    ),
    UtilizationCategory.ALLOCATED_TO_SUB_ORGANIZATIONS: (
        "Allocated to Sub-Organizations",
        "Numbers which are allocated to sub-organizations.",
    ),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many numbers an organization holds by status, and how many the organizations below it hold."""

    available: int
    reserved: int
    assigned: int
    registered: int
    allocated: int

    @property
    def in_use(self) -> int:
        """All but the available."""
        return self.reserved + self.assigned + self.registered + self.allocated

    @property
    def total(self) -> int:
        """Everything held here and below."""
        return self.available + self.in_use

    @property
    def percent(self) -> float:
        """100 · in use / total, not rounded; 0 for an empty organization."""
        return percent(self.in_use, self.total)

    def plus(self, growth: Counts) -> Counts:
        """The counts after each of them grew by so much."""
        return Counts(
            self.available + growth.available,
            self.reserved + growth.reserved,
            self.assigned + growth.assigned,
            self.registered + growth.registered,
            self.allocated + growth.allocated,
        )

    def minus(self, growth: Counts) -> Counts:
        """The counts before each of them grew by so much."""
        return Counts(
            self.available - growth.available,
            self.reserved - growth.reserved,
            self.assigned - growth.assigned,
            self.registered - growth.registered,
            self.allocated - growth.allocated,
        )


class InventoryChange(NamedTuple):
    """How many numbers of one series went from one holder and status to another; None is outside the inventory."""

    series_id: int
    organization_before: int | None
    organization_after: int | None
    status_before: int | None
    status_after: int | None
    count: int  # type: ignore[assignment]  # hides tuple.count

    @property
    def changes_counts(self) -> bool:
        """Whether the numbers got another holder or status; another tag, for example, changes no counts."""
        before, after = (self.organization_before, self.status_before), (self.organization_after, self.status_after)
        return before != after


def percent(part: int, total: int) -> float:
    """100 · part / total, not rounded; 0 when there is nothing."""
    return 100 * part / total if total else 0.0


def threshold_reached(counts: Counts, threshold_percent: int) -> bool:
    """Whether utilization is at or above the threshold; never so for an empty organization."""
    return counts.total > 0 and 100 * counts.in_use >= threshold_percent * counts.total


def slices(counts: Counts) -> list[CategoryCount]:
    """The five categories, always all of them and in the enum's order."""
    by_category = {
        UtilizationCategory.AVAILABLE: counts.available,
        UtilizationCategory.RESERVED: counts.reserved,
        UtilizationCategory.ASSIGNED: counts.assigned,
        UtilizationCategory.REGISTERED: counts.registered,
        UtilizationCategory.ALLOCATED_TO_SUB_ORGANIZATIONS: counts.allocated,
    }
    return [
        CategoryCount(category, *LABELS[category], count, percent(count, counts.total))
        for category, count in by_category.items()
    ]


def shortfall(pending_without_number: int, available: int) -> int:
    """How many numbers are missing for the users who were invited without one."""
    return max(0, pending_without_number - available)


def check_threshold(value: int, *, path: tuple[str, ...]) -> int:
    """A threshold percent. Raises InvalidInput unless it is between 1 and 100."""
    if not 1 <= value <= 100:  # noqa: PLR2004 - the bounds of a percent
        raise InvalidInput(f"The threshold is a whole number from 1 to 100, not {value}.", path=path)
    return value
