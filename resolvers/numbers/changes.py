"""Changes to numbers that are named by id or selected by a filter: move, reserve, edit a tag, unreserve, retire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from db.core.database import TransactionAborted
from db.history.events import Change, Effect
from db.numbers import changes, single_statement
from db.users import queries as users
from domain.access import Permission, require
from domain.errors import Conflict, InvalidInput
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
from resolvers.numbers.selection import check_selection, lock_named, lock_selected


async def move_numbers(context: Context, command: MoveNumbers) -> NumbersChanged:
    """Move numbers inside the scope; the user of an in-use number moves along."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        await check_move(work, command)
        effect = Effect(organization=Change.SET)
        move = _NumberChange(
            NumberAction.MOVE, EventKind.MOVED, effect, unless_same=True, organization=command.organization_id
        )
        return await _change_selected(work, command.selection, move)

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.selection.is_bulk)


async def check_move(work: UnitOfWork, command: MoveNumbers) -> None:
    """Refuse what is refused without looking at the numbers."""
    require(work.actor.role, Permission.CHANGE_NUMBERS)
    await work.organization(command.organization_id, name="organizationId")
    check_selection(command.selection)


async def reserve_numbers(context: Context, command: ReserveNumbers) -> NumbersChanged:
    """Reserve available numbers."""
    reservation = _NumberChange(
        NumberAction.RESERVE,
        EventKind.RESERVED,
        Effect(status=NumberStatus.RESERVED, tag=Change.SET),
        tag=command.tag,
    )

    async def change(work: UnitOfWork) -> NumbersChanged:
        await check_reservation(work, command)
        if command.organization_id is None:
            return await _change_selected(work, command.selection, reservation)
        effect = replace(reservation.effect, organization=Change.SET)
        return await _change_selected(
            work, command.selection, replace(reservation, effect=effect, organization=command.organization_id)
        )

    async def alone(work: UnitOfWork) -> NumbersChanged | None:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        return await _change_alone(work, command.selection, reservation)

    return await run_mutation(
        context,
        command,
        change,
        NumbersChanged,
        bulk=command.selection.is_bulk,
        alone=alone if command.selection.single and command.organization_id is None else None,
    )


async def check_reservation(work: UnitOfWork, command: ReserveNumbers) -> None:
    """Refuse what is refused without looking at the numbers."""
    require(work.actor.role, Permission.CHANGE_NUMBERS)
    if command.organization_id is not None:
        await work.organization(command.organization_id, name="organizationId")
    check_selection(command.selection)
    if work.admits_job:
        clean_tag(command.tag, path=("input", "tag"))


async def edit_reserved_tag(context: Context, command: EditReservedTag) -> NumbersChanged:
    """Edit the tag of a reserved number; the same tag again changes nothing."""
    edit = _NumberChange(
        NumberAction.EDIT_TAG, EventKind.TAG_EDITED, Effect(tag=Change.SET), unless_same=True, tag=command.tag
    )
    return await _run(context, command, OneNumber(number_ids=(command.number_id,)), edit)


async def unreserve_numbers(context: Context, command: UnreserveNumbers) -> NumbersChanged:
    """Make reserved numbers available again."""
    return await _run(context, command, command.selection, _UNRESERVATION)


async def check_unreservation(work: UnitOfWork, command: UnreserveNumbers) -> None:
    """Refuse what is refused without looking at the numbers."""
    _UNRESERVATION.require(work)
    check_selection(command.selection)


async def retire_numbers(context: Context, command: RetireNumbers) -> NumbersChanged:
    """Retire available numbers; only from the root organization."""
    return await _run(context, command, command.selection, _RETIREMENT)


async def check_retirement(work: UnitOfWork, command: RetireNumbers) -> None:
    """Refuse what is refused without looking at the numbers."""
    _RETIREMENT.require(work)
    check_selection(command.selection)


@dataclass(frozen=True, slots=True)
class _NumberChange:
    """What an action does to the selected numbers; `only_at_root` is what is possible only from the root."""

    action: NumberAction
    kind: EventKind
    effect: Effect
    unless_same: bool = False
    organization: int | None = None
    tag: str | None = None
    only_at_root: str | None = None

    def require(self, work: UnitOfWork) -> None:
        """Raise Forbidden unless the caller may do it."""
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        if self.only_at_root is not None:
            work.require_root(self.only_at_root)


_UNRESERVATION = _NumberChange(
    NumberAction.UNRESERVE,
    EventKind.UNRESERVED,
    Effect(status=NumberStatus.AVAILABLE, tag=Change.CLEAR, forwarding=Change.CLEAR),
)
_RETIREMENT = _NumberChange(
    NumberAction.RETIRE,
    EventKind.RETIRED,
    Effect(tag=Change.CLEAR, forwarding=Change.CLEAR, retires=True),
    only_at_root="Retiring numbers",
)


async def _run(context: Context, command: Any, selection: Selection, wanted: _NumberChange) -> NumbersChanged:
    """Run a change that keeps the holders of the numbers."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        wanted.require(work)
        return await _change_selected(work, selection, wanted)

    async def alone(work: UnitOfWork) -> NumbersChanged | None:
        wanted.require(work)
        return await _change_alone(work, selection, wanted)

    return await run_mutation(
        context,
        command,
        change,
        NumbersChanged,
        bulk=selection.is_bulk,
        alone=alone if selection.single else None,
    )


async def _change_alone(work: UnitOfWork, selection: Selection, wanted: _NumberChange) -> NumbersChanged | None:
    """Change a single number in a statement that is a transaction by itself; None if it is not as simple as that."""
    check_selection(selection)
    tag = wanted.tag
    if tag is not None:
        try:
            tag = clean_tag(tag, path=("input", "tag"))
        except InvalidInput:
            return None
    result = await single_statement.change_alone(
        work.connection,
        work.new_operation(wanted.kind, changed_count=1),
        NumberFilter(root_id=work.root_id, scopes=(work.scope,), ids=selection.number_ids),
        effect=wanted.effect,
        sources=sorted(sources(wanted.action)),
        unless_same=wanted.unless_same,
        tag=tag,
        new_key=work.new_key,
    )
    return None if result is None else await complete_change(work, result)


async def _change_selected(work: UnitOfWork, selection: Selection, wanted: _NumberChange) -> NumbersChanged:
    """Lock the selected numbers and change them. Raises InvalidTransition if a status does not allow the action."""
    selected, count = await lock_selected(work, selection)
    try:
        tag = None if wanted.tag is None else clean_tag(wanted.tag, path=("input", "tag"))
    except InvalidInput:
        if selection.single:
            # As with several numbers, one that is not in scope is refused first.
            await lock_named(work, selection, selected)
        raise
    if work.job is not None:
        work.job.advance(0, count)
    if not count:
        return NOTHING_CHANGED
    result = await changes.change_numbers(
        work.connection,
        work.new_operation(wanted.kind, changed_count=count),
        selected,
        effect=wanted.effect,
        sources=sorted(sources(wanted.action)),
        unless_same=wanted.unless_same,
        counted_root=work.counted_root,
        advance=work.advance,
        organization=wanted.organization,
        tag=tag,
    )
    if not result.changed_count and selection.single:
        # Nothing to change, or not in scope?
        await lock_named(work, selection, selected)
    await refuse_transitions(work, result, action=wanted.action, path=selection.path)
    in_use = any(change.status_before == NumberStatus.IN_USE for change in result.inventory_changes)
    if wanted.organization is not None and in_use:
        await _move_users(work, result.operation, organization_id=wanted.organization)
    return await complete_change(work, result, unchanged_count=count - result.changed_count)


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
