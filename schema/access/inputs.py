"""Inputs of the mutations of sign-in, passwords, administrators and API keys."""

from __future__ import annotations

import strawberry

from domain.access import Role
from resolvers.access import commands
from schema.core.inputs import Input, key_field, optional, required

EMAIL = "The administrator's email address. Case does not matter."
NAME = "The name to show in histories, up to 100 characters."
PASSWORD = "The new password: at least 12 characters, not a common one, not your name or email address."  # noqa: S105 - a description
GRANTED_ROLE = "The role to grant. You cannot grant a role above your own."
RECEIVES_ALERTS = "Whether to send mail when the organization's utilization reaches its threshold."
ORGANIZATION_ID = "The organization where the role is held; the one you act from by default."


@strawberry.input(description="The credentials of an administrator.")
class SignInInput:
    email: str = strawberry.field(description=EMAIL)
    password: str = strawberry.field(description="The administrator's password.")


@strawberry.input(description="Your current password and the new one.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="Your current password.")
    new_password: str = strawberry.field(description=PASSWORD)


@strawberry.input(description="The administrator who forgot the password.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description=EMAIL)


@strawberry.input(description="The token of a password link, and the password to set.")
class SetPasswordInput:
    token: str = strawberry.field(description="The token from the link in the mail. It works once.")
    password: str = strawberry.field(description=PASSWORD)


@strawberry.input(description="The administrator to invite.")
class InviteAdministratorInput(Input[commands.InviteAdministrator]):
    email: str = required("The email address to sign in with. The link to set a password is sent there.")
    name: str = required(NAME)
    role: Role = required(GRANTED_ROLE)
    organization_id: strawberry.ID | None = optional(ORGANIZATION_ID, id_of="Organization")
    receives_alerts: bool = optional(RECEIVES_ALERTS, default=True)
    idempotency_key: str | None = key_field()


@strawberry.input(description="The changes to an administrator. A field that is null or left out keeps its value.")
class UpdateAdministratorInput(Input[commands.UpdateAdministrator]):
    administrator_id: strawberry.ID = required("The administrator to change.", id_of="Administrator")
    name: str | None = optional(NAME)
    role: Role | None = optional(f"{GRANTED_ROLE} The last OWNER at the root cannot get another role.")
    receives_alerts: bool | None = optional(RECEIVES_ALERTS)
    idempotency_key: str | None = key_field()


@strawberry.input(description="The administrator to delete.")
class DeleteAdministratorInput(Input[commands.DeleteAdministrator]):
    administrator_id: strawberry.ID = required(
        "The administrator to delete. The last OWNER at the root cannot be deleted.", id_of="Administrator"
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="The API key to create.")
class CreateApiKeyInput(Input[commands.CreateApiKey]):
    name: str = required(NAME)
    role: Role = required(GRANTED_ROLE)
    organization_id: strawberry.ID | None = optional(ORGANIZATION_ID, id_of="Organization")
    expires_in_days: int | None = optional(
        "The number of days until the key expires, 1 to 36500. By default it never expires."
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="The API key to revoke.")
class RevokeApiKeyInput(Input[commands.RevokeApiKey]):
    api_key_id: strawberry.ID = required("The API key to revoke.", id_of="ApiKey")
    idempotency_key: str | None = key_field()
