"""What a search over numbers asks for: filters that combine with AND, and the order of the list."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from domain.numbers import SearchText
from domain.statuses import NumberStatus


class OrderDirection(Enum):
    """Which end of the order comes first."""

    ASC = "ASC"
    DESC = "DESC"


class PhoneNumberOrderField(Enum):
    """The columns that a list of numbers can be sorted by; the number itself breaks every tie."""

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
        """Whether the highest comes first."""
        return self.direction is OrderDirection.DESC


class NumberFilter(NamedTuple):
    """What every number of the list must fulfil; None restricts nothing, an empty tuple matches nothing.

    `scopes` are paths whose organizations and all below them count; `organization_ids` are exact. `text`, `tag` and
    `tag_contains` are folded already, `starts_with` and `ends_with` are digits.
    """

    scopes: tuple[str, ...] | None = None
    organization_ids: tuple[int, ...] | None = None
    series_ids: tuple[int, ...] | None = None
    statuses: tuple[NumberStatus, ...] | None = None
    text: SearchText | None = None
    tag: str | None = None
    tag_contains: str | None = None
    numbers: tuple[str, ...] | None = None
    ids: tuple[int, ...] | None = None
    tagged: bool | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    lowest: str | None = None
    highest: str | None = None
    updated_since: datetime | None = None
    whole: bool = False
    """The scope is the whole deployment, so that no row needs to be looked at for it."""
    nothing: bool = False
    """Set where the caller asked for what no number can fulfil."""

    @property
    def counted(self) -> bool:
        """Whether the counters alone can tell how many numbers fulfil it."""
        return (
            self.text is None
            and self.tag is None
            and self.tag_contains is None
            and self.numbers is None
            and self.ids is None
            and self.tagged is None
            and self.starts_with is None
            and self.ends_with is None
            and self.lowest is None
            and self.highest is None
            and self.updated_since is None
        )
