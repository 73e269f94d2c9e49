"""Commands that change organizations and series, and their results."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.core.results import MutationResult, UtilizationChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrganization:
    """Create an organization below a parent (by default the acting one)."""

    parent_id: int | None = None
    name: str
    time_zone: str | None = None
    threshold_percent: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrganization:
    """Change an organization's name and settings; None keeps the current value."""

    organization_id: int
    name: str | None = None
    time_zone: str | None = None
    region: str | None = None
    supplier_email: str | None = None
    supplier_telephone: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUtilizationThreshold:
    """Set the utilization threshold of an organization (by default the acting one)."""

    organization_id: int | None = None
    percent: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrganization:
    """Move an organization with its sub-organizations under another parent."""

    organization_id: int
    parent_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOrganization:
    """Delete an organization with its sub-organizations; their numbers go to its parent."""

    organization_id: int
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationChanged(MutationResult):
    """The organization that was created or changed."""

    organization_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationMoved(UtilizationChanged):
    """The moved organization and its former parent."""

    organization_id: int
    previous_parent_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationDeleted(UtilizationChanged):
    """The deleted organizations, and how many numbers went to the parent."""

    deleted_ids: list[int]
    parent_id: int
    changed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSeries:
    """Create a series at the root."""

    name: str
    region: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSeries:
    """Change the name or region of a series; None keeps the current value."""

    series_id: int
    name: str | None = None
    region: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChanged(MutationResult):
    """The series that was created or changed."""

    series_id: int
