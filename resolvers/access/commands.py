"""Commands that change administrators and API keys, and their results."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.access import Role
from resolvers.core.results import MutationResult


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAdministrator:
    """Create an administrator at an organization (by default the acting one) and mail them a password link."""

    email: str
    name: str
    role: Role
    organization_id: int | None = None
    receives_alerts: bool = True
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAdministrator:
    """Change an administrator; None keeps the current value."""

    administrator_id: int
    name: str | None = None
    role: Role | None = None
    receives_alerts: bool | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAdministrator:
    """Delete an administrator and end their sessions."""

    administrator_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorChanged(MutationResult):
    """The administrator that was invited, changed or deleted."""

    administrator_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateApiKey:
    """Create an API key with a role at an organization (by default the acting one)."""

    name: str
    role: Role
    organization_id: int | None = None
    expires_in_days: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiKey:
    """Revoke an API key."""

    api_key_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyChanged(MutationResult):
    """The API key that was created or revoked. The secret of a new key is returned once and never stored."""

    api_key_id: int
    secret: str | None = None

    def dump(self) -> str:
        """The result as JSON, without the secret."""
        return MutationResult.dump(replace(self, secret=None))
