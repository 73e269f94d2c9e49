"""Mutations of the tree and of series."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.organizations import changes as organization_changes
from resolvers.organizations import series
from schema.core.errors import mutation
from schema.core.inputs import decode
from schema.core.nodes import context_of
from schema.organizations.inputs import (
    CreateOrganizationInput,
    CreateSeriesInput,
    DeleteOrganizationInput,
    MoveOrganizationInput,
    SetUtilizationThresholdInput,
    UpdateOrganizationInput,
    UpdateSeriesInput,
)
from schema.organizations.payloads import (
    CreateOrganizationPayload,
    CreateSeriesPayload,
    DeleteOrganizationPayload,
    MoveOrganizationPayload,
    SetUtilizationThresholdPayload,
    UpdateOrganizationPayload,
    UpdateSeriesPayload,
)


def _input(description: str) -> Any:
    return strawberry.argument(description=description)


@strawberry.type
class OrganizationMutations:
    """The mutations of organizations and series."""

    @mutation("Create an organization below another one.")
    async def create_organization(
        self, info: Info, input: Annotated[CreateOrganizationInput, _input("The new organization.")]
    ) -> CreateOrganizationPayload | None:
        command = decode(input)
        answer = await organization_changes.create_organization(context_of(info), command)
        return CreateOrganizationPayload(organization_id=answer.organization_id)

    @mutation("Rename an organization or change its settings.")
    async def update_organization(
        self, info: Info, input: Annotated[UpdateOrganizationInput, _input("What changes.")]
    ) -> UpdateOrganizationPayload | None:
        command = decode(input)
        answer = await organization_changes.update_organization(context_of(info), command)
        return UpdateOrganizationPayload(organization_id=answer.organization_id)

    @mutation("Set the percent of utilization at which an organization's administrators are warned.")
    async def set_utilization_threshold(
        self,
        info: Info,
        input: Annotated[SetUtilizationThresholdInput, _input("The organization and the percent.")],
    ) -> SetUtilizationThresholdPayload | None:
        command = decode(input)
        answer = await organization_changes.set_utilization_threshold(context_of(info), command)
        return SetUtilizationThresholdPayload(organization_id=answer.organization_id)

    @mutation("Hang an organization and everything below it under another parent in your scope.")
    async def move_organization(
        self,
        info: Info,
        input: Annotated[MoveOrganizationInput, _input("What is moved, and where to.")],
    ) -> MoveOrganizationPayload | None:
        command = decode(input)
        answer = await organization_changes.move_organization(context_of(info), command)
        return MoveOrganizationPayload(answer=answer, organization_id=answer.organization_id)

    @mutation("Delete an organization and everything below it; the numbers go to its parent as they are.")
    async def delete_organization(
        self, info: Info, input: Annotated[DeleteOrganizationInput, _input("What is deleted.")]
    ) -> DeleteOrganizationPayload | None:
        command = decode(input)
        answer = await organization_changes.delete_organization(context_of(info), command)
        return DeleteOrganizationPayload(answer=answer)

    @mutation("Create a series, acting from the root.")
    async def create_series(
        self, info: Info, input: Annotated[CreateSeriesInput, _input("The new series.")]
    ) -> CreateSeriesPayload | None:
        command = decode(input)
        answer = await series.create_series(context_of(info), command)
        return CreateSeriesPayload(series_id=answer.series_id)

    @mutation("Rename a series or change its region, acting from the root.")
    async def update_series(
        self, info: Info, input: Annotated[UpdateSeriesInput, _input("What changes.")]
    ) -> UpdateSeriesPayload | None:
        command = decode(input)
        answer = await series.update_series(context_of(info), command)
        return UpdateSeriesPayload(series_id=answer.series_id)
