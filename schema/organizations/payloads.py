"""Payloads of the mutations of organizations and series."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.organizations.changes import OrganizationDeleted, OrganizationMoved
from schema.core.errors import UserError
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.core.payloads import (
    ORGANIZATIONS,
    Refusable,
    errors_field,
    organization_count_of,
    organizations_of,
)
from schema.organizations.series import Series
from schema.organizations.types import Organization


async def _organization(root: strawberry.Parent[Any], info: Info) -> Any:
    wanted = root.organization_id
    return None if wanted is None else await context_of(info).loaders.organizations.load(wanted)


async def _series(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.series_id is None else await context_of(info).loaders.series.load(root.series_id)


def _organization_field() -> Any:
    return strawberry.field(
        resolver=_organization,
        description="The organization as it stands now; null when the change was refused.",
    )


@strawberry.type(description="The answer to `createOrganization`.")
class CreateOrganizationPayload(Refusable):
    """The new organization."""

    organization_id: strawberry.Private[int | None] = None
    organization: Organization | None = _organization_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `updateOrganization`.")
class UpdateOrganizationPayload(Refusable):
    """The changed organization."""

    organization_id: strawberry.Private[int | None] = None
    organization: Organization | None = _organization_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `setUtilizationThreshold`.")
class SetUtilizationThresholdPayload(Refusable):
    """The changed organization."""

    organization_id: strawberry.Private[int | None] = None
    organization: Organization | None = _organization_field()
    user_errors: list[UserError] = errors_field()


async def _previous_parent(root: strawberry.Parent[Any], info: Info) -> Any:
    wanted = root.answer.previous_parent_id
    return await context_of(info).loaders.organizations.load(wanted) if wanted else None


_NOT_MOVED = OrganizationMoved(organization_id=0, previous_parent_id=0, organization_ids=[], organization_count=0)


@strawberry.type(description="The answer to `moveOrganization`.")
class MoveOrganizationPayload(Refusable):
    """Read off `resolvers.organizations.changes.OrganizationMoved`."""

    answer: strawberry.Private[OrganizationMoved] = _NOT_MOVED
    organization_id: strawberry.Private[int | None] = None
    organization: Organization | None = _organization_field()
    previous_parent: Organization | None = strawberry.field(
        resolver=_previous_parent, description="Where it hung before."
    )
    organizations: list[Organization] = strawberry.field(resolver=organizations_of, description=ORGANIZATIONS)
    organization_count: int = strawberry.field(
        resolver=organization_count_of, description="How many organizations those are in all."
    )
    user_errors: list[UserError] = errors_field()


def _deleted_ids(root: strawberry.Parent[Any]) -> list[strawberry.ID]:
    return [encode("Organization", organization_id) for organization_id in root.answer.deleted_ids]


async def _deleted_parent(root: strawberry.Parent[Any], info: Info) -> Any:
    wanted = root.answer.parent_id
    return await context_of(info).loaders.organizations.load(wanted) if wanted else None


def _handed_over(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.changed_count
    return count


_NOT_DELETED = OrganizationDeleted(deleted_ids=[], parent_id=0, changed_count=0)


@strawberry.type(description="The answer to `deleteOrganization`.")
class DeleteOrganizationPayload(Refusable):
    """Read off `resolvers.organizations.changes.OrganizationDeleted`."""

    answer: strawberry.Private[OrganizationDeleted] = _NOT_DELETED
    deleted_ids: list[strawberry.ID] = strawberry.field(
        resolver=_deleted_ids,
        description="The organization and everything below it, from the top down.",
    )
    parent: Organization | None = strawberry.field(
        resolver=_deleted_parent, description="The parent, which holds the numbers now."
    )
    changed_count: int = strawberry.field(
        resolver=_handed_over,
        description="How many numbers went to the parent, or would by a dry run.",
    )
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `createSeries`.")
class CreateSeriesPayload(Refusable):
    """The new series."""

    series_id: strawberry.Private[int | None] = None
    series: Series | None = strawberry.field(resolver=_series, description="The new series; null when it was refused.")
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `updateSeries`.")
class UpdateSeriesPayload(Refusable):
    """The changed series."""

    series_id: strawberry.Private[int | None] = None
    series: Series | None = strawberry.field(
        resolver=_series,
        description="The series as it stands now; null when the change was refused.",
    )
    user_errors: list[UserError] = errors_field()
