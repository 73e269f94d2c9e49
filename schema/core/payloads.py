"""What the payloads of mutations share: refusals, and the objects of a change as they stand now."""

from __future__ import annotations

from typing import Any, Self

import strawberry
from strawberry.types import Info

from domain.errors import DialtreeError
from resolvers.core.loaders import Loader
from resolvers.numbers.commands import NOTHING_CHANGED, NumbersChanged
from schema.core.errors import UserError, user_errors
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.numbers.types import PhoneNumber, relations
from schema.organizations.types import Organization

USER_ERRORS = "Why nothing was done; empty when it was done."


def errors_field() -> Any:
    """The `userErrors` of a payload."""
    return strawberry.field(default_factory=list, description=USER_ERRORS)


class Refusable:
    """A payload that can say no: everything else in it has an empty value."""

    @classmethod
    def refused(cls, error: DialtreeError) -> Self:
        """The payload of a refusal."""
        return cls(user_errors=user_errors(error))  # type: ignore[call-arg]


def changed_count_of(root: strawberry.Parent[Any]) -> int:
    """How many numbers an answer is about."""
    count: int = root.answer.changed_count
    return count


async def _phone_numbers(root: strawberry.Parent[Any], info: Info) -> Any:
    ids = root.answer.number_ids
    return await objects(context_of(info).loaders.phone_numbers(relations(info)), ids) if ids else []


async def organizations_of(root: strawberry.Parent[Any], info: Info) -> Any:
    """The organizations of an answer, as they stand now."""
    ids = root.answer.organization_ids
    return await objects(context_of(info).loaders.organizations, ids) if ids else []


async def objects(loader: Loader[Any], ids: list[int]) -> list[Any]:
    """The objects of these ids as they stand now; those that are gone are left out."""
    return [record for record in await loader.load_many(ids) if record is not None]


def organization_count_of(root: strawberry.Parent[Any]) -> int:
    """How many organizations an answer is about."""
    count: int = root.answer.organization_count
    return count


def operation_id_of(root: strawberry.Parent[Any]) -> strawberry.ID | None:
    """The operation of an answer; a dry run has none."""
    operation_id = root.answer.operation_id
    return None if operation_id is None or root.dry_run else encode("Operation", operation_id)


ORGANIZATIONS = (
    "The organizations in your scope whose utilization changed: the holders and everything above them up to the one "
    "that you act from; the first 100."
)


@strawberry.interface(description="What every change to many numbers answers with.")
class NumbersPayload(Refusable):
    """Read off `resolvers.numbers.changes.NumbersChanged`."""

    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    dry_run: strawberry.Private[bool] = False
    changed_count: int = strawberry.field(
        resolver=changed_count_of,
        description="How many numbers were changed, or would be by a dry run.",
    )
    phone_numbers: list[PhoneNumber] = strawberry.field(
        resolver=_phone_numbers, description="The numbers as they stand now, the first 100."
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
