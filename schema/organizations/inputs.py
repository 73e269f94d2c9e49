"""Inputs of the mutations of organizations and series, each decoded to a command."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET

from resolvers.organizations import changes as organization_changes
from resolvers.organizations import series
from schema.core.ids import row_id
from schema.core.inputs import given
from schema.numbers.inputs import DRY_RUN, key_field


def _field(description: str, default: Any = UNSET) -> Any:
    return strawberry.field(default=default, description=description)


def _row(global_id: strawberry.ID | None) -> int | None:
    value = given(global_id)
    return None if value is None else row_id(value, "Organization")


@strawberry.input(description="A new organization.")
class CreateOrganizationInput:
    """Decoded to `resolvers.organizations.changes.CreateOrganization`."""

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
    """Decoded to `resolvers.organizations.changes.UpdateOrganization`."""

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
    """Decoded to `resolvers.organizations.changes.SetUtilizationThreshold`."""

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
    """Decoded to `resolvers.organizations.changes.MoveOrganization`."""

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
    """Decoded to `resolvers.organizations.changes.DeleteOrganization`."""

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
    """Decoded to `resolvers.organizations.series.CreateSeries`."""

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
    """Decoded to `resolvers.organizations.series.UpdateSeries`."""

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
