"""Mutations of numbers: move, reserve, edit a tag, unreserve, retire, allocate, withdraw, add."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.numbers import addition as additions
from resolvers.numbers import allocation as allocations
from resolvers.numbers import changes as number_changes
from schema.core.errors import mutation
from schema.core.inputs import decode
from schema.core.nodes import context_of
from schema.numbers.inputs import (
    AddNumbersInput,
    AllocateNumbersInput,
    EditReservedTagInput,
    MoveNumbersInput,
    ReserveNumbersInput,
    RetireNumbersInput,
    UnreserveNumbersInput,
    WithdrawNumbersInput,
)
from schema.numbers.payloads import (
    AddNumbersPayload,
    AllocateNumbersPayload,
    EditReservedTagPayload,
    MoveNumbersPayload,
    ReserveNumbersPayload,
    RetireNumbersPayload,
    UnreserveNumbersPayload,
    WithdrawNumbersPayload,
)


def _input(description: str) -> Any:
    return strawberry.argument(description=description)


@strawberry.type
class NumberMutations:
    """The mutations of numbers."""

    @mutation("Move numbers to any organization in your scope; an in-use number takes its user along.")
    async def move_numbers(
        self, info: Info, input: Annotated[MoveNumbersInput, _input("What to move, and where to.")]
    ) -> MoveNumbersPayload | None:
        command = decode(input)
        answer = await number_changes.move_numbers(context_of(info), command)
        return MoveNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Put available numbers aside with a tag, and allocate them to an organization where one is named.")
    async def reserve_numbers(
        self, info: Info, input: Annotated[ReserveNumbersInput, _input("What to reserve.")]
    ) -> ReserveNumbersPayload | None:
        command = decode(input)
        answer = await number_changes.reserve_numbers(context_of(info), command)
        return ReserveNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Change the tag of a reserved number. The same tag again changes nothing.")
    async def edit_reserved_tag(
        self,
        info: Info,
        input: Annotated[EditReservedTagInput, _input("The number and its new tag.")],
    ) -> EditReservedTagPayload | None:
        command = decode(input)
        answer = await number_changes.edit_reserved_tag(context_of(info), command)
        return EditReservedTagPayload(number_id=command.number_id, answer=answer)

    @mutation("Make reserved numbers available again: the tag and the forwarding number go.")
    async def unreserve_numbers(
        self, info: Info, input: Annotated[UnreserveNumbersInput, _input("What to unreserve.")]
    ) -> UnreserveNumbersPayload | None:
        command = decode(input)
        answer = await number_changes.unreserve_numbers(context_of(info), command)
        return UnreserveNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Take available numbers out of the inventory, acting from the root. Their history stays readable.")
    async def retire_numbers(
        self, info: Info, input: Annotated[RetireNumbersInput, _input("What to retire.")]
    ) -> RetireNumbersPayload | None:
        command = decode(input)
        answer = await number_changes.retire_numbers(context_of(info), command)
        return RetireNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Give available numbers of a series to an organization below; it alone can then use them.")
    async def allocate_numbers(
        self,
        info: Info,
        input: Annotated[AllocateNumbersInput, _input("Which series, how many, and to whom.")],
    ) -> AllocateNumbersPayload | None:
        command = decode(input)
        answer = await allocations.allocate_numbers(context_of(info), command)
        return AllocateNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Take unused numbers of a series back from an organization to its immediate parent, lowest first.")
    async def withdraw_numbers(
        self,
        info: Info,
        input: Annotated[WithdrawNumbersInput, _input("From whom, which series, and how many.")],
    ) -> WithdrawNumbersPayload | None:
        command = decode(input)
        answer = await allocations.withdraw_numbers(context_of(info), command)
        return WithdrawNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Add numbers to the inventory, acting from the root. A retired number comes back with its history.")
    async def add_numbers(
        self,
        info: Info,
        input: Annotated[AddNumbersInput, _input("Which numbers, of which series, held by whom.")],
    ) -> AddNumbersPayload | None:
        command = decode(input)
        answer = await additions.add_numbers(context_of(info), command)
        return AddNumbersPayload.of(answer, dry_run=command.dry_run)
