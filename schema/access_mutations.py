"""Mutations of access: signing in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import sign_in
from schema.errors import UserError, mutation
from schema.nodes import context_of
from schema.payloads import Refusable, errors_field


@strawberry.input(description="An administrator's mail address and password.")
class SignInInput:
    """Checked by `resolvers.sign_in.sign_in`."""

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


@strawberry.type
class AccessMutations:
    """The mutations of access."""

    @mutation("Sign in with mail address and password; the only mutation that needs no token.")
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
