"""Mutations of users and invitations."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from execution.declarations import PUBLIC
from resolvers.jobs.submission import submit
from resolvers.users import acceptance, changes, invitations
from schema.core.arguments import described
from schema.core.errors import mutation
from schema.core.inputs import decode, decode_large
from schema.core.nodes import context_of
from schema.core.scalars import E164
from schema.users.inputs import (
    AcceptInvitationInput,
    CancelInvitationInput,
    DeleteUserInput,
    InviteUserInput,
    InviteUsersInput,
    ResendInvitationInput,
    UpdateUserInput,
)
from schema.users.payloads import (
    AcceptInvitationPayload,
    CancelInvitationPayload,
    DeleteUserPayload,
    InviteUserPayload,
    InviteUsersPayload,
    ResendInvitationPayload,
    UpdateUserPayload,
)


@strawberry.type
class UserMutations:
    """The mutations of users."""

    @mutation(
        "Invite a user by mail, with or without a number. With `sendInvitation: false` the user is saved and no mail "
        "is sent."
    )
    async def invite_user(
        self, info: Info, input: Annotated[InviteUserInput, described("The user to invite, and the number to assign.")]
    ) -> InviteUserPayload | None:
        command = decode(input)
        answer = await invitations.invite_user(context_of(info), command)
        return InviteUserPayload(answer=answer)

    @mutation("Invite many users at once, from a list or from CSV. Every invalid line is reported.")
    async def invite_users(
        self, info: Info, input: Annotated[InviteUsersInput, described("The users to invite.")]
    ) -> InviteUsersPayload | None:
        command = await decode_large(input)
        answer = await submit(context_of(info), command)
        return InviteUsersPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Change a user's name or email address.")
    async def update_user(
        self, info: Info, input: Annotated[UpdateUserInput, described("The user, and the fields to change.")]
    ) -> UpdateUserPayload | None:
        command = decode(input)
        answer = await changes.update_user(context_of(info), command)
        return UpdateUserPayload(answer=answer)

    @mutation("Send an invitation, for the first time or again. Links from earlier mails stop working.")
    async def resend_invitation(
        self, info: Info, input: Annotated[ResendInvitationInput, described("The user to send the invitation to.")]
    ) -> ResendInvitationPayload | None:
        command = decode(input)
        answer = await invitations.resend_invitation(context_of(info), command)
        return ResendInvitationPayload(answer=answer)

    @mutation("Cancel an invitation: the user's number becomes available, and the link stops working.")
    async def cancel_invitation(
        self, info: Info, input: Annotated[CancelInvitationInput, described("The user whose invitation to cancel.")]
    ) -> CancelInvitationPayload | None:
        command = decode(input)
        answer = await invitations.cancel_invitation(context_of(info), command)
        return CancelInvitationPayload(answer=answer)

    @mutation(
        "Accept an invitation with the token from its link, which works once. Needs no other authentication.",
        metadata=PUBLIC,
    )
    async def accept_invitation(
        self, info: Info, input: Annotated[AcceptInvitationInput, described("The token, and the number you picked.")]
    ) -> AcceptInvitationPayload | None:
        command = decode(input)
        try:
            answer = await acceptance.accept_invitation(context_of(info), command)
        except acceptance.AcceptanceRefused as error:
            return AcceptInvitationPayload.not_accepted(info, error)
        return AcceptInvitationPayload(number=E164(answer.number), organization_name=answer.organization_name)

    @mutation("Delete a user. The user's number is released, or reserved with a tag and, optionally, forwarded.")
    async def delete_user(
        self, info: Info, input: Annotated[DeleteUserInput, described("The user, and what happens to the number.")]
    ) -> DeleteUserPayload | None:
        command = decode(input)
        answer = await changes.delete_user(context_of(info), command)
        return DeleteUserPayload(answer=answer, dry_run=command.dry_run)
