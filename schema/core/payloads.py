"""The bases of the payloads of mutations.

A payload is made of the resolver's `answer`. A refused mutation has none: every field other than `userErrors` must then
be null or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar, dataclass_transform

import strawberry

from domain import errors
from domain.errors import DialtreeError
from execution.declarations import at_most
from resolvers.core.loaders import Loader
from schema.core.errors import LineReport, UserError, user_errors
from schema.core.ids import encode

T = TypeVar("T", bound=type)

_LAST = ("organizations", "organization_count", "operation_id", "unchanged_count", "preview", "job", "user_errors")
"""The shared fields that come after a payload's own, in this order."""


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def payload(description: str, *, is_interface: bool = False) -> Callable[[T], T]:
    """Declare the payload of a mutation."""

    def declare(class_: T) -> T:
        declared: Any = strawberry.type(class_, description=description, is_interface=is_interface)
        fields = declared.__strawberry_definition__.fields
        fields.sort(key=lambda field: _LAST.index(field.python_name) if field.python_name in _LAST else -1)
        return class_

    return declare


@strawberry.type
class Payload:
    """A payload with `userErrors`."""

    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the mutation was refused; empty if it succeeded.", metadata=at_most(100)
    )

    @classmethod
    def refused(cls, error: DialtreeError) -> Self:
        """Return the payload of a refused mutation."""
        return cls(user_errors=user_errors(error))


def _operation_id(root: strawberry.Parent[Any]) -> strawberry.ID | None:
    operation_id = root.answer.operation_id if root.answer else None
    return None if operation_id is None or root.dry_run else encode("Operation", operation_id)


@strawberry.type
class OperationPayload(Payload):
    """A payload with the operation of its `answer`."""

    answer: strawberry.Private[Any] = None
    dry_run: strawberry.Private[bool] = False
    operation_id: strawberry.ID | None = strawberry.field(
        resolver=_operation_id,
        description="The id of the operation that records the change; null on a dry run and if nothing was changed.",
    )


def _skipped_count(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.skipped_count
    return count


def _lines(root: strawberry.Parent[Any]) -> Any:
    return [*root.refused_lines, *root.answer.lines]


@strawberry.type
class LinesPayload(Payload):
    """A payload with a report of the lines of a list or a CSV text."""

    refused_lines: strawberry.Private[Sequence[errors.LineReport]] = ()
    skipped_count: int = strawberry.field(
        resolver=_skipped_count, description="How many lines were skipped, or would be by a dry run."
    )
    lines: list[LineReport] = strawberry.field(
        resolver=_lines,
        description="What was wrong with which line. Long reports are shortened.",
        metadata=at_most(1_000),
    )

    @classmethod
    def refused(cls, error: DialtreeError) -> Self:
        """Return the payload of a refused mutation, with the lines at fault."""
        return cls(user_errors=user_errors(error), refused_lines=error.lines)


async def load_existing(loader: Loader[int, Any], ids: list[int]) -> list[Any]:
    """Return the records with these ids, without those that no longer exist."""
    return [record for record in await loader.load_many(ids) if record is not None]
