"""Payloads of the mutations of numbers."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from db.numbers.relations import Relation, Relations
from domain.statuses import NumberStatus
from execution.declarations import at_most
from resolvers.numbers.addition import NumbersAdded
from resolvers.numbers.commands import NOTHING_CHANGED, NumbersChanged
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.core.payloads import LinesPayload, OperationPayload, load_existing, payload
from schema.core.scalars import E164
from schema.jobs.payloads import JobPayload
from schema.numbers.types import PhoneNumber, relations
from schema.organizations.payloads import CountedOrganizationsPayload


def _changed_count(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.changed_count
    return count


def _unchanged_count(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.unchanged_count
    return count


def _preview(root: strawberry.Parent[Any]) -> Any:
    return root.answer.preview if root.dry_run else None


@strawberry.type(
    description="What a dry run would do to one number, in plain values: unlike objects, they never enter a "
    "normalized cache."
)
class NumberPreview:
    """Resolved from `db.history.previews.NumberPreview`."""

    number: E164 = strawberry.field(description="The number.")
    status_before: NumberStatus | None = strawberry.field(
        description="Its status now; null if it is not in the inventory."
    )
    status_after: NumberStatus | None = strawberry.field(
        description="Its status after the change; null if it would be retired."
    )
    reserved_tag_before: str | None = strawberry.field(description="Its reserved tag now.")
    reserved_tag_after: str | None = strawberry.field(description="Its reserved tag after the change.")
    organization_name_before: str | None = strawberry.field(
        description="The name of the organization that holds it now; null if it is not in the inventory."
    )
    organization_name_after: str | None = strawberry.field(
        description="The name of the organization that would hold it; null if it would be retired."
    )


@strawberry.type
class ChangedNumbersPayload(CountedOrganizationsPayload, OperationPayload, JobPayload):
    """A payload with the counts of its `answer`."""

    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    changed_count: int = strawberry.field(
        resolver=_changed_count,
        description="How many numbers were changed, or would be by a dry run.",
    )
    unchanged_count: int = strawberry.field(
        resolver=_unchanged_count,
        description="How many of the requested numbers were already as requested: moved to the organization that "
        "holds them, or added although they are in the inventory.",
    )
    preview: list[NumberPreview] | None = strawberry.field(
        resolver=_preview,
        description="On a dry run, the first 100 changes; null otherwise. The other fields of a dry run show objects "
        "as they are now.",
        metadata=at_most(100),
    )


def _returned_record(root: Any, wanted: Relations) -> Any:
    """Return the number as its change has returned it, unless related rows are wanted that can be read together."""
    return None if wanted - {Relation.WITHOUT_TIMESTAMPS} else root.answer.record


async def _phone_numbers(root: strawberry.Parent[Any], info: Info) -> Any:
    ids, wanted = root.answer.number_ids, relations(info)
    if record := _returned_record(root, wanted):
        return [record]
    return await load_existing(context_of(info).loaders.phone_numbers(wanted), ids) if ids else []


@payload("The result of every mutation that changes many numbers.", is_interface=True)
class NumbersPayload(ChangedNumbersPayload):
    phone_numbers: list[PhoneNumber] = strawberry.field(
        resolver=_phone_numbers,
        description="The numbers that were changed, the first 100; on a dry run, as they are now.",
        metadata=at_most(100),
    )


@payload("The result of `moveNumbers`.")
class MoveNumbersPayload(NumbersPayload):
    pass


@payload("The result of `reserveNumbers`.")
class ReserveNumbersPayload(NumbersPayload):
    pass


@payload("The result of `unreserveNumbers`.")
class UnreserveNumbersPayload(NumbersPayload):
    pass


@payload("The result of `allocateNumbers`.")
class AllocateNumbersPayload(NumbersPayload):
    pass


@payload("The result of `withdrawNumbers`.")
class WithdrawNumbersPayload(NumbersPayload):
    pass


_NOTHING_ADDED = NumbersAdded(changed_count=0, number_ids=[])


@payload("The result of `addNumbers`. `lines` has the first 100 duplicates and the first 100 other lines at fault.")
class AddNumbersPayload(NumbersPayload, LinesPayload):
    answer: strawberry.Private[NumbersAdded] = _NOTHING_ADDED


def _retired_ids(root: strawberry.Parent[Any]) -> list[strawberry.ID]:
    return [encode("PhoneNumber", number_id) for number_id in root.answer.number_ids]


@payload("The result of `retireNumbers`.")
class RetireNumbersPayload(ChangedNumbersPayload):
    retired_ids: list[strawberry.ID] = strawberry.field(
        resolver=_retired_ids, description="The ids of the retired numbers, the first 100.", metadata=at_most(100)
    )


async def _phone_number(root: strawberry.Parent[Any], info: Info) -> Any:
    if root.number_id is None:
        return None
    wanted = relations(info)
    return _returned_record(root, wanted) or await context_of(info).loaders.phone_numbers(wanted).load(root.number_id)


@strawberry.type
class NumberPayload(OperationPayload):
    """A payload with one number."""

    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    number_id: strawberry.Private[int | None] = None
    phone_number: PhoneNumber | None = strawberry.field(
        resolver=_phone_number, description="The number after the change; null if the mutation was refused."
    )


@payload("The result of `editReservedTag`.")
class EditReservedTagPayload(NumberPayload):
    pass


@payload("The result of `updateForwardingNumber`.")
class UpdateForwardingNumberPayload(NumberPayload):
    pass


@payload("The result of `removeForwardingNumber`.")
class RemoveForwardingNumberPayload(NumberPayload):
    pass
