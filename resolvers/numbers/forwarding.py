"""Forwarding numbers: set when a user is deleted, then updated or removed; a removed one cannot be set again."""

from __future__ import annotations

from dataclasses import dataclass

from db.history.events import Change, Effect
from db.numbers import locks
from db.numbers.queries import NumberRecord
from domain.access import Permission, require
from domain.errors import InvalidInput
from domain.lifecycle import allows, refuse_transition
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberAction
from resolvers.core.context import Context
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.numbers.commands import NOTHING_CHANGED, NumbersChanged
from resolvers.numbers.refusals import refusal_of
from resolvers.numbers.selection import visible_number


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateForwardingNumber:
    """Forward a reserved number that is forwarded already to another number."""

    number_id: int
    forwarding_number: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveForwardingNumber:
    """Stop forwarding a reserved number."""

    number_id: int
    idempotency_key: str | None = None


async def update_forwarding_number(context: Context, command: UpdateForwardingNumber) -> NumbersChanged:
    """Forward to another number; the same number again changes nothing."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        number = await _lock(work, command.number_id)
        forwarding = await work.parse_number(command.forwarding_number, path=("input", "forwardingNumber"))
        if forwarding == number.number:
            raise InvalidInput(f"{forwarding} cannot be forwarded to itself.", path=("input", "forwardingNumber"))
        _require(work, number, NumberAction.UPDATE_FORWARDING)
        if forwarding == number.forwarding_number:
            return NOTHING_CHANGED
        return await change_number(
            work,
            number.id,
            organization_id=number.organization_id,
            kind=EventKind.FORWARDING_UPDATED,
            effect=Effect(forwarding=Change.SET),
            forwarding=forwarding,
        )

    return await run_mutation(context, command, change, NumbersChanged)


async def remove_forwarding_number(context: Context, command: RemoveForwardingNumber) -> NumbersChanged:
    """Stop forwarding; it cannot be set again."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        number = await _lock(work, command.number_id)
        _require(work, number, NumberAction.REMOVE_FORWARDING)
        return await change_number(
            work,
            number.id,
            organization_id=number.organization_id,
            kind=EventKind.FORWARDING_REMOVED,
            effect=Effect(forwarding=Change.CLEAR),
        )

    return await run_mutation(context, command, change, NumbersChanged)


async def _lock(work: UnitOfWork, number_id: int) -> NumberRecord:
    """Lock a number in scope and read it. Raises NotFound with the path of the input."""
    selected = NumberFilter(root_id=work.root_id, scopes=(work.scope,), ids=(number_id,))
    await locks.lock_ids(work.connection, selected, limit=1)
    return await visible_number(work, number_id)


def _require(work: UnitOfWork, number: NumberRecord, action: NumberAction) -> None:
    if not allows(action, number.status, forwarded=number.forwarding_number is not None):
        raise refuse_transition(action, [refusal_of(work, number)], count=1, path=("input", "numberId"))
