"""Invite one user, send the invitation again, and cancel it."""

from __future__ import annotations

from db.numbers.assignments import FREED
from db.organizations.queries import OrganizationRecord
from db.users import changes as user_changes
from db.users.changes import NewInvitation, NewUser
from db.users.queries import UserRecord
from domain.access import Permission, require
from domain.emails import mailbox_key
from domain.errors import AlreadyExists, not_found
from domain.invitations import check_source
from domain.statuses import EventKind
from domain.users import Person, UserAction, clean_person, require_action
from mail.messages import Invitation
from mail.outbox import OutgoingMail
from resolvers.access.sign_in import digest
from resolvers.core.context import Context
from resolvers.core.limits import limit_mails
from resolvers.core.recording import record_change
from resolvers.core.results import UtilizationChanged
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.numbers.commands import NumbersChanged
from resolvers.numbers.completion import utilization_changed
from resolvers.numbers.refusals import refusal_of
from resolvers.numbers.selection import visible_number
from resolvers.users.assignment import (
    assign,
    choose_number,
    require_holder,
    resolve_source,
    update_pending,
)
from resolvers.users.commands import (
    CancelInvitation,
    InvitationCancelled,
    InviteUser,
    ResendInvitation,
    UserInvited,
)


async def invite_user(context: Context, command: InviteUser) -> UserInvited:
    """Create a user, assign the number that the source names, and send the invitation if requested."""

    async def change(work: UnitOfWork) -> UserInvited:
        require(work.actor.role, Permission.CHANGE_USERS)
        organization = await work.organization(command.organization_id, name="organizationId")
        source = await resolve_source(work, command.source)
        check_source(command.source, path=("input",))
        person = clean_person(command.first_name, command.last_name, command.email, path=("input",))
        await require_unused_email(work, person, organization.id)
        number_id = await choose_number(work, source, organization) if command.source.named else None
        seed, invitation = new_invitation(work)
        new = NewUser(person, invitation if command.send_invitation else None)
        await user_changes.insert_all(work.connection, [new], organization_id=organization.id, now=work.now)
        ids = await user_changes.ids_by_email(work.connection, [person.email], organization_id=organization.id)
        user = await lock_user(work, ids[mailbox_key(person.email)])
        changed: UtilizationChanged
        if number_id is None:
            operation = await record_change(
                work, EventKind.USER_ADDED, touched=[organization.id], changed={"user": (None, person.display_name)}
            )
            # A pending invitation is part of the utilization.
            paths = [organization.path] if command.send_invitation else []
            changed = utilization_changed(work, paths, operation_id=operation)
        else:
            changed = await assign(work, number_id, organization_id=organization.id, user_id=user.id, person=person)
            user = await lock_user(work, user.id)
        await update_pending(work, None, user)
        if command.send_invitation:
            limit_mails(work, [user.person.email], path=("input", "email"))
            await _queue_mail(work, user, organization, seed=seed, invitation=invitation)
        return UserInvited(user_id=user.id, **changed.utilization())

    return await run_mutation(context, command, change, UserInvited)


async def resend_invitation(context: Context, command: ResendInvitation) -> UserInvited:
    """Send an invitation for the first time or again, optionally with a different number."""

    async def change(work: UnitOfWork) -> UserInvited:
        require(work.actor.role, Permission.CHANGE_USERS)
        before = await lock_user(work, command.user_id)
        organization = await work.organization(before.organization_id, name="userId")
        number = None if command.number_id is None else await visible_number(work, command.number_id)
        await _require_user_action(work, before, UserAction.SEND_INVITATION, UserAction.RESEND_INVITATION)
        seed, invitation = new_invitation(work)
        changed: UtilizationChanged
        if number is not None and number.id != before.phone_number_id:
            require_holder(number, organization)
            await _release_number(work, before, kind=EventKind.INVITATION_CANCELLED)
            changed = await assign(
                work, number.id, organization_id=organization.id, user_id=before.id, person=before.person
            )
        else:
            operation = await record_change(
                work,
                EventKind.INVITATION_SENT,
                touched=[organization.id],
                changed={"user": (None, before.person.display_name)},
            )
            paths = [] if before.pending else [organization.path]
            changed = utilization_changed(work, paths, operation_id=operation)
        await user_changes.invite(work.connection, before.id, invitation, now=work.now)
        after = await lock_user(work, before.id)
        await update_pending(work, before, after)
        limit_mails(work, [after.person.email], path=("input", "userId"))
        await _queue_mail(work, after, organization, seed=seed, invitation=invitation)
        return UserInvited(user_id=before.id, **changed.utilization())

    return await run_mutation(context, command, change, UserInvited)


async def cancel_invitation(context: Context, command: CancelInvitation) -> InvitationCancelled:
    """Cancel an invitation: the number becomes available and the user is no longer invited."""

    async def change(work: UnitOfWork) -> InvitationCancelled:
        require(work.actor.role, Permission.CHANGE_USERS)
        before = await lock_user(work, command.user_id)
        await _require_user_action(work, before, UserAction.CANCEL_INVITATION)
        changed: UtilizationChanged | None = await _release_number(work, before, kind=EventKind.INVITATION_CANCELLED)
        if changed is None:
            changed = await record_without_number(work, before, EventKind.INVITATION_CANCELLED)
        await user_changes.cancel(work.connection, before.id)
        await update_pending(work, before, await lock_user(work, before.id))
        return InvitationCancelled(user_id=before.id, number_id=before.phone_number_id, **changed.utilization())

    return await run_mutation(context, command, change, InvitationCancelled)


async def lock_user(work: UnitOfWork, user_id: int) -> UserRecord:
    """Lock a user in scope and return them. Raises NotFound."""
    user = await user_changes.lock(work.connection, user_id, within=work.scope)
    if user is None:
        raise not_found("user", path=("input", "userId"))
    return user


async def _require_user_action(work: UnitOfWork, user: UserRecord, *actions: UserAction) -> None:
    """Raise InvalidTransition unless the user's status allows one of the actions."""
    number = None if user.phone_number_id is None else await visible_number(work, user.phone_number_id)
    require_action(
        actions,
        user.status,
        has_number=number is not None,
        number=None if number is None else refusal_of(work, number),
        path=("input", "userId"),
    )


async def _release_number(work: UnitOfWork, user: UserRecord, *, kind: EventKind) -> NumbersChanged | None:
    """Make the user's number available; None if they have none."""
    if user.phone_number_id is None:
        return None
    return await change_number(
        work, user.phone_number_id, organization_id=user.organization_id, kind=kind, effect=FREED
    )


async def record_without_number(work: UnitOfWork, user: UserRecord, kind: EventKind) -> UtilizationChanged:
    """Record that a user without a number is no longer invited or no longer there."""
    organization = await work.organization(user.organization_id, name="userId")
    ended = {"user": (user.person.display_name, None)}
    operation = await record_change(work, kind, touched=[organization.id], changed=ended)
    return utilization_changed(work, [organization.path] if user.pending else [], operation_id=operation)


async def require_unused_email(
    work: UnitOfWork, person: Person, organization_id: int, *, user_id: int | None = None
) -> None:
    """Raise AlreadyExists if a user of the organization other than `user_id` has the mailbox."""
    found = await user_changes.ids_by_email(work.connection, [person.email], organization_id=organization_id)
    if any(other != user_id for other in found.values()):
        raise AlreadyExists(f"The organization already has a user {person.email}.", path=("input", "email"))


def new_invitation(work: UnitOfWork) -> tuple[str, NewInvitation]:
    """Return the seed from which the mail derives its link, and the invitation to store."""
    deployment = work.context.deployment
    seed = deployment.links.new_seed()
    token_digest = digest(deployment.links.token(seed))
    return seed, NewInvitation(token_digest, work.now + deployment.invitation_lifetime)


def invitation_mail(
    user_id: int,
    person: Person,
    organization: OrganizationRecord,
    number: str | None,
    *,
    seed: str,
    invitation: NewInvitation,
) -> OutgoingMail:
    """Return the mail with the invitation link."""
    facts = Invitation(
        first_name=person.first_name,
        last_name=person.last_name,
        organization=organization.name,
        number=number,
        expires_at=invitation.expires_at,
        time_zone=organization.time_zone,
        seed=seed,
    )
    return OutgoingMail(facts, (person.email,), organization.id, user_id)


async def _queue_mail(
    work: UnitOfWork, user: UserRecord, organization: OrganizationRecord, *, seed: str, invitation: NewInvitation
) -> None:
    """Queue the invitation mail for the end of the transaction."""
    number = None if user.phone_number_id is None else await visible_number(work, user.phone_number_id)
    text = None if number is None else number.number
    work.mails.append(invitation_mail(user.id, user.person, organization, text, seed=seed, invitation=invitation))
