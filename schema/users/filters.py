"""Which users a list shows, and in which order."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET

from domain.search import OrderDirection
from domain.user_search import UserOrder as Order
from domain.user_search import UserOrderField
from domain.users import UserStatus
from resolvers.users.queries import UserFilterInput
from schema.core.ids import row_ids
from schema.core.inputs import given


def _field(description: str, default: Any = UNSET) -> Any:
    return strawberry.field(default=default, description=description)


@strawberry.input(
    description="Which users a list shows. All parts must hold (AND); inside a list any value may (OR). "
    "Null, an empty list and an empty text restrict nothing."
)
class UserFilter:
    """Decoded to `resolvers.users.queries.UserFilterInput`."""

    text: str | None = _field(
        "Found anywhere in the name (first name and last name), the mail address or the number, upper and lower case "
        "alike; special characters match themselves."
    )
    organization_ids: list[strawberry.ID] | None = _field("Users of any of these organizations.")
    include_descendants: bool = _field(
        "Take the organizations below along: below `organizationIds`, or below the organization whose list it is.",
        False,
    )
    statuses: list[UserStatus] | None = _field("Users in any of these statuses.")
    with_number: bool | None = _field("True: only users who have a number. False: only those who have none.")

    def decoded(self) -> UserFilterInput:
        """The filter with row ids for global ids."""
        return UserFilterInput(
            text=given(self.text),
            organization_ids=row_ids(given(self.organization_ids), "Organization"),
            include_descendants=self.include_descendants,
            statuses=tuple(self.statuses) if self.statuses else None,
            with_number=given(self.with_number),
        )


@strawberry.input(description="How a list of users is sorted.")
class UserOrder:
    """Decoded to `domain.user_search.UserOrder`."""

    field: UserOrderField = _field("The column.", UserOrderField.NAME)
    direction: OrderDirection = _field("The direction.", OrderDirection.ASC)

    def decoded(self) -> Order:
        """The order."""
        return Order(self.field, self.direction)
