"""How allocation chooses numbers, and how many at a time."""

from enum import Enum

from domain.errors import InvalidInput, LimitExceeded
from domain.numbers import limit_text


class AllocationStrategy(Enum):
    """Which of the available numbers of a series are taken."""

    LOWEST = "LOWEST"
    LONGEST_UNUSED = "LONGEST_UNUSED"
    CONTIGUOUS = "CONTIGUOUS"


def check_quantity(quantity: int, *, limit: int, path: tuple[str, ...]) -> int:
    """A quantity of numbers. Raises InvalidInput below 1 and LimitExceeded over what one operation takes."""
    if quantity < 1:
        raise InvalidInput(f"The quantity is at least 1, not {quantity}.", path=path)
    if quantity > limit:
        raise LimitExceeded(f"The quantity {quantity} is too large. {limit_text(limit)}", path=path)
    return quantity
