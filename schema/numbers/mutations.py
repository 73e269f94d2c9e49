"""Mutations of numbers."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.jobs.submission import submit
from resolvers.numbers import changes, forwarding
from schema.core.arguments import described
from schema.core.errors import mutation
from schema.core.inputs import decode, decode_large
from schema.core.nodes import context_of
from schema.numbers.inputs import (
    AddNumbersInput,
    AllocateNumbersInput,
    EditReservedTagInput,
    MoveNumbersInput,
    RemoveForwardingNumberInput,
    ReserveNumbersInput,
    RetireNumbersInput,
    UnreserveNumbersInput,
    UpdateForwardingNumberInput,
    WithdrawNumbersInput,
)
from schema.numbers.payloads import (
    AddNumbersPayload,
    AllocateNumbersPayload,
    EditReservedTagPayload,
    MoveNumbersPayload,
    RemoveForwardingNumberPayload,
    ReserveNumbersPayload,
    RetireNumbersPayload,
    UnreserveNumbersPayload,
    UpdateForwardingNumberPayload,
    WithdrawNumbersPayload,
)


@strawberry.type
class NumberMutations:
    """The mutations of numbers."""

    @mutation("Move numbers to another organization in your scope. The user of an in-use number moves with it.")
    async def move_numbers(
        self, info: Info, input: Annotated[MoveNumbersInput, described("The numbers and their new holder.")]
    ) -> MoveNumbersPayload | None:
        command = await decode_large(input)
        answer = await submit(context_of(info), command)
        return MoveNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Reserve available numbers with a tag, and optionally allocate them to an organization.")
    async def reserve_numbers(
        self, info: Info, input: Annotated[ReserveNumbersInput, described("The numbers and the tag.")]
    ) -> ReserveNumbersPayload | None:
        command = await decode_large(input)
        answer = await submit(context_of(info), command)
        return ReserveNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Change the tag of a reserved number. Setting the tag that it already has changes nothing.")
    async def edit_reserved_tag(
        self, info: Info, input: Annotated[EditReservedTagInput, described("The number and its new tag.")]
    ) -> EditReservedTagPayload | None:
        command = decode(input)
        answer = await changes.edit_reserved_tag(context_of(info), command)
        return EditReservedTagPayload(answer=answer, number_id=command.number_id)

    @mutation("Make reserved numbers available again. Their tags and forwarding numbers are removed.")
    async def unreserve_numbers(
        self, info: Info, input: Annotated[UnreserveNumbersInput, described("The numbers.")]
    ) -> UnreserveNumbersPayload | None:
        command = await decode_large(input)
        answer = await submit(context_of(info), command)
        return UnreserveNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Remove available numbers from the inventory; you must act from the root. Their history stays readable.")
    async def retire_numbers(
        self, info: Info, input: Annotated[RetireNumbersInput, described("The numbers.")]
    ) -> RetireNumbersPayload | None:
        command = await decode_large(input)
        answer = await submit(context_of(info), command)
        return RetireNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Allocate available numbers of a series to a sub-organization; from then on only it can use them.")
    async def allocate_numbers(
        self, info: Info, input: Annotated[AllocateNumbersInput, described("The series, the quantity and the holder.")]
    ) -> AllocateNumbersPayload | None:
        command = decode(input)
        answer = await submit(context_of(info), command)
        return AllocateNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Withdraw available numbers of a series from an organization to its parent, the lowest numbers first.")
    async def withdraw_numbers(
        self, info: Info, input: Annotated[WithdrawNumbersInput, described("The series, the quantity and the holder.")]
    ) -> WithdrawNumbersPayload | None:
        command = decode(input)
        answer = await submit(context_of(info), command)
        return WithdrawNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Add numbers to the inventory; you must act from the root. A retired number returns with its history.")
    async def add_numbers(
        self, info: Info, input: Annotated[AddNumbersInput, described("The numbers, their series and their holder.")]
    ) -> AddNumbersPayload | None:
        command = await decode_large(input)
        answer = await submit(context_of(info), command)
        return AddNumbersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Forward the calls of a reserved number to another number. The number must already be forwarded.")
    async def update_forwarding_number(
        self, info: Info, input: Annotated[UpdateForwardingNumberInput, described("The number, and where to forward.")]
    ) -> UpdateForwardingNumberPayload | None:
        command = decode(input)
        answer = await forwarding.update_forwarding_number(context_of(info), command)
        return UpdateForwardingNumberPayload(answer=answer, number_id=command.number_id)

    @mutation("Stop forwarding a reserved number. Forwarding cannot be turned on again.")
    async def remove_forwarding_number(
        self, info: Info, input: Annotated[RemoveForwardingNumberInput, described("The number.")]
    ) -> RemoveForwardingNumberPayload | None:
        command = decode(input)
        answer = await forwarding.remove_forwarding_number(context_of(info), command)
        return RemoveForwardingNumberPayload(answer=answer, number_id=command.number_id)
