"""Commands that send mail, and their result."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.core.results import MutationResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMoreNumbers:
    """Ask the supplier for more numbers for an organization (by default the acting one)."""

    organization_id: int | None = None
    quantity: int
    series_id: int | None = None
    area: str | None = None
    note: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryMailDelivery:
    """Retry the delivery of a failed mail."""

    mail_delivery_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQueued(MutationResult):
    """The mail that was queued for delivery."""

    mail_delivery_id: int
