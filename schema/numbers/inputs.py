"""Inputs of searches and mutations of numbers."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain.allocation import AllocationStrategy
from domain.search import Order, OrderDirection, PhoneNumberOrderField
from domain.statuses import NumberStatus
from resolvers.numbers import addition_lines, allocation, commands, forwarding
from resolvers.numbers.filters import FilterInput
from schema.core.enums import OnDuplicate
from schema.core.inputs import Input, as_job_field, dry_run_field, key_field, optional, required, upload_field
from schema.core.scalars import E164

QUANTITY = "How many: at least 1, at most the number of available ones in the series."


@strawberry.input(
    description="Selects the numbers of a list. A number must match every field (AND), and any value of a field's list "
    "(OR). Null, an empty list and an empty text restrict nothing."
)
class PhoneNumberFilter(Input[FilterInput]):
    text: str | None = optional(
        "Text contained in the number or the reserved tag, ignoring case. There are no wildcards. Formatted numbers "
        "such as `(418) 898-4760` are understood."
    )
    tag: str | None = optional("The whole reserved tag, ignoring case.")
    tag_contains: str | None = optional("Text contained in the reserved tag, ignoring case.")
    numbers: list[E164] | None = optional("Exactly these numbers, for example a pasted list.", empty_is_null=True)
    series_ids: list[strawberry.ID] | None = optional(
        "Numbers of any of these series.", id_of="Series", empty_is_null=True
    )
    organization_ids: list[strawberry.ID] | None = optional(
        "Numbers held by any of these organizations.", id_of="Organization", empty_is_null=True
    )
    include_descendants: bool = optional("Also include the sub-organizations of `organizationIds`.", default=False)
    statuses: list[NumberStatus] | None = optional("Numbers in any of these statuses.", empty_is_null=True)
    tagged: bool | None = optional("True: only numbers with a reserved tag. False: only numbers without one.")
    starts_with: str | None = optional("The digits that the number starts with, with or without the plus sign.")
    ends_with: str | None = optional("The digits that the number ends with.")
    from_: E164 | None = optional("The lowest number of a range, inclusive.", name="from", target="lowest")
    to: E164 | None = optional("The highest number of a range, inclusive.", target="highest")
    updated_since: datetime | None = optional("Numbers changed at or after this time.")


@strawberry.input(description="How a list of numbers is sorted.")
class PhoneNumberOrder(Input[Order]):
    field: PhoneNumberOrderField = optional("The column to sort by.", default=PhoneNumberOrderField.NUMBER)
    direction: OrderDirection = optional("The sort direction.", default=OrderDirection.ASC)


@strawberry.input
class NumberSelection:
    """The fields by which an input selects numbers, decoded to `resolvers.numbers.commands.Selection`."""

    number_ids: list[strawberry.ID] | None = optional(
        "The ids of the numbers. Give either these or `filter`.", id_of="PhoneNumber", part="selection"
    )
    filter: PhoneNumberFilter | None = optional(
        "Selects all numbers that match this filter, which must not be empty. Give either this or `numberIds`.",
        part="selection",
    )
    expected_count: int | None = optional(
        "If the selection does not contain exactly this many numbers, the mutation is refused with CONFLICT.",
        part="selection",
    )


@strawberry.input(description="Which numbers to move, and where.")
class MoveNumbersInput(NumberSelection, Input[commands.MoveNumbers]):
    organization_id: strawberry.ID = required(
        "The organization that will hold them, anywhere in your scope.", id_of="Organization"
    )
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which numbers to reserve, and for what.")
class ReserveNumbersInput(NumberSelection, Input[commands.ReserveNumbers]):
    tag: str = required("What they are reserved for: 1 to 64 characters; surrounding spaces are removed.")
    organization_id: strawberry.ID | None = optional("Also allocate them to this organization.", id_of="Organization")
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which reserved number gets which tag.")
class EditReservedTagInput(Input[commands.EditReservedTag]):
    number_id: strawberry.ID = required("The number.", id_of="PhoneNumber")
    tag: str = required("The new tag: 1 to 64 characters; surrounding spaces are removed.")
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which reserved numbers to make available.")
class UnreserveNumbersInput(NumberSelection, Input[commands.UnreserveNumbers]):
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which available numbers to remove from the inventory.")
class RetireNumbersInput(NumberSelection, Input[commands.RetireNumbers]):
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="How many numbers of a series to allocate, and to which organization.")
class AllocateNumbersInput(Input[allocation.AllocateNumbers]):
    series_id: strawberry.ID = required("The series.", id_of="Series")
    quantity: int = required(QUANTITY)
    to_organization_id: strawberry.ID = required(
        "The organization that will hold them, below the source.", id_of="Organization"
    )
    from_organization_id: strawberry.ID | None = optional(
        "The source; by default the organization that you act from.", id_of="Organization"
    )
    strategy: AllocationStrategy = optional("Which available numbers to take.", default=AllocationStrategy.LOWEST)
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="How many available numbers of a series to withdraw to the parent organization.")
class WithdrawNumbersInput(Input[allocation.WithdrawNumbers]):
    organization_id: strawberry.ID = required(
        "The organization to take them from, below the one that you act from.", id_of="Organization"
    )
    series_id: strawberry.ID = required("The series.", id_of="Series")
    quantity: int = required(QUANTITY)
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="All numbers between two numbers of the same country and length, both included.")
class NumberRange(Input[addition_lines.NumberRange]):
    first: E164 = required("The lowest number.")
    last: E164 = required("The highest number.")


@strawberry.input(
    description="Which numbers to add to the inventory. Give `ranges`, `numbers`, `csv`, or several; or `uploadId`."
)
class AddNumbersInput(Input[addition_lines.AddNumbers]):
    series_id: strawberry.ID = required("The series that they belong to.", id_of="Series")
    organization_id: strawberry.ID | None = optional(
        "The organization that will hold them; by default the one that you act from.", id_of="Organization"
    )
    ranges: list[NumberRange] | None = optional("Whole ranges; reports give the position in this list as the line.")
    numbers: list[E164] | None = optional("Single numbers; reports give the position in this list as the line.")
    csv: str | None = optional(
        "CSV with one number per line. The first line may be the header `number`; other columns are refused, since "
        "they would be lost."
    )
    upload_id: strawberry.ID | None = upload_field("one number per line, as in `csv`. Give it alone.")
    on_duplicate: OnDuplicate = optional(
        "What to do about numbers that already exist, and about CSV lines without a number.",
        default=OnDuplicate.REFUSE,
        target="skip_duplicates",
        true_if=OnDuplicate.SKIP,
    )
    as_job: bool = as_job_field()
    dry_run: bool = dry_run_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which reserved number to forward, and to which number.")
class UpdateForwardingNumberInput(Input[forwarding.UpdateForwardingNumber]):
    number_id: strawberry.ID = required("The reserved number. It must already be forwarded.", id_of="PhoneNumber")
    forwarding_number: E164 = required("The number to forward calls to, other than the number itself.")
    idempotency_key: str | None = key_field()


@strawberry.input(description="Which number to stop forwarding.")
class RemoveForwardingNumberInput(Input[forwarding.RemoveForwardingNumber]):
    number_id: strawberry.ID = required("The number.", id_of="PhoneNumber")
    idempotency_key: str | None = key_field()
