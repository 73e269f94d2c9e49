"""Mutations of access: signing in and out, and passwords."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.access import passwords, sign_in
from schema.core.errors import UserError, mutation
from schema.core.nodes import context_of
from schema.core.payloads import Refusable, errors_field


@strawberry.input(description="An administrator's mail address and password.")
class SignInInput:
    """Checked by `resolvers.access.sign_in.sign_in`."""

    email: str = strawberry.field(description="The mail address, upper and lower case alike.")
    password: str = strawberry.field(description="The password.")


@strawberry.type(description="The answer to `signIn`.")
class SignInPayload(Refusable):
    """A token, shown once."""

    token: str | None = strawberry.field(
        default=None, description="Send it with every request: `Authorization: Bearer TOKEN`."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="Until when it is valid.")
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `signOut`.")
class SignOutPayload(Refusable):
    """Nothing but whether it worked."""

    user_errors: list[UserError] = errors_field()


@strawberry.input(description="Your own password, the present one and the new one.")
class ChangePasswordInput:
    """Checked by `resolvers.access.passwords.change_password`."""

    current_password: str = strawberry.field(description="The present password.")
    new_password: str = strawberry.field(description="The new password, at least 10 characters.")


@strawberry.type(description="The answer to `changePassword`.")
class ChangePasswordPayload(Refusable):
    """Nothing but whether it worked."""

    user_errors: list[UserError] = errors_field()


@strawberry.input(description="Whose password is forgotten.")
class RequestPasswordResetInput:
    """Taken by `resolvers.access.passwords.request_password_reset`."""

    email: str = strawberry.field(description="The mail address of an administrator.")


@strawberry.type(
    description="The answer to `requestPasswordReset`: the same, and as quick, whether the address is known or not."
)
class RequestPasswordResetPayload(Refusable):
    """Nothing at all."""

    user_errors: list[UserError] = errors_field()


@strawberry.input(description="The token of a mail's link, and the password to be set.")
class SetPasswordInput:
    """Checked by `resolvers.access.passwords.set_password`."""

    token: str = strawberry.field(description="The token from the link in the mail; it works once.")
    password: str = strawberry.field(description="The password, at least 10 characters.")


@strawberry.type(description="The answer to `setPassword`: you are signed in.")
class SetPasswordPayload(Refusable):
    """A token, shown once."""

    token: str | None = strawberry.field(
        default=None, description="Send it with every request: `Authorization: Bearer TOKEN`."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="Until when it is valid.")
    user_errors: list[UserError] = errors_field()


@strawberry.type
class AccessMutations:
    """The mutations of access."""

    @mutation("Sign in with mail address and password. Needs no token.")
    async def sign_in(
        self,
        info: Info,
        input: Annotated[SignInInput, strawberry.argument(description="Mail address and password.")],
    ) -> SignInPayload | None:
        signed_in = await sign_in.sign_in(context_of(info), email=input.email, password=input.password)
        return SignInPayload(token=signed_in.token, expires_at=signed_in.expires_at)

    @mutation("End the token of this request. An API key stays valid; it is revoked.")
    async def sign_out(self, info: Info) -> SignOutPayload | None:
        await sign_in.sign_out(context_of(info))
        return SignOutPayload()

    @mutation("Change your own password; wherever else you are signed in, you no longer are.")
    async def change_password(
        self, info: Info, input: Annotated[ChangePasswordInput, strawberry.argument(description="The two passwords.")]
    ) -> ChangePasswordPayload | None:
        await passwords.change_password(context_of(info), current=input.current_password, new=input.new_password)
        return ChangePasswordPayload()

    @mutation("Mail an administrator who forgot his password a link to set another one. Needs no token.")
    async def request_password_reset(
        self,
        info: Info,
        input: Annotated[RequestPasswordResetInput, strawberry.argument(description="The mail address.")],
    ) -> RequestPasswordResetPayload | None:
        await passwords.request_password_reset(context_of(info), input.email)
        return RequestPasswordResetPayload()

    @mutation("Set a password by the link of an invitation or of a forgotten password, once. Needs no other token.")
    async def set_password(
        self,
        info: Info,
        input: Annotated[SetPasswordInput, strawberry.argument(description="The token and the password.")],
    ) -> SetPasswordPayload | None:
        signed_in = await passwords.set_password(context_of(info), token=input.token, password=input.password)
        return SetPasswordPayload(token=signed_in.token, expires_at=signed_in.expires_at)
