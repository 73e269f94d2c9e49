"""Changes to numbers that are named by id or selected by a filter: move, reserve, edit a tag, unreserve, retire."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from db.core.database import TransactionAborted
from db.history.events import Change, Effect
from db.numbers import changes
from db.users import queries as users
from domain.access import Permission, require
from domain.errors import Conflict
from domain.lifecycle import sources
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberAction, NumberStatus
from domain.texts import clean_tag
from resolvers.core.context import Context
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import (
    NOTHING_CHANGED,
    EditReservedTag,
    MoveNumbers,
    NumbersChanged,
    OneNumber,
    ReserveNumbers,
    RetireNumbers,
    Selection,
    UnreserveNumbers,
)
from resolvers.numbers.completion import complete_change
from resolvers.numbers.refusals import refuse_transitions
from resolvers.numbers.selection import lock_named, lock_selected


async def move_numbers(context: Context, command: MoveNumbers) -> NumbersChanged:
    """Move numbers inside the scope; the user of an in-use number moves along."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        target = await work.organization(command.organization_id, name="organizationId")
        return await _change_selected(
            work,
            command.selection,
            action=NumberAction.MOVE,
            kind=EventKind.MOVED,
            effect=Effect(organization=Change.SET),
            unless_same=True,
            organization=target.id,
        )

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.selection.is_bulk)


async def reserve_numbers(context: Context, command: ReserveNumbers) -> NumbersChanged:
    """Reserve available numbers."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        effect = Effect(status=NumberStatus.RESERVED, tag=Change.SET)
        target = None
        if command.organization_id is not None:
            target = (await work.organization(command.organization_id, name="organizationId")).id
            effect = replace(effect, organization=Change.SET)
        return await _change_selected(
            work,
            command.selection,
            action=NumberAction.RESERVE,
            kind=EventKind.RESERVED,
            effect=effect,
            organization=target,
            tag=command.tag,
        )

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.selection.is_bulk)


async def edit_reserved_tag(context: Context, command: EditReservedTag) -> NumbersChanged:
    """Edit the tag of a reserved number; the same tag again changes nothing."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        return await _change_selected(
            work,
            OneNumber(number_ids=(command.number_id,)),
            action=NumberAction.EDIT_TAG,
            kind=EventKind.TAG_EDITED,
            effect=Effect(tag=Change.SET),
            unless_same=True,
            tag=command.tag,
        )

    return await run_mutation(context, command, change, NumbersChanged)


async def unreserve_numbers(context: Context, command: UnreserveNumbers) -> NumbersChanged:
    """Make reserved numbers available again."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        return await _change_selected(
            work,
            command.selection,
            action=NumberAction.UNRESERVE,
            kind=EventKind.UNRESERVED,
            effect=Effect(status=NumberStatus.AVAILABLE, tag=Change.CLEAR, forwarding=Change.CLEAR),
        )

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.selection.is_bulk)


async def retire_numbers(context: Context, command: RetireNumbers) -> NumbersChanged:
    """Retire available numbers; only from the root organization."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        work.require_root("Retiring numbers")
        return await _change_selected(
            work,
            command.selection,
            action=NumberAction.RETIRE,
            kind=EventKind.RETIRED,
            effect=Effect(tag=Change.CLEAR, forwarding=Change.CLEAR, retires=True),
        )

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.selection.is_bulk)


async def _change_selected(
    work: UnitOfWork,
    selection: Selection,
    *,
    action: NumberAction,
    kind: EventKind,
    effect: Effect,
    unless_same: bool = False,
    organization: int | None = None,
    tag: str | None = None,
) -> NumbersChanged:
    """Lock the selected numbers and change them. Raises InvalidTransition if a status does not allow the action."""
    selected, count = await lock_selected(work, selection)
    if tag is not None:
        tag = clean_tag(tag, path=("input", "tag"))
    if not count:
        return NOTHING_CHANGED
    result = await changes.change_numbers(
        work.connection,
        work.new_operation(kind, changed_count=count),
        selected,
        effect=effect,
        sources=sorted(sources(action)),
        unless_same=unless_same,
        counted_root=work.counted_root,
        organization=organization,
        tag=tag,
    )
    if not result.changed_count and selection.single:
        # Nothing to change, or not in scope?
        await lock_named(work, selection, selected)
    await refuse_transitions(work, result, action=action, path=selection.path)
    in_use = any(change.status_before == NumberStatus.IN_USE for change in result.inventory_changes)
    if organization is not None and in_use:
        await _move_users(work, result.operation, organization_id=organization)
    return await complete_change(work, result)


async def _move_users(work: UnitOfWork, operation: int, *, organization_id: int) -> None:
    """Move the users of the numbers along. Raises Conflict if the target has a user with the same email address."""
    clashes = await users.email_conflicts(work.connection, operation, organization_id=organization_id)
    if clashes:
        number, email = clashes[0]
        raise Conflict(
            f"The user of {number} cannot move along: the organization already has a user {email}.",
            path=("input", "organizationId"),
            numbers=tuple(number for number, _ in clashes),
        )
    await users.move_with_numbers(work.connection, operation, organization_id=organization_id)


async def change_number(
    work: UnitOfWork,
    number_id: int,
    *,
    organization_id: int,
    kind: EventKind,
    effect: Effect,
    action: NumberAction | None = None,
    path: tuple[str, ...] = (),
    **values: Any,
) -> NumbersChanged:
    """Change one number that the organization holds, as an operation of its own.

    `values` are the parameters of the effect. With an action, raises InvalidTransition if the status does not allow it.
    """
    result = await changes.change_numbers(
        work.connection,
        work.new_operation(kind, changed_count=1),
        NumberFilter(ids=(number_id,), organization_ids=(organization_id,)),
        effect=effect,
        sources=sorted(NumberStatus if action is None else sources(action)),
        counted_root=work.counted_root,
        **values,
    )
    if not result.changed_count:
        raise TransactionAborted("the number was moved meanwhile")
    if action is not None:
        await refuse_transitions(work, result, action=action, path=path)
    return await complete_change(work, result)
