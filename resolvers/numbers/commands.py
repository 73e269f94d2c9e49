"""What can be asked of numbers, and what is answered: the commands, and what they select."""

from __future__ import annotations

from dataclasses import dataclass

from db.numbers.queries import NumberRecord
from resolvers.core.transactions import Answer
from resolvers.numbers.filters import FilterInput

SHOWN = 100
"""How many of the changed numbers, and of the organizations, an answer names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersChanged(Answer):
    """What a change to numbers did."""

    changed_count: int
    number_ids: list[int]
    organization_ids: list[int]
    organization_count: int
    operation_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagEdited(NumbersChanged):
    """What the edit of a tag did, with the number as it left it."""

    number: NumberRecord


NOTHING_CHANGED = NumbersChanged(
    changed_count=0, number_ids=[], organization_ids=[], organization_count=0, operation_id=None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The numbers that a command names: by id, or all that fulfil a filter."""

    number_ids: tuple[int, ...] | None = None
    filter: FilterInput | None = None
    expected_count: int | None = None

    @property
    def single(self) -> bool:
        """Whether it is one number, and named."""
        return len(set(self.number_ids or ())) == 1 and self.expected_count in {None, 1}

    @property
    def path(self) -> tuple[str, ...]:
        """Where the input names the numbers."""
        return ("input", "numberIds" if self.filter is None else "filter")

    def path_of(self, index: int) -> tuple[str, ...]:
        """Where the input names one of the ids."""
        return (*self.path, str(index))


@dataclass(frozen=True, slots=True, kw_only=True)
class OneNumber(Selection):
    """The one number that a command names."""

    @property
    def path(self) -> tuple[str, ...]:
        """Where the input names the number."""
        return ("input", "numberId")

    def path_of(self, index: int) -> tuple[str, ...]:
        """The same: there is no list."""
        del index
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveNumbers:
    """Move numbers to an organization."""

    selection: Selection
    organization_id: int
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveNumbers:
    """Put available numbers aside with a tag, and allocate them to an organization where one is named."""

    selection: Selection
    tag: str
    organization_id: int | None = None
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReservedTag:
    """Give a reserved number another tag."""

    number_id: int
    tag: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreserveNumbers:
    """Make reserved numbers available again; tag and forwarding number go."""

    selection: Selection
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireNumbers:
    """Take available numbers out of the inventory."""

    selection: Selection
    dry_run: bool = False
    idempotency_key: str | None = None
