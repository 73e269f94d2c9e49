"""Inputs that queries and mutations share, and how they are decoded."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import strawberry
from strawberry import UNSET

from domain.search import Order, OrderDirection, PhoneNumberOrderField
from domain.statuses import NumberStatus
from resolvers.numbers.filters import FilterInput
from schema.core.ids import row_ids
from schema.core.scalars import E164

T = TypeVar("T")


def given(value: T | None) -> T | None:
    """The value of an optional argument; None where it was left out."""
    return None if value is UNSET else value


def _field(description: str, default: Any = UNSET) -> Any:
    return strawberry.field(default=default, description=description)


@strawberry.input(
    description="Which numbers a list shows. All parts must hold (AND); inside a list any value may (OR). "
    "Null, an empty list and an empty text restrict nothing."
)
class PhoneNumberFilter:
    """Decoded to `resolvers.numbers.filters.FilterInput`."""

    text: str | None = _field(
        "Found anywhere in the number or in the reserved tag, upper and lower case alike; special characters match "
        "themselves. A formatted number such as `(418) 898-4760` is understood."
    )
    tag: str | None = _field("The whole reserved tag, upper and lower case alike.")
    tag_contains: str | None = _field("Found anywhere in the reserved tag, upper and lower case alike.")
    numbers: list[E164] | None = _field("Exactly these numbers, as from a pasted list.")
    series_ids: list[strawberry.ID] | None = _field("Numbers of any of these series.")
    organization_ids: list[strawberry.ID] | None = _field("Numbers held by any of these organizations.")
    include_descendants: bool = _field("Take the organizations below those of `organizationIds` along.", False)
    statuses: list[NumberStatus] | None = _field("Numbers in any of these statuses.")
    tagged: bool | None = _field("True: only numbers with a reserved tag. False: only those without.")
    starts_with: str | None = _field("The digits that the number begins with, with or without the plus.")
    ends_with: str | None = _field("The digits that the number ends with.")
    from_: E164 | None = strawberry.field(
        default=UNSET, name="from", description="The lowest number of a range, itself included."
    )
    to: E164 | None = _field("The highest number of a range, itself included.")
    updated_since: datetime | None = _field("Numbers changed at this moment or later.")

    def decoded(self) -> FilterInput:
        """The filter with row ids for global ids."""
        return FilterInput(
            text=given(self.text),
            tag=given(self.tag),
            tag_contains=given(self.tag_contains),
            numbers=tuple(self.numbers) if self.numbers else None,
            series_ids=row_ids(given(self.series_ids), "Series"),
            organization_ids=row_ids(given(self.organization_ids), "Organization"),
            include_descendants=self.include_descendants,
            statuses=tuple(self.statuses) if self.statuses else None,
            tagged=given(self.tagged),
            starts_with=given(self.starts_with),
            ends_with=given(self.ends_with),
            lowest=given(self.from_),
            highest=given(self.to),
            updated_since=given(self.updated_since),
        )


@strawberry.input(description="How a list of numbers is sorted.")
class PhoneNumberOrder:
    """Decoded to `domain.search.Order`."""

    field: PhoneNumberOrderField = _field("The column.", PhoneNumberOrderField.NUMBER)
    direction: OrderDirection = _field("The direction.", OrderDirection.ASC)

    def decoded(self) -> Order:
        """The order."""
        return Order(self.field, self.direction)
