"""Mutations of administrators and API keys."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from domain.access import Role
from resolvers.access import administrators, api_keys
from schema.access.types import Administrator, ApiKey
from schema.core.errors import UserError, mutation
from schema.core.ids import encode, row_id
from schema.core.inputs import given, key_field
from schema.core.nodes import context_of
from schema.core.payloads import Refusable, errors_field


def _field(description: str, default: Any = UNSET) -> Any:
    return strawberry.field(default=default, description=description)


def _organization_id(wanted: strawberry.ID | None) -> int | None:
    found = given(wanted)
    return None if found is None else row_id(found, "Organization")


@strawberry.input(description="Who becomes an administrator of what.")
class InviteAdministratorInput:
    """Decoded to `resolvers.access.administrators.InviteAdministrator`."""

    email: str = strawberry.field(description="The mail address to sign in with; it gets the link to set a password.")
    name: str = strawberry.field(description="The name that histories show, up to 100 characters.")
    role: Role = strawberry.field(description="The role; nobody grants more than he has.")
    organization_id: strawberry.ID | None = _field("Where; the organization you act from if left out.")
    receives_alerts: bool = _field("Whether to mail him when the utilization threshold is reached.", True)
    idempotency_key: str | None = key_field()

    def command(self) -> administrators.InviteAdministrator:
        """The command."""
        return administrators.InviteAdministrator(
            email=self.email,
            name=self.name,
            role=self.role,
            organization_id=_organization_id(self.organization_id),
            receives_alerts=self.receives_alerts,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="What changes of an administrator; what is left out or null stays.")
class UpdateAdministratorInput:
    """Decoded to `resolvers.access.administrators.UpdateAdministrator`."""

    administrator_id: strawberry.ID = strawberry.field(description="The administrator.")
    name: str | None = _field("The name that histories show, up to 100 characters.")
    role: Role | None = _field("The role. The last OWNER at the root keeps his.")
    receives_alerts: bool | None = _field("Whether to mail him when the utilization threshold is reached.")
    idempotency_key: str | None = key_field()

    def command(self) -> administrators.UpdateAdministrator:
        """The command."""
        return administrators.UpdateAdministrator(
            administrator_id=row_id(self.administrator_id, "Administrator"),
            name=given(self.name),
            role=given(self.role),
            receives_alerts=given(self.receives_alerts),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Who is no longer an administrator.")
class DeleteAdministratorInput:
    """Decoded to `resolvers.access.administrators.DeleteAdministrator`."""

    administrator_id: strawberry.ID = strawberry.field(description="The administrator; not the last OWNER at the root.")
    idempotency_key: str | None = key_field()

    def command(self) -> administrators.DeleteAdministrator:
        """The command."""
        return administrators.DeleteAdministrator(
            administrator_id=row_id(self.administrator_id, "Administrator"),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which key is made for which program.")
class CreateApiKeyInput:
    """Decoded to `resolvers.access.api_keys.CreateApiKey`."""

    name: str = strawberry.field(description="The name that histories show, up to 100 characters.")
    role: Role = strawberry.field(description="The role; nobody grants more than he has.")
    organization_id: strawberry.ID | None = _field("Where; the organization you act from if left out.")
    expires_in_days: int | None = _field("After how many days it ends, 1 to 36500; never if left out.")
    idempotency_key: str | None = key_field()

    def command(self) -> api_keys.CreateApiKey:
        """The command."""
        return api_keys.CreateApiKey(
            name=self.name,
            role=self.role,
            organization_id=_organization_id(self.organization_id),
            expires_in_days=given(self.expires_in_days),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which key ends.")
class RevokeApiKeyInput:
    """Decoded to `resolvers.access.api_keys.RevokeApiKey`."""

    api_key_id: strawberry.ID = strawberry.field(description="The key.")
    idempotency_key: str | None = key_field()

    def command(self) -> api_keys.RevokeApiKey:
        """The command."""
        return api_keys.RevokeApiKey(
            api_key_id=row_id(self.api_key_id, "ApiKey"), idempotency_key=given(self.idempotency_key)
        )


async def _administrator(root: strawberry.Parent[Any], info: Info) -> Any:
    wanted = root.administrator_id
    return None if wanted is None else await administrators.find_administrator(context_of(info), wanted)


def _administrator_field() -> Any:
    return strawberry.field(
        resolver=_administrator, description="The administrator as he stands now; null when it was refused."
    )


@strawberry.type(description="The answer to `inviteAdministrator`.")
class InviteAdministratorPayload(Refusable):
    """The new administrator."""

    administrator_id: strawberry.Private[int | None] = None
    administrator: Administrator | None = _administrator_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `updateAdministrator`.")
class UpdateAdministratorPayload(Refusable):
    """The changed administrator."""

    administrator_id: strawberry.Private[int | None] = None
    administrator: Administrator | None = _administrator_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `deleteAdministrator`.")
class DeleteAdministratorPayload(Refusable):
    """Who is gone."""

    deleted_administrator_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the administrator, who is gone."
    )
    user_errors: list[UserError] = errors_field()


async def _api_key(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.api_key_id is None else await api_keys.find_key(context_of(info), root.api_key_id)


def _api_key_field() -> Any:
    return strawberry.field(resolver=_api_key, description="The key as it stands now; null when it was refused.")


@strawberry.type(description="The answer to `createApiKey`.")
class CreateApiKeyPayload(Refusable):
    """The new key, with its secret."""

    api_key_id: strawberry.Private[int | None] = None
    secret: str | None = strawberry.field(
        default=None,
        description="Send it with every request: `Authorization: Bearer SECRET`. It is shown this once, and not even "
        "when the same idempotency key is sent again.",
    )
    api_key: ApiKey | None = _api_key_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `revokeApiKey`.")
class RevokeApiKeyPayload(Refusable):
    """The revoked key."""

    api_key_id: strawberry.Private[int | None] = None
    api_key: ApiKey | None = _api_key_field()
    user_errors: list[UserError] = errors_field()


def _input(description: str) -> Any:
    return strawberry.argument(description=description)


@strawberry.type
class AdministratorMutations:
    """The mutations of administrators and keys."""

    @mutation("Invite an administrator: a mail's link lets him set his password.")
    async def invite_administrator(
        self, info: Info, input: Annotated[InviteAdministratorInput, _input("Who, and with which role where.")]
    ) -> InviteAdministratorPayload | None:
        answer = await administrators.invite_administrator(context_of(info), input.command())
        return InviteAdministratorPayload(administrator_id=answer.administrator_id)

    @mutation("Change an administrator's name, role or alerts.")
    async def update_administrator(
        self, info: Info, input: Annotated[UpdateAdministratorInput, _input("What changes.")]
    ) -> UpdateAdministratorPayload | None:
        answer = await administrators.update_administrator(context_of(info), input.command())
        return UpdateAdministratorPayload(administrator_id=answer.administrator_id)

    @mutation("Delete an administrator, who is signed out at once. The root keeps its last OWNER.")
    async def delete_administrator(
        self, info: Info, input: Annotated[DeleteAdministratorInput, _input("Who is deleted.")]
    ) -> DeleteAdministratorPayload | None:
        answer = await administrators.delete_administrator(context_of(info), input.command())
        return DeleteAdministratorPayload(deleted_administrator_id=encode("Administrator", answer.administrator_id))

    @mutation("Create an API key. Its secret is shown once.")
    async def create_api_key(
        self, info: Info, input: Annotated[CreateApiKeyInput, _input("The new key.")]
    ) -> CreateApiKeyPayload | None:
        answer = await api_keys.create_api_key(context_of(info), input.command())
        return CreateApiKeyPayload(api_key_id=answer.api_key_id, secret=answer.secret)

    @mutation("Revoke an API key: it ends at once.")
    async def revoke_api_key(
        self, info: Info, input: Annotated[RevokeApiKeyInput, _input("Which key ends.")]
    ) -> RevokeApiKeyPayload | None:
        answer = await api_keys.revoke_api_key(context_of(info), input.command())
        return RevokeApiKeyPayload(api_key_id=answer.api_key_id)
