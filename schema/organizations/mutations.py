"""Mutations of organizations and series."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.organizations import changes, series, tree_changes
from schema.core.arguments import described
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


@strawberry.type
class OrganizationMutations:
    """The mutations of organizations and series."""

    @mutation("Create a sub-organization.")
    async def create_organization(
        self, info: Info, input: Annotated[CreateOrganizationInput, described("The new organization.")]
    ) -> CreateOrganizationPayload | None:
        command = decode(input)
        answer = await changes.create_organization(context_of(info), command)
        return CreateOrganizationPayload(answer=answer)

    @mutation("Rename an organization or change its settings.")
    async def update_organization(
        self, info: Info, input: Annotated[UpdateOrganizationInput, described("The organization and the changes.")]
    ) -> UpdateOrganizationPayload | None:
        command = decode(input)
        answer = await changes.update_organization(context_of(info), command)
        return UpdateOrganizationPayload(answer=answer)

    @mutation("Set the utilization, in percent, at which an organization's administrators are warned.")
    async def set_utilization_threshold(
        self,
        info: Info,
        input: Annotated[SetUtilizationThresholdInput, described("The organization and the threshold.")],
    ) -> SetUtilizationThresholdPayload | None:
        command = decode(input)
        answer = await changes.set_utilization_threshold(context_of(info), command)
        return SetUtilizationThresholdPayload(answer=answer)

    @mutation("Move an organization, with its sub-organizations, under another parent in your scope.")
    async def move_organization(
        self, info: Info, input: Annotated[MoveOrganizationInput, described("The organization and its new parent.")]
    ) -> MoveOrganizationPayload | None:
        command = decode(input)
        answer = await tree_changes.move_organization(context_of(info), command)
        return MoveOrganizationPayload(answer=answer)

    @mutation("Delete an organization with its sub-organizations. Its parent gets the numbers, otherwise unchanged.")
    async def delete_organization(
        self, info: Info, input: Annotated[DeleteOrganizationInput, described("The organization.")]
    ) -> DeleteOrganizationPayload | None:
        command = decode(input)
        answer = await tree_changes.delete_organization(context_of(info), command)
        return DeleteOrganizationPayload(answer=answer, dry_run=command.dry_run)

    @mutation("Create a series; you must act from the root.")
    async def create_series(
        self, info: Info, input: Annotated[CreateSeriesInput, described("The new series.")]
    ) -> CreateSeriesPayload | None:
        command = decode(input)
        answer = await series.create_series(context_of(info), command)
        return CreateSeriesPayload(answer=answer)

    @mutation("Rename a series or change its region; you must act from the root.")
    async def update_series(
        self, info: Info, input: Annotated[UpdateSeriesInput, described("The series and the changes.")]
    ) -> UpdateSeriesPayload | None:
        command = decode(input)
        answer = await series.update_series(context_of(info), command)
        return UpdateSeriesPayload(answer=answer)
