"""Payloads of the mutations of organizations and series."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from execution.declarations import at_most
from resolvers.organizations.commands import (
    OrganizationChanged,
    OrganizationDeleted,
    OrganizationMoved,
    SeriesChanged,
)
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.core.payloads import OperationPayload, Payload, load_existing, payload
from schema.organizations.types import Organization, Series


async def _organization(root: strawberry.Parent[Any], info: Info) -> Any:
    answer: OrganizationChanged | OrganizationMoved | None = root.answer
    return None if answer is None else await context_of(info).loaders.organizations.load(answer.organization_id)


@strawberry.type
class OrganizationPayload(Payload):
    """A payload with one organization."""

    answer: strawberry.Private[OrganizationChanged | OrganizationMoved | None] = None
    organization: Organization | None = strawberry.field(
        resolver=_organization, description="The organization after the change; null if the mutation was refused."
    )


async def _organizations(root: strawberry.Parent[Any], info: Info) -> Any:
    ids = root.answer.organization_ids if root.answer else None
    return await load_existing(context_of(info).loaders.organizations, ids) if ids else []


def _organization_count(root: strawberry.Parent[Any]) -> int:
    return root.answer.organization_count if root.answer else 0


@strawberry.type
class CountedOrganizationsPayload(Payload):
    """A payload with the organizations of its `answer`, and how many there are in all."""

    organizations: list[Organization] = strawberry.field(
        resolver=_organizations,
        description="The organizations in your scope whose utilization changed: the holders of the numbers and their "
        "ancestors, up to the organization that you act from; the first 100.",
        metadata=at_most(100),
    )

    organization_count: int = strawberry.field(
        resolver=_organization_count,
        description="How many organizations those are in total, including any after the first 100.",
    )


@payload("The result of `createOrganization`.")
class CreateOrganizationPayload(OrganizationPayload):
    pass


@payload("The result of `updateOrganization`.")
class UpdateOrganizationPayload(OrganizationPayload):
    pass


@payload("The result of `setUtilizationThreshold`.")
class SetUtilizationThresholdPayload(OrganizationPayload):
    pass


async def _previous_parent(root: strawberry.Parent[Any], info: Info) -> Any:
    answer: OrganizationMoved | None = root.answer
    return None if answer is None else await context_of(info).loaders.organizations.load(answer.previous_parent_id)


@payload("The result of `moveOrganization`.")
class MoveOrganizationPayload(CountedOrganizationsPayload, OperationPayload, OrganizationPayload):
    answer: strawberry.Private[OrganizationMoved | None] = None
    previous_parent: Organization | None = strawberry.field(
        resolver=_previous_parent, description="The parent that it was moved away from."
    )


def _deleted_ids(root: strawberry.Parent[Any]) -> list[strawberry.ID]:
    deleted_ids = root.answer.deleted_ids if root.answer else ()
    return [encode("Organization", organization_id) for organization_id in deleted_ids]


async def _parent(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.answer is None else await context_of(info).loaders.organizations.load(root.answer.parent_id)


def _reassigned_count(root: strawberry.Parent[Any]) -> int:
    return root.answer.changed_count if root.answer else 0


@payload("The result of `deleteOrganization`.")
class DeleteOrganizationPayload(CountedOrganizationsPayload, OperationPayload):
    answer: strawberry.Private[OrganizationDeleted | None] = None
    deleted_ids: list[strawberry.ID] = strawberry.field(
        resolver=_deleted_ids,
        description="The ids of the organization and its sub-organizations, parents before children.",
        metadata=at_most(1_000),
    )
    parent: Organization | None = strawberry.field(
        resolver=_parent, description="The parent, which now holds the numbers."
    )
    changed_count: int = strawberry.field(
        resolver=_reassigned_count,
        description="How many numbers were moved to the parent, or would be by a dry run.",
    )


async def _series(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.answer is None else await context_of(info).loaders.series.load(root.answer.series_id)


@strawberry.type
class SeriesPayload(Payload):
    """A payload with one series."""

    answer: strawberry.Private[SeriesChanged | None] = None
    series: Series | None = strawberry.field(
        resolver=_series, description="The series after the change; null if the mutation was refused."
    )


@payload("The result of `createSeries`.")
class CreateSeriesPayload(SeriesPayload):
    pass


@payload("The result of `updateSeries`.")
class UpdateSeriesPayload(SeriesPayload):
    pass
