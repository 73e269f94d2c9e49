"""Changing a user's name or address, and deleting him."""

from __future__ import annotations

from db.history.events import Change, Effect
from db.users import changes as user_changes
from db.users.queries import UserRecord
from domain.access import Permission, require
from domain.errors import InvalidInput
from domain.numbers import parse
from domain.statuses import EventKind, NumberAction, NumberStatus
from domain.texts import clean_tag, fold
from domain.users import clean_person
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.numbers.selection import visible_number
from resolvers.users.assignment import INPUT, count_pending
from resolvers.users.commands import DeleteUser, UpdateUser, UserChanged, UserDeleted
from resolvers.users.invitations import locked_user, refuse_taken_mail


async def update_user(context: Context, command: UpdateUser) -> UserChanged:
    """Change a user's name or mail address; a link that went to the old address leads nowhere from then on."""

    async def change(work: UnitOfWork) -> UserChanged:
        require(work.actor.role, Permission.CHANGE_USERS)
        user = await locked_user(work, command.user_id)
        before = user.person
        after = clean_person(
            before.first_name if command.first_name is None else command.first_name,
            before.last_name if command.last_name is None else command.last_name,
            before.email if command.email is None else command.email,
            path=INPUT,
        )
        if after == before:
            return UserChanged(user_id=user.id)
        if fold(after.email) != fold(before.email):
            await refuse_taken_mail(work, after, user.organization_id)
            await user_changes.revoke_link(work.connection, user.id)
        await user_changes.write_person(work.connection, user.id, after)
        changed = {"user": (before.display_name, after.display_name)}
        await record_change(work, EventKind.USER_UPDATED, touched=[user.organization_id], changed=changed)
        return UserChanged(user_id=user.id)

    return await run_mutation(context, command, change, UserChanged)


async def delete_user(context: Context, command: DeleteUser) -> UserDeleted:
    """Delete a user; his number is released or, with a tag and perhaps a forwarding number, reserved."""

    async def change(work: UnitOfWork) -> UserDeleted:
        require(work.actor.role, Permission.CHANGE_USERS)
        user = await locked_user(work, command.user_id)
        if command.reserves:
            await _reserve_number(work, user, command)
        else:
            await _release_number(work, user, command)
        await user_changes.delete_one(work.connection, user.id)
        await count_pending(work, user, None)
        return UserDeleted(user_id=user.id, number_id=user.phone_number_id, organization_id=user.organization_id)

    return await run_mutation(context, command, change, UserDeleted)


async def _release_number(work: UnitOfWork, user: UserRecord, command: DeleteUser) -> None:
    for name, value in (("tag", command.tag), ("forwardingNumber", command.forwarding_number)):
        if value is not None:
            message = "A released number has no tag and is not forwarded; reserve it with the disposition RESERVE."
            raise InvalidInput(message, path=(*INPUT, name))
    await _change_number(work, user, Effect(status=NumberStatus.AVAILABLE, user=Change.CLEAR))


async def _reserve_number(work: UnitOfWork, user: UserRecord, command: DeleteUser) -> None:
    tag = clean_tag(command.tag or "", path=(*INPUT, "tag"))
    forwarding = command.forwarding_number
    if forwarding is not None:
        forwarding = parse(forwarding, path=(*INPUT, "forwardingNumber"))
    if user.phone_number_id is None:
        message = "The user has no number that could be reserved."
        raise InvalidInput(message, path=(*INPUT, "disposition"))
    number = await visible_number(work, user.phone_number_id)
    if number.number == forwarding:
        message = f"{forwarding} can't be forwarded to itself."
        raise InvalidInput(message, path=(*INPUT, "forwardingNumber"))
    effect = Effect(status=NumberStatus.RESERVED, tag=Change.SET, forwarding=Change.SET, user=Change.CLEAR)
    await _change_number(work, user, effect, tag=tag, forwarding=forwarding)


async def _change_number(work: UnitOfWork, user: UserRecord, effect: Effect, **values: str | None) -> None:
    if user.phone_number_id is None:
        gone = {"user": (user.person.display_name, None)}
        await record_change(work, EventKind.USER_DELETED, touched=[user.organization_id], changed=gone)
        return
    await change_number(
        work,
        user.phone_number_id,
        organization_id=user.organization_id,
        kind=EventKind.USER_DELETED,
        effect=effect,
        action=NumberAction.DELETE_USER,
        path=(*INPUT, "userId"),
        **values,
    )
