"""What a list of users asks for, and the order of the list."""

from dataclasses import dataclass
from enum import Enum

from domain.search import OrderDirection
from domain.users import UserStatus


class UserOrderField(Enum):
    """The columns that a list of users can be sorted by; the order of creation breaks every tie."""

    NAME = "NAME"
    EMAIL = "EMAIL"
    STATUS = "STATUS"
    ORGANIZATION = "ORGANIZATION"
    NUMBER = "NUMBER"
    INVITED_AT = "INVITED_AT"


@dataclass(frozen=True, slots=True)
class UserOrder:
    """A column and a direction."""

    field: UserOrderField = UserOrderField.NAME
    direction: OrderDirection = OrderDirection.ASC

    @property
    def descending(self) -> bool:
        """Whether the highest comes first."""
        return self.direction is OrderDirection.DESC


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """What every user of the list must fulfil; None restricts nothing, an empty tuple matches nothing.

    `scopes` are paths whose organizations and all below them count; `organization_ids` are exact. `text` is folded
    already and looked for in name, mail address and number; `digits` in the number alone.
    """

    root_id: int
    """The root of the scope."""

    scopes: tuple[str, ...] | None = None
    organization_ids: tuple[int, ...] | None = None
    statuses: tuple[UserStatus, ...] | None = None
    text: str | None = None
    digits: str | None = None
    with_number: bool | None = None
    whole: bool = False
    """The scope is the whole deployment, so that no row needs to be looked at for it."""
