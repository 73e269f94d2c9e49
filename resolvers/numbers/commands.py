"""Commands that change numbers, the selection of numbers that they carry, and their result."""

from __future__ import annotations

from dataclasses import dataclass, field

from db.history.previews import NumberPreview
from db.numbers.queries import NumberRecord
from resolvers.core.results import UtilizationChanged
from resolvers.numbers.filters import FilterInput

SHOWN = 100
"""How many of the changed numbers, and of the affected organizations, a result names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersChanged(UtilizationChanged):
    """The result of a change to numbers. Only a dry run has previews; its result is never stored."""

    changed_count: int
    number_ids: list[int]
    unchanged_count: int = 0
    preview: list[NumberPreview] = field(default_factory=list)
    record: NumberRecord | None = None
    """The single number after the change, if the change has returned it; a stored result has none."""


NOTHING_CHANGED = NumbersChanged(changed_count=0, number_ids=[])


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The numbers that a command changes: those with the ids, or all that match the filter."""

    number_ids: tuple[int, ...] | None = None
    filter: FilterInput | None = None
    expected_count: int | None = None

    @property
    def is_bulk(self) -> bool:
        """Whether it may be more than a few numbers."""
        return self.number_ids is None or len(self.number_ids) > SHOWN

    @property
    def single(self) -> bool:
        """Whether it is a single number that is named by id."""
        return self.filter is None and len(set(self.number_ids or ())) == 1 and self.expected_count in {None, 1}

    @property
    def path(self) -> tuple[str, ...]:
        """The path of the selection in the input."""
        return ("input", "numberIds" if self.filter is None else "filter")

    def path_of(self, index: int) -> tuple[str, ...]:
        """The path of one of the ids in the input."""
        return (*self.path, str(index))


@dataclass(frozen=True, slots=True, kw_only=True)
class OneNumber(Selection):
    """The single number of a command that takes no list."""

    @property
    def path(self) -> tuple[str, ...]:
        """The path of the id in the input."""
        return ("input", "numberId")

    def path_of(self, index: int) -> tuple[str, ...]:
        """The path of the id in the input."""
        del index
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveNumbers:
    """Move numbers to an organization."""

    selection: Selection
    organization_id: int
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveNumbers:
    """Reserve available numbers with a tag, and move them to an organization if one is given."""

    selection: Selection
    tag: str
    organization_id: int | None = None
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReservedTag:
    """Change the tag of a reserved number."""

    number_id: int
    tag: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreserveNumbers:
    """Make reserved numbers available again, without tag and forwarding number."""

    selection: Selection
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireNumbers:
    """Remove available numbers from the inventory."""

    selection: Selection
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None
