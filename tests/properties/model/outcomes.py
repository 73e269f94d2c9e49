"""The outcome of an action: a change, or a refusal without one."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from tests.properties.model.inventory import Inventory
from tests.properties.model.vocabulary import Code


@dataclass(frozen=True)
class Change:
    """What an action did, as far as its answer tells.

    An answer has to name the `organizations`, and may name those `besides`.
    """

    numbers: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()
    besides: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    organization: str | None = None
    previous_parent: str | None = None
    deleted: frozenset[str] = frozenset()
    series: str | None = None
    user: str | None = None


class Refusal(Exception):
    """An action is refused; `numbers` are those that stand in its way, where numbers do."""

    def __init__(self, code: Code, numbers: frozenset[str] = frozenset()) -> None:
        super().__init__(code, sorted(numbers))
        self.code = code
        self.numbers = numbers


def attempt(inventory: Inventory, action: Callable[[Inventory], Change]) -> tuple[Inventory, Change | Refusal]:
    """Run an action on a copy: the inventory afterwards, and what the action came to."""
    after = deepcopy(inventory)
    try:
        return after, action(after)
    except Refusal as refusal:
        return inventory, refusal
