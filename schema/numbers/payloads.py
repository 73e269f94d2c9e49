"""Payloads of the mutations of numbers."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.numbers.addition import NumbersAdded
from resolvers.numbers.commands import NOTHING_CHANGED, NumbersChanged, TagEdited
from schema.core.errors import LineReportType, UserError
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.core.payloads import (
    ORGANIZATIONS,
    NumbersPayload,
    Refusable,
    changed_count_of,
    errors_field,
    operation_id_of,
    organization_count_of,
    organizations_of,
)
from schema.numbers.types import PhoneNumber, relations
from schema.organizations.types import Organization


@strawberry.type(description="The answer to `moveNumbers`.")
class MoveNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `reserveNumbers`.")
class ReserveNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `unreserveNumbers`.")
class UnreserveNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `allocateNumbers`.")
class AllocateNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `withdrawNumbers`.")
class WithdrawNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


def _skipped_count(root: strawberry.Parent[Any]) -> int:
    count: int = getattr(root.answer, "skipped_count", 0)
    return count


@strawberry.type(description="The answer to `addNumbers`.")
class AddNumbersPayload(NumbersPayload):
    """A NumbersPayload with a report of lines."""

    skipped_count: int = strawberry.field(
        resolver=_skipped_count, description="How many numbers or lines were skipped."
    )
    lines: list[LineReportType] = strawberry.field(
        default_factory=list,
        description="What was wrong with which line, the first 100 of each kind.",
    )

    @classmethod
    def of(cls, answer: NumbersAdded, *, dry_run: bool) -> AddNumbersPayload:
        """The payload of an answer."""
        return cls(answer=answer, dry_run=dry_run, lines=answer.lines)  # type: ignore[arg-type]

    @classmethod
    def refused(cls, error: Any) -> AddNumbersPayload:
        """The payload of a refusal, which reports the lines at fault."""
        payload = super().refused(error)
        payload.lines = list(error.lines)
        return payload


def _retired_ids(root: strawberry.Parent[Any]) -> list[strawberry.ID]:
    return [encode("PhoneNumber", number_id) for number_id in root.answer.number_ids]


@strawberry.type(description="The answer to `retireNumbers`; ids, for what is gone cannot be an object.")
class RetireNumbersPayload(Refusable):
    """Read off `resolvers.numbers.changes.NumbersChanged`."""

    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    dry_run: strawberry.Private[bool] = False
    changed_count: int = strawberry.field(
        resolver=changed_count_of,
        description="How many numbers were retired, or would be by a dry run.",
    )
    retired_ids: list[strawberry.ID] = strawberry.field(
        resolver=_retired_ids, description="The ids of the numbers that are gone, the first 100."
    )
    organizations: list[Organization] = strawberry.field(resolver=organizations_of, description=ORGANIZATIONS)
    organization_count: int = strawberry.field(
        resolver=organization_count_of, description="How many organizations those are in all."
    )
    operation_id: strawberry.ID | None = strawberry.field(
        resolver=operation_id_of,
        description="The operation that the change is recorded as; null when nothing changed.",
    )
    user_errors: list[UserError] = errors_field()


def _edited_number(root: strawberry.Parent[Any], info: Info) -> Any:
    if root.number_id is None:
        return None
    if isinstance(root.answer, TagEdited):
        return root.answer.number
    return context_of(info).loaders.phone_numbers(relations(info)).load(root.number_id)


@strawberry.type(description="The answer to `editReservedTag`.")
class EditReservedTagPayload(Refusable):
    """The number as it stands now."""

    number_id: strawberry.Private[int | None] = None
    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    dry_run: strawberry.Private[bool] = False
    phone_number: PhoneNumber | None = strawberry.field(
        resolver=_edited_number,
        description="The number as it stands now; null when the edit was refused.",
    )
    operation_id: strawberry.ID | None = strawberry.field(
        resolver=operation_id_of,
        description="The operation that the edit is recorded as; null when nothing changed.",
    )
    user_errors: list[UserError] = errors_field()
