"""Searches over numbers: conditions that combine with AND, and the order of the list."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from domain.number_search import SearchText
from domain.statuses import NumberStatus


class OrderDirection(Enum):
    """The direction of an order."""

    ASC = "ASC"
    DESC = "DESC"


class PhoneNumberOrderField(Enum):
    """The columns that a list of numbers can be sorted by; the number itself breaks ties."""

    NUMBER = "NUMBER"
    SERIES = "SERIES"
    ORGANIZATION = "ORGANIZATION"
    STATUS = "STATUS"
    RESERVED_TAG = "RESERVED_TAG"
    UPDATED_AT = "UPDATED_AT"


@dataclass(frozen=True, slots=True)
class Order:
    """A column and a direction."""

    field: PhoneNumberOrderField = PhoneNumberOrderField.NUMBER
    direction: OrderDirection = OrderDirection.ASC

    @property
    def descending(self) -> bool:
        """Whether the list starts with the highest value."""
        return self.direction is OrderDirection.DESC


class NumberFilter(NamedTuple):
    """The conditions on a list of numbers. None restricts nothing; an empty tuple matches nothing.

    `scopes` are paths of organizations and include their descendants; `organization_ids` do not. `root_id` is the root
    of them all. `text`, `tag` and `tag_contains` are folded; `starts_with` and `ends_with` are digits.
    Numbers and ids are sets where changes are compared with them (`domain.number_changes`).
    """

    root_id: int | None = None
    scopes: tuple[str, ...] | None = None
    organization_ids: tuple[int, ...] | frozenset[int] | None = None
    series_ids: tuple[int, ...] | frozenset[int] | None = None
    statuses: tuple[NumberStatus, ...] | None = None
    text: SearchText | None = None
    tag: str | None = None
    tag_contains: str | None = None
    numbers: tuple[str, ...] | frozenset[str] | None = None
    ids: tuple[int, ...] | None = None
    tagged: bool | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    lowest: str | None = None
    highest: str | None = None
    updated_since: datetime | None = None
    nothing: bool = False
    """No number can match, whatever the other conditions are."""

    @property
    def is_whole_root(self) -> bool:
        """Whether the scope is the whole root, so that the root is the only condition it needs."""
        return self.scopes is not None and self.root_id is not None and f"{self.root_id}/" in self.scopes
