"""Mutations of the tree and of series."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from resolvers import organization_changes, series
from resolvers.organization_changes import OrganizationDeleted, OrganizationMoved
from schema.errors import UserError, mutation
from schema.ids import encode, row_id
from schema.inputs import given
from schema.nodes import context_of
from schema.number_mutations import DRY_RUN, key_field
from schema.organizations import Organization
from schema.payloads import (
    ORGANIZATIONS,
    Refusable,
    errors_field,
    organization_count_of,
    organizations_of,
)
from schema.series import Series


def _field(description: str, default: Any = UNSET) -> Any:
    return strawberry.field(default=default, description=description)


def _row(global_id: strawberry.ID | None) -> int | None:
    value = given(global_id)
    return None if value is None else row_id(value, "Organization")


@strawberry.input(description="A new organization.")
class CreateOrganizationInput:
    """Decoded to `resolvers.organization_changes.CreateOrganization`."""

    parent_id: strawberry.ID | None = _field("The organization above it; the one that you act from if left out.")
    name: str = strawberry.field(description="Its name: 1 to 100 characters, unique among its siblings.")
    time_zone: str | None = _field("Its IANA time zone; UTC if left out.")
    threshold_percent: int | None = _field("Its utilization threshold, 1 to 100; 80 if left out.")
    idempotency_key: str | None = key_field()

    def command(self) -> organization_changes.CreateOrganization:
        """The command."""
        return organization_changes.CreateOrganization(
            parent_id=_row(self.parent_id),
            name=self.name,
            time_zone=given(self.time_zone),
            threshold_percent=given(self.threshold_percent),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="What changes about an organization; what is left out stays.")
class UpdateOrganizationInput:
    """Decoded to `resolvers.organization_changes.UpdateOrganization`."""

    organization_id: strawberry.ID = strawberry.field(description="The organization.")
    name: str | None = _field("Its new name, unique among its siblings.")
    time_zone: str | None = _field("Its new IANA time zone.")
    supplier_email: str | None = _field("Whom to write to for more numbers; an empty text goes back to the default.")
    supplier_telephone: str | None = _field("Whom to call for more numbers; an empty text goes back to the default.")
    idempotency_key: str | None = key_field()

    def command(self) -> organization_changes.UpdateOrganization:
        """The command."""
        return organization_changes.UpdateOrganization(
            organization_id=row_id(self.organization_id, "Organization"),
            name=given(self.name),
            time_zone=given(self.time_zone),
            supplier_email=given(self.supplier_email),
            supplier_telephone=given(self.supplier_telephone),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="When an organization's administrators are warned.")
class SetUtilizationThresholdInput:
    """Decoded to `resolvers.organization_changes.SetUtilizationThreshold`."""

    organization_id: strawberry.ID | None = _field("The organization; the one that you act from if left out.")
    percent: int = strawberry.field(description="The threshold, 1 to 100.")
    idempotency_key: str | None = key_field()

    def command(self) -> organization_changes.SetUtilizationThreshold:
        """The command."""
        return organization_changes.SetUtilizationThreshold(
            organization_id=_row(self.organization_id),
            percent=self.percent,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which organization is hung under which other one.")
class MoveOrganizationInput:
    """Decoded to `resolvers.organization_changes.MoveOrganization`."""

    organization_id: strawberry.ID = strawberry.field(description="The organization; everything below comes along.")
    parent_id: strawberry.ID = strawberry.field(description="The new parent, in your scope and not below it.")
    idempotency_key: str | None = key_field()

    def command(self) -> organization_changes.MoveOrganization:
        """The command."""
        return organization_changes.MoveOrganization(
            organization_id=row_id(self.organization_id, "Organization"),
            parent_id=row_id(self.parent_id, "Organization"),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which organization is deleted, with everything below it.")
class DeleteOrganizationInput:
    """Decoded to `resolvers.organization_changes.DeleteOrganization`."""

    organization_id: strawberry.ID = strawberry.field(
        description="The organization; neither it nor anything below it may have users or administrators."
    )
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> organization_changes.DeleteOrganization:
        """The command."""
        return organization_changes.DeleteOrganization(
            organization_id=row_id(self.organization_id, "Organization"),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="A new series.")
class CreateSeriesInput:
    """Decoded to `resolvers.series.CreateSeries`."""

    name: str = strawberry.field(description="Its name, such as `+1 418`, unique under the root.")
    region: str | None = _field("The country or area that it is for.")
    idempotency_key: str | None = key_field()

    def command(self) -> series.CreateSeries:
        """The command."""
        return series.CreateSeries(
            name=self.name, region=given(self.region), idempotency_key=given(self.idempotency_key)
        )


@strawberry.input(description="What changes about a series; what is left out stays.")
class UpdateSeriesInput:
    """Decoded to `resolvers.series.UpdateSeries`."""

    series_id: strawberry.ID = strawberry.field(description="The series.")
    name: str | None = _field("Its new name, unique under the root.")
    region: str | None = _field("Its new region; an empty text removes it.")
    idempotency_key: str | None = key_field()

    def command(self) -> series.UpdateSeries:
        """The command."""
        return series.UpdateSeries(
            series_id=row_id(self.series_id, "Series"),
            name=given(self.name),
            region=given(self.region),
            idempotency_key=given(self.idempotency_key),
        )


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
    """Read off `resolvers.organization_changes.OrganizationMoved`."""

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
    """Read off `resolvers.organization_changes.OrganizationDeleted`."""

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


def _input(description: str) -> Any:
    return strawberry.argument(description=description)


@strawberry.type
class OrganizationMutations:
    """The mutations of organizations and series."""

    @mutation("Create an organization below another one.")
    async def create_organization(
        self, info: Info, input: Annotated[CreateOrganizationInput, _input("The new organization.")]
    ) -> CreateOrganizationPayload | None:
        answer = await organization_changes.create_organization(context_of(info), input.command())
        return CreateOrganizationPayload(organization_id=answer.organization_id)

    @mutation("Rename an organization or change its settings.")
    async def update_organization(
        self, info: Info, input: Annotated[UpdateOrganizationInput, _input("What changes.")]
    ) -> UpdateOrganizationPayload | None:
        answer = await organization_changes.update_organization(context_of(info), input.command())
        return UpdateOrganizationPayload(organization_id=answer.organization_id)

    @mutation("Set the percent of utilization at which an organization's administrators are warned.")
    async def set_utilization_threshold(
        self,
        info: Info,
        input: Annotated[SetUtilizationThresholdInput, _input("The organization and the percent.")],
    ) -> SetUtilizationThresholdPayload | None:
        answer = await organization_changes.set_utilization_threshold(context_of(info), input.command())
        return SetUtilizationThresholdPayload(organization_id=answer.organization_id)

    @mutation("Hang an organization and everything below it under another parent in your scope.")
    async def move_organization(
        self,
        info: Info,
        input: Annotated[MoveOrganizationInput, _input("What is moved, and where to.")],
    ) -> MoveOrganizationPayload | None:
        answer = await organization_changes.move_organization(context_of(info), input.command())
        return MoveOrganizationPayload(answer=answer, organization_id=answer.organization_id)

    @mutation("Delete an organization and everything below it; the numbers go to its parent as they are.")
    async def delete_organization(
        self, info: Info, input: Annotated[DeleteOrganizationInput, _input("What is deleted.")]
    ) -> DeleteOrganizationPayload | None:
        answer = await organization_changes.delete_organization(context_of(info), input.command())
        return DeleteOrganizationPayload(answer=answer)

    @mutation("Create a series, acting from the root.")
    async def create_series(
        self, info: Info, input: Annotated[CreateSeriesInput, _input("The new series.")]
    ) -> CreateSeriesPayload | None:
        answer = await series.create_series(context_of(info), input.command())
        return CreateSeriesPayload(series_id=answer.series_id)

    @mutation("Rename a series or change its region, acting from the root.")
    async def update_series(
        self, info: Info, input: Annotated[UpdateSeriesInput, _input("What changes.")]
    ) -> UpdateSeriesPayload | None:
        answer = await series.update_series(context_of(info), input.command())
        return UpdateSeriesPayload(series_id=answer.series_id)
