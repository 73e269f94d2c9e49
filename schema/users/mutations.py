"""Mutations of users, their invitations, and the forwarding of their former numbers."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.numbers import forwarding
from resolvers.users import acceptance as on_boarding
from resolvers.users import bulk as bulk_invitations
from resolvers.users import changes as user_changes
from resolvers.users import invitations
from schema.core.errors import mutation
from schema.core.nodes import context_of
from schema.core.scalars import E164
from schema.users.inputs import (
    AcceptInvitationInput,
    CancelInvitationInput,
    DeleteUserInput,
    InviteUserInput,
    InviteUsersInput,
    RemoveForwardingNumberInput,
    ResendInvitationInput,
    UpdateForwardingNumberInput,
    UpdateUserInput,
)
from schema.users.payloads import (
    AcceptInvitationPayload,
    CancelInvitationPayload,
    DeleteUserPayload,
    InviteUserPayload,
    InviteUsersPayload,
    RemoveForwardingNumberPayload,
    ResendInvitationPayload,
    UpdateForwardingNumberPayload,
    UpdateUserPayload,
)


def _input(description: str) -> Any:
    return strawberry.argument(description=description)


@strawberry.type
class UserMutations:
    """The mutations of users."""

    @mutation("Invite a user by mail, onto a number or with none; or only save him (`sendInvitation: false`).")
    async def invite_user(
        self, info: Info, input: Annotated[InviteUserInput, _input("Who is invited, and onto which number.")]
    ) -> InviteUserPayload | None:
        answer = await invitations.invite_user(context_of(info), input.command())
        return InviteUserPayload(user_id=answer.user_id)

    @mutation("Invite many users at once, by a list or by CSV, with a report of every line that is wrong.")
    async def invite_users(
        self, info: Info, input: Annotated[InviteUsersInput, _input("Who are invited.")]
    ) -> InviteUsersPayload | None:
        answer = await bulk_invitations.invite_users(context_of(info), input.command())
        return InviteUsersPayload.of(answer)

    @mutation("Change a user's name or mail address.")
    async def update_user(
        self, info: Info, input: Annotated[UpdateUserInput, _input("What changes.")]
    ) -> UpdateUserPayload | None:
        answer = await user_changes.update_user(context_of(info), input.command())
        return UpdateUserPayload(user_id=answer.user_id)

    @mutation("Send a user his invitation, the first or once more; earlier links of his lead nowhere from then on.")
    async def resend_invitation(
        self, info: Info, input: Annotated[ResendInvitationInput, _input("Whose invitation is sent.")]
    ) -> ResendInvitationPayload | None:
        answer = await invitations.resend_invitation(context_of(info), input.command())
        return ResendInvitationPayload(user_id=answer.user_id)

    @mutation("Cancel an invitation: the number becomes available, and the link leads nowhere.")
    async def cancel_invitation(
        self, info: Info, input: Annotated[CancelInvitationInput, _input("Whose invitation is cancelled.")]
    ) -> CancelInvitationPayload | None:
        answer = await invitations.cancel_invitation(context_of(info), input.command())
        return CancelInvitationPayload(user_id=answer.user_id, number_id=answer.number_id)

    @mutation("Accept an invitation by the token of its link, once. Needs no other token.")
    async def accept_invitation(
        self, info: Info, input: Annotated[AcceptInvitationInput, _input("The token, and the picked number.")]
    ) -> AcceptInvitationPayload | None:
        context = context_of(info)
        try:
            accepted = await on_boarding.accept_invitation(context, token=input.token, number_id=input.picked())
        except on_boarding.NotAccepted as refused:
            context.refused |= {refused.refusal.code}
            return AcceptInvitationPayload.not_accepted(refused)
        return AcceptInvitationPayload(number=E164(accepted.number), organization_name=accepted.organization_name)

    @mutation("Delete a user, and release the number or reserve it with a tag and, this once, a forwarding number.")
    async def delete_user(
        self, info: Info, input: Annotated[DeleteUserInput, _input("Who, and what becomes of the number.")]
    ) -> DeleteUserPayload | None:
        answer = await user_changes.delete_user(context_of(info), input.command())
        return DeleteUserPayload(
            user_id=answer.user_id, number_id=answer.number_id, organization_id=answer.organization_id
        )

    @mutation("Change where the calls of a reserved number go. One that is not forwarded stays so.")
    async def update_forwarding_number(
        self, info: Info, input: Annotated[UpdateForwardingNumberInput, _input("Which number, and where to.")]
    ) -> UpdateForwardingNumberPayload | None:
        command = input.command()
        answer = await forwarding.update_forwarding_number(context_of(info), command)
        return UpdateForwardingNumberPayload(number_id=command.number_id, answer=answer)

    @mutation("Stop forwarding a reserved number; it can't be set again.")
    async def remove_forwarding_number(
        self, info: Info, input: Annotated[RemoveForwardingNumberInput, _input("Which number.")]
    ) -> RemoveForwardingNumberPayload | None:
        command = input.command()
        answer = await forwarding.remove_forwarding_number(context_of(info), command)
        return RemoveForwardingNumberPayload(number_id=command.number_id, answer=answer)
