"""Inputs of the mutations of organizations and series."""

from __future__ import annotations

import strawberry

from resolvers.organizations import commands
from schema.core.inputs import Input, dry_run_field, key_field, optional, required


@strawberry.input(description="A new organization.")
class CreateOrganizationInput(Input[commands.CreateOrganization]):
    parent_id: strawberry.ID | None = optional(
        "The parent organization; by default the one that you act from.", id_of="Organization"
    )
    name: str = required("Its name: 1 to 100 characters, unique among the children of its parent.")
    time_zone: str | None = optional("Its IANA time zone, such as `America/Toronto`; UTC by default.")
    threshold_percent: int | None = optional("Its utilization threshold, 1 to 100; 80 by default.")
    idempotency_key: str | None = key_field()


@strawberry.input(description="What to change about an organization. A field that is null or left out keeps its value.")
class UpdateOrganizationInput(Input[commands.UpdateOrganization]):
    organization_id: strawberry.ID = required("The organization.", id_of="Organization")
    name: str | None = optional("Its new name, unique among the children of its parent.")
    time_zone: str | None = optional("Its new IANA time zone.")
    region: str | None = optional(
        "The region in which national numbers are read, such as `GB`; an empty text inherits it from the parent."
    )
    supplier_email: str | None = optional(
        "The mail address to request more numbers from; an empty text restores the default. "
        "Only a root organization has one, for all of its sub-organizations."
    )
    supplier_telephone: str | None = optional(
        "The telephone number to call for more numbers; an empty text restores the default. "
        "Only a root organization has one, for all of its sub-organizations."
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="The utilization at which an organization's administrators are warned.")
class SetUtilizationThresholdInput(Input[commands.SetUtilizationThreshold]):
    organization_id: strawberry.ID | None = optional(
        "The organization; by default the one that you act from.", id_of="Organization"
    )
    percent: int = required("The threshold in percent, 1 to 100.")
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which organization to move, and where.")
class MoveOrganizationInput(Input[commands.MoveOrganization]):
    organization_id: strawberry.ID = required(
        "The organization; its sub-organizations move with it.", id_of="Organization"
    )
    parent_id: strawberry.ID = required(
        "The new parent, in your scope and not below the organization itself.", id_of="Organization"
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which organization to delete, with all its sub-organizations.")
class DeleteOrganizationInput(Input[commands.DeleteOrganization]):
    organization_id: strawberry.ID = required(
        "The organization. Neither it nor its sub-organizations may have users or administrators.",
        id_of="Organization",
    )
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="A new series.")
class CreateSeriesInput(Input[commands.CreateSeries]):
    name: str = required("Its name, such as `+1 418`, unique within the root organization.")
    region: str | None = optional("The country or area that it covers.")
    idempotency_key: str | None = key_field()


@strawberry.input(description="What to change about a series. A field that is null or left out keeps its value.")
class UpdateSeriesInput(Input[commands.UpdateSeries]):
    series_id: strawberry.ID = required("The series.", id_of="Series")
    name: str | None = optional("Its new name, unique within the root organization.")
    region: str | None = optional("Its new region; an empty text removes it.")
    idempotency_key: str | None = key_field()
