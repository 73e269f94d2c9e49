"""Update and delete users."""

from __future__ import annotations

from db.history.events import Change, Effect
from db.users import changes as user_changes
from db.users.queries import UserRecord
from domain.access import Permission, require
from domain.emails import mailbox_key
from domain.errors import InvalidInput
from domain.statuses import EventKind, NumberAction, NumberStatus
from domain.texts import clean_tag
from domain.users import clean_person
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.results import UtilizationChanged
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.numbers.selection import visible_number
from resolvers.users.assignment import update_pending
from resolvers.users.commands import DeleteUser, UpdateUser, UserChanged, UserDeleted
from resolvers.users.invitations import lock_user, record_without_number, require_unused_email


async def update_user(context: Context, command: UpdateUser) -> UserChanged:
    """Change a user's name or email address. A new address invalidates the invitation link sent to the old one."""

    async def change(work: UnitOfWork) -> UserChanged:
        require(work.actor.role, Permission.CHANGE_USERS)
        user = await lock_user(work, command.user_id)
        before = user.person
        after = clean_person(
            before.first_name if command.first_name is None else command.first_name,
            before.last_name if command.last_name is None else command.last_name,
            before.email if command.email is None else command.email,
            path=("input",),
        )
        if after == before:
            return UserChanged(user_id=user.id)
        if after.email != before.email:
            await require_unused_email(work, after, user.organization_id, user_id=user.id)
        if mailbox_key(after.email) != mailbox_key(before.email):
            await user_changes.revoke_link(work.connection, user.id)
        await user_changes.write_person(work.connection, user.id, after)
        changed = {"user": (before.display_name, after.display_name)}
        await record_change(work, EventKind.USER_UPDATED, touched=[user.organization_id], changed=changed)
        return UserChanged(user_id=user.id)

    return await run_mutation(context, command, change, UserChanged)


async def delete_user(context: Context, command: DeleteUser) -> UserDeleted:
    """Delete a user and release their number, or reserve it with a tag and optionally a forwarding number."""

    async def change(work: UnitOfWork) -> UserDeleted:
        require(work.actor.role, Permission.CHANGE_USERS)
        user = await lock_user(work, command.user_id)
        if command.reserves:
            changed = await _reserve_number(work, user, command)
        else:
            changed = await _release_number(work, user, command)
        await user_changes.delete_one(work.connection, user.id)
        await update_pending(work, user, None)
        return UserDeleted(
            user_id=user.id,
            number_id=user.phone_number_id,
            organization_id=user.organization_id,
            **changed.utilization(),
        )

    return await run_mutation(context, command, change, UserDeleted)


async def _release_number(work: UnitOfWork, user: UserRecord, command: DeleteUser) -> UtilizationChanged:
    for name, value in (("tag", command.tag), ("forwardingNumber", command.forwarding_number)):
        if value is not None:
            raise InvalidInput(
                "A released number has no tag and no forwarding number; use the disposition RESERVE to keep them.",
                path=("input", name),
            )
    return await _take_number_away(work, user, Effect(status=NumberStatus.AVAILABLE, user=Change.CLEAR))


async def _reserve_number(work: UnitOfWork, user: UserRecord, command: DeleteUser) -> UtilizationChanged:
    tag = clean_tag(command.tag or "", path=("input", "tag"))
    forwarding = command.forwarding_number
    if forwarding is not None:
        forwarding = await work.parse_number(forwarding, path=("input", "forwardingNumber"))
    if user.phone_number_id is None:
        raise InvalidInput("The user has no number to reserve.", path=("input", "disposition"))
    number = await visible_number(work, user.phone_number_id)
    if number.number == forwarding:
        raise InvalidInput(f"{forwarding} can't be forwarded to itself.", path=("input", "forwardingNumber"))
    effect = Effect(status=NumberStatus.RESERVED, tag=Change.SET, forwarding=Change.SET, user=Change.CLEAR)
    return await _take_number_away(work, user, effect, tag=tag, forwarding=forwarding)


async def _take_number_away(
    work: UnitOfWork, user: UserRecord, effect: Effect, **values: str | None
) -> UtilizationChanged:
    """Apply the effect to the user's number and record the deletion, also for a user without a number."""
    if user.phone_number_id is None:
        return await record_without_number(work, user, EventKind.USER_DELETED)
    return await change_number(
        work,
        user.phone_number_id,
        organization_id=user.organization_id,
        kind=EventKind.USER_DELETED,
        effect=effect,
        action=NumberAction.DELETE_USER,
        path=("input", "userId"),
        **values,
    )
