"""Payloads of the mutations of sign-in, passwords, administrators and API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.access import administrators, api_keys, sign_in
from resolvers.access.commands import AdministratorChanged, ApiKeyChanged
from resolvers.users.expiry import expire_own_invitations
from schema.access.types import Administrator, ApiKey, Viewer
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.core.payloads import Payload, payload


@strawberry.type
class SessionPayload(Payload):
    """A payload with a new token."""

    token: str | None = strawberry.field(
        default=None, description="The token to send with every request: `Authorization: Bearer TOKEN`."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="When the token expires.")


async def _viewer(root: strawberry.Parent[SessionPayload], info: Info) -> Any:
    if root.token is None:
        return None
    context = context_of(info)
    authentication = await sign_in.authenticate(context.database, context.clock, token=root.token, acting_id=None)
    if authentication is None:
        return None
    context.act_as(authentication.actor)
    if authentication.invitations_expired:
        await expire_own_invitations(context)
    return authentication.actor


@strawberry.type
class ViewerPayload(SessionPayload):
    """A payload with a new token and its caller."""

    viewer: Viewer | None = strawberry.field(
        resolver=_viewer,
        description="You, in your own scope, as the query `viewer` returns it for the new token; null if the mutation "
        "was refused.",
    )


@payload("The result of `signIn`.")
class SignInPayload(ViewerPayload):
    pass


@payload("The result of `setPassword`, which also signs you in.")
class SetPasswordPayload(ViewerPayload):
    pass


@payload("The result of `renewSession`.")
class RenewSessionPayload(SessionPayload):
    pass


@payload("The result of `signOut`.")
class SignOutPayload(Payload):
    pass


@payload("The result of `changePassword`.")
class ChangePasswordPayload(Payload):
    pass


@payload(
    "The result of `requestPasswordReset`. It is the same, after the same time, whether or not there is an "
    "administrator with the email address, and whether or not a mail was sent."
)
class RequestPasswordResetPayload(Payload):
    pass


async def _administrator(root: strawberry.Parent[Any], info: Info) -> Any:
    if root.answer is None:
        return None
    return await administrators.find_administrator(context_of(info), root.answer.administrator_id)


@strawberry.type
class AdministratorPayload(Payload):
    """A payload with one administrator."""

    answer: strawberry.Private[AdministratorChanged | None] = None
    administrator: Administrator | None = strawberry.field(
        resolver=_administrator, description="The administrator after the change; null if the mutation was refused."
    )


@payload("The result of `inviteAdministrator`.")
class InviteAdministratorPayload(AdministratorPayload):
    pass


@payload("The result of `updateAdministrator`.")
class UpdateAdministratorPayload(AdministratorPayload):
    pass


def _deleted_id(root: strawberry.Parent[Any]) -> strawberry.ID | None:
    return None if root.answer is None else encode("Administrator", root.answer.administrator_id)


@payload("The result of `deleteAdministrator`.")
class DeleteAdministratorPayload(Payload):
    answer: strawberry.Private[AdministratorChanged | None] = None
    deleted_administrator_id: strawberry.ID | None = strawberry.field(
        resolver=_deleted_id, description="The id of the deleted administrator; null if the mutation was refused."
    )


async def _api_key(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.answer is None else await api_keys.find_key(context_of(info), root.answer.api_key_id)


@strawberry.type
class ApiKeyPayload(Payload):
    """A payload with one API key."""

    answer: strawberry.Private[ApiKeyChanged | None] = None
    api_key: ApiKey | None = strawberry.field(
        resolver=_api_key, description="The API key after the change; null if the mutation was refused."
    )


def _secret(root: strawberry.Parent[Any]) -> str | None:
    secret: str | None = root.answer and root.answer.secret
    return secret


@payload("The result of `createApiKey`.")
class CreateApiKeyPayload(ApiKeyPayload):
    secret: str | None = strawberry.field(
        resolver=_secret,
        description="The secret to send with every request: `Authorization: Bearer SECRET`. Store it: it is shown only "
        "once, and is null if you repeat the mutation with the same idempotency key.",
    )


@payload("The result of `revokeApiKey`.")
class RevokeApiKeyPayload(ApiKeyPayload):
    pass
