"""Changes to numbers that are chosen by id or by filter: move, reserve, edit a tag, unreserve, retire."""

from __future__ import annotations

from dataclasses import replace

from db.core.database import TransactionAborted
from db.history.events import Change, Effect
from db.numbers import changes, tag_edits
from db.numbers import single_statement as whole_changes
from db.numbers.changes import Recorded
from db.users import queries as users
from domain.access import Permission, require
from domain.errors import Conflict
from domain.lifecycle import sources
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberAction, NumberStatus
from domain.texts import clean_tag, fold
from resolvers.core.context import Context
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.application import affected_organizations, apply_change
from resolvers.numbers.commands import (
    NOTHING_CHANGED,
    SHOWN,
    EditReservedTag,
    MoveNumbers,
    NumbersChanged,
    OneNumber,
    ReserveNumbers,
    RetireNumbers,
    Selection,
    TagEdited,
    UnreserveNumbers,
)
from resolvers.numbers.refusals import refuse_transitions
from resolvers.numbers.selection import lock_named, lock_selected


async def move_numbers(context: Context, command: MoveNumbers) -> NumbersChanged:
    """Move numbers inside the scope; an in-use number takes its user along."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        target = await work.organization(command.organization_id, name="organizationId")
        return await _change(
            work,
            command.selection,
            action=NumberAction.MOVE,
            kind=EventKind.MOVED,
            effect=Effect(organization=Change.SET),
            organization=target.id,
        )

    return await run_mutation(context, command, change, NumbersChanged)


async def reserve_numbers(context: Context, command: ReserveNumbers) -> NumbersChanged:
    """Reserve available numbers."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        effect = Effect(status=NumberStatus.RESERVED, tag=Change.SET)
        target = None
        if command.organization_id is not None:
            target = (await work.organization(command.organization_id, name="organizationId")).id
            effect = replace(effect, organization=Change.SET)
        return await _change(
            work,
            command.selection,
            action=NumberAction.RESERVE,
            kind=EventKind.RESERVED,
            effect=effect,
            organization=target,
            tag=command.tag,
        )

    return await run_mutation(context, command, change, NumbersChanged)


async def edit_reserved_tag(context: Context, command: EditReservedTag) -> NumbersChanged:
    """Edit the tag of a reserved number; the same tag again changes nothing."""

    async def alone(work: UnitOfWork) -> NumbersChanged | None:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        tag = clean_tag(command.tag, path=("input", "tag"))
        edit = await tag_edits.edit_tag(
            work.connection,
            work.new_operation(EventKind.TAG_EDITED, changed_count=1),
            NumberFilter(scopes=(work.scope,), whole=context.whole, ids=(command.number_id,)),
            sources=sorted(sources(NumberAction.EDIT_TAG)),
            tag=tag,
            tag_folded=fold(tag),
        )
        if edit is None:
            return None
        affected = affected_organizations([edit.path], scope=work.scope)
        return TagEdited(
            changed_count=1,
            number_ids=[edit.number.id],
            organization_ids=affected[:SHOWN],
            organization_count=len(affected),
            operation_id=edit.operation,
            number=edit.number,
        )

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        return await _change(
            work,
            OneNumber(number_ids=(command.number_id,)),
            action=NumberAction.EDIT_TAG,
            kind=EventKind.TAG_EDITED,
            effect=Effect(tag=Change.SET),
            tag=command.tag,
        )

    return await run_mutation(
        context, command, change, NumbersChanged, alone=alone if tag_edits.are_possible(context.database) else None
    )


async def unreserve_numbers(context: Context, command: UnreserveNumbers) -> NumbersChanged:
    """Unreserve numbers."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        return await _change(
            work,
            command.selection,
            action=NumberAction.UNRESERVE,
            kind=EventKind.UNRESERVED,
            effect=Effect(status=NumberStatus.AVAILABLE, tag=Change.CLEAR, forwarding=Change.CLEAR),
        )

    return await run_mutation(context, command, change, NumbersChanged)


async def retire_numbers(context: Context, command: RetireNumbers) -> NumbersChanged:
    """Retire available numbers, acted from the root alone."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        work.require_root("Retiring numbers")
        return await _change(
            work,
            command.selection,
            action=NumberAction.RETIRE,
            kind=EventKind.RETIRED,
            effect=Effect(tag=Change.CLEAR, forwarding=Change.CLEAR, retires=True),
        )

    return await run_mutation(context, command, change, NumbersChanged)


async def _change(
    work: UnitOfWork,
    selection: Selection,
    *,
    action: NumberAction,
    kind: EventKind,
    effect: Effect,
    organization: int | None = None,
    tag: str | None = None,
) -> NumbersChanged:
    """Lock what is selected, write the events, refuse what the lifecycle does not allow, and carry it out."""
    chosen, count, ids = await lock_selected(work, selection)
    if tag is not None:
        tag = clean_tag(tag, path=("input", "tag"))
    if not count:
        return NOTHING_CHANGED
    recorded = await _record(
        work, chosen, kind=kind, action=action, effect=effect, count=count, organization=organization, tag=tag
    )
    if not recorded.amount and selection.single:
        await lock_named(work, selection, chosen)
    if selection.filter is not None and await changes.lock_count(work.connection, chosen, limit=count + 1) != count:
        message = "other numbers came to fulfil the filter meanwhile"
        raise TransactionAborted(message)
    await refuse_transitions(work, recorded.operation, recorded.tallies, action=action, path=selection.path)
    if organization is not None and any(tally.status_before == NumberStatus.IN_USE for tally in recorded.tallies):
        await _move_users(work, recorded.operation, organization_id=organization)
    return await apply_change(
        work, recorded, began_with=count, number_ids=ids[:SHOWN], tag_folded=None if tag is None else fold(tag)
    )


async def _record(
    work: UnitOfWork,
    chosen: NumberFilter,
    *,
    kind: EventKind,
    action: NumberAction,
    effect: Effect,
    count: int,
    organization: int | None,
    tag: str | None,
) -> Recorded:
    """Write the events; for a few named numbers that stay where they are, carry the change out along with them."""
    unless_same = action in {NumberAction.MOVE, NumberAction.EDIT_TAG}
    beginning = work.new_operation(kind, changed_count=count)
    if chosen.ids is not None and count <= SHOWN and organization is None:
        return await whole_changes.carry_out(
            work.connection,
            beginning,
            chosen,
            effect=effect,
            sources=sorted(sources(action)),
            tag_folded=None if tag is None else fold(tag),
            unless_same=unless_same,
            tag=tag,
        )
    return await changes.record_matching(
        work.connection,
        beginning,
        chosen,
        effect=effect,
        few=count <= SHOWN,
        unless_same=unless_same,
        organization=organization,
        tag=tag,
    )


async def _move_users(work: UnitOfWork, operation: int, *, organization_id: int) -> None:
    """Users of in-use numbers come along, unless the target has a user of the same mail address."""
    clashes = await users.email_conflicts(work.connection, operation, organization_id=organization_id)
    if clashes:
        number, email = clashes[0]
        message = f"The user of {number} can't come along: the organization has a user {email} already."
        raise Conflict(
            message,
            path=("input", "organizationId"),
            numbers=tuple(number for number, _ in clashes),
        )
    await users.move_with_numbers(work.connection, operation, organization_id=organization_id)
