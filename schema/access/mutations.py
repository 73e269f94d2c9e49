"""Mutations of sign-in, passwords, administrators and API keys."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from execution.declarations import PUBLIC
from resolvers.access import administrators, api_keys, passwords, renewal, sign_in
from schema.access.inputs import (
    ChangePasswordInput,
    CreateApiKeyInput,
    DeleteAdministratorInput,
    InviteAdministratorInput,
    RequestPasswordResetInput,
    RevokeApiKeyInput,
    SetPasswordInput,
    SignInInput,
    UpdateAdministratorInput,
)
from schema.access.payloads import (
    ChangePasswordPayload,
    CreateApiKeyPayload,
    DeleteAdministratorPayload,
    InviteAdministratorPayload,
    RenewSessionPayload,
    RequestPasswordResetPayload,
    RevokeApiKeyPayload,
    SetPasswordPayload,
    SignInPayload,
    SignOutPayload,
    UpdateAdministratorPayload,
)
from schema.core.arguments import described
from schema.core.errors import mutation
from schema.core.inputs import decode
from schema.core.nodes import context_of


@strawberry.type
class AccessMutations:
    """The mutations of access."""

    @mutation(
        "Sign in with email address and password. Needs no authentication. After too many failures the code is "
        "LIMIT_EXCEEDED, and the message says how long to wait. The token is valid for 12 hours; use `renewSession` "
        "before it expires.",
        metadata=PUBLIC,
    )
    async def sign_in(
        self, info: Info, input: Annotated[SignInInput, described("Your credentials.")]
    ) -> SignInPayload | None:
        answer = await sign_in.sign_in(context_of(info), email=input.email, password=input.password)
        return SignInPayload(token=answer.token, expires_at=answer.expires_at)

    @mutation(
        "Exchange the token of this request for a fresh one, valid for 12 hours. The old token ends after 60 seconds: "
        "use the new one for all further requests. A session can be renewed for 30 days after `signIn`; then the code "
        "is EXPIRED, and the user has to sign in again. An API key cannot be renewed (FORBIDDEN)."
    )
    async def renew_session(self, info: Info) -> RenewSessionPayload | None:
        answer = await renewal.renew_session(context_of(info))
        return RenewSessionPayload(token=answer.token, expires_at=answer.expires_at)

    @mutation("Invalidate the token of this request. An API key stays valid; use `revokeApiKey` for it.")
    async def sign_out(self, info: Info) -> SignOutPayload | None:
        await sign_in.sign_out(context_of(info))
        return SignOutPayload()

    @mutation("Change your own password. All your other sessions are signed out.")
    async def change_password(
        self, info: Info, input: Annotated[ChangePasswordInput, described("Your current password and the new one.")]
    ) -> ChangePasswordPayload | None:
        await passwords.change_password(context_of(info), current=input.current_password, new=input.new_password)
        return ChangePasswordPayload()

    @mutation(
        "Send an administrator a mail with a link to set a new password. Needs no authentication. An email address "
        "gets at most 5 links in an hour; further requests get the same answer and send nothing.",
        metadata=PUBLIC,
    )
    async def request_password_reset(
        self, info: Info, input: Annotated[RequestPasswordResetInput, described("The administrator's email address.")]
    ) -> RequestPasswordResetPayload | None:
        await passwords.request_password_reset(context_of(info), input.email)
        return RequestPasswordResetPayload()

    @mutation(
        "Set a password with the token from an invitation or password reset link, which works once. Needs no other "
        "authentication.",
        metadata=PUBLIC,
    )
    async def set_password(
        self, info: Info, input: Annotated[SetPasswordInput, described("The token and the new password.")]
    ) -> SetPasswordPayload | None:
        answer = await passwords.set_password(context_of(info), token=input.token, password=input.password)
        return SetPasswordPayload(token=answer.token, expires_at=answer.expires_at)

    @mutation("Invite an administrator, who gets a mail with a link to set a password.")
    async def invite_administrator(
        self, info: Info, input: Annotated[InviteAdministratorInput, described("The administrator to invite.")]
    ) -> InviteAdministratorPayload | None:
        command = decode(input)
        answer = await administrators.invite_administrator(context_of(info), command)
        return InviteAdministratorPayload(answer=answer)

    @mutation("Change an administrator's name, role or alerts.")
    async def update_administrator(
        self, info: Info, input: Annotated[UpdateAdministratorInput, described("The administrator, and the changes.")]
    ) -> UpdateAdministratorPayload | None:
        command = decode(input)
        answer = await administrators.update_administrator(context_of(info), command)
        return UpdateAdministratorPayload(answer=answer)

    @mutation("Delete an administrator, who is signed out immediately.")
    async def delete_administrator(
        self, info: Info, input: Annotated[DeleteAdministratorInput, described("The administrator to delete.")]
    ) -> DeleteAdministratorPayload | None:
        command = decode(input)
        answer = await administrators.delete_administrator(context_of(info), command)
        return DeleteAdministratorPayload(answer=answer)

    @mutation("Create an API key. Its secret is shown only once.")
    async def create_api_key(
        self, info: Info, input: Annotated[CreateApiKeyInput, described("The API key to create.")]
    ) -> CreateApiKeyPayload | None:
        command = decode(input)
        answer = await api_keys.create_api_key(context_of(info), command)
        return CreateApiKeyPayload(answer=answer)

    @mutation("Revoke an API key, which stops working immediately.")
    async def revoke_api_key(
        self, info: Info, input: Annotated[RevokeApiKeyInput, described("The API key to revoke.")]
    ) -> RevokeApiKeyPayload | None:
        command = decode(input)
        answer = await api_keys.revoke_api_key(context_of(info), command)
        return RevokeApiKeyPayload(answer=answer)
