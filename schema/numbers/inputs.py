"""Inputs of the mutations of numbers, each decoded to a command."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET

from domain.allocation import AllocationStrategy
from resolvers.numbers import addition as additions
from resolvers.numbers import allocation as allocations
from resolvers.numbers import commands as number_commands
from resolvers.numbers.commands import Selection
from schema.core.enums import OnDuplicate
from schema.core.ids import row_id, row_ids
from schema.core.inputs import PhoneNumberFilter, given
from schema.core.scalars import E164

KEY = (
    "A text of your own, up to 255 characters. Sent again within 24 hours with the same input, the first answer is "
    "returned and nothing is done; with another input it is refused."
)
DRY_RUN = "Answer as if it were done, and change nothing."
NUMBER_IDS = "The numbers by id. Give these or `filter`."
FILTER = "All numbers that fulfil this filter; it may not be empty. Give this or `numberIds`."
EXPECTED = "Refuse with CONFLICT unless exactly this many numbers are selected."


def key_field() -> Any:
    """The `idempotencyKey` of an input."""
    return strawberry.field(default=UNSET, description=KEY)


def _field(description: str, default: Any = UNSET) -> Any:
    return strawberry.field(default=default, description=description)


def _selection(input: Any) -> Selection:
    ids: list[strawberry.ID] | None = given(input.number_ids)
    filter_: PhoneNumberFilter | None = given(input.filter)
    return Selection(
        number_ids=None if ids is None else row_ids(ids, "PhoneNumber") or (),
        filter=None if filter_ is None else filter_.decoded(),
        expected_count=given(input.expected_count),
    )


@strawberry.input(description="Which numbers go where.")
class MoveNumbersInput:
    """Decoded to `resolvers.numbers.commands.MoveNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    organization_id: strawberry.ID = strawberry.field(description="The new holder, anywhere in your scope.")
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_commands.MoveNumbers:
        """The command."""
        return number_commands.MoveNumbers(
            selection=_selection(self),
            organization_id=row_id(self.organization_id, "Organization"),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which numbers are put aside, and for what.")
class ReserveNumbersInput:
    """Decoded to `resolvers.numbers.commands.ReserveNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    tag: str = strawberry.field(description="What they are put aside for: 1 to 64 characters, trimmed.")
    organization_id: strawberry.ID | None = _field("Allocate them to this organization as well.")
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_commands.ReserveNumbers:
        """The command."""
        organization = given(self.organization_id)
        return number_commands.ReserveNumbers(
            selection=_selection(self),
            tag=self.tag,
            organization_id=None if organization is None else row_id(organization, "Organization"),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which reserved number gets which tag.")
class EditReservedTagInput:
    """Decoded to `resolvers.numbers.commands.EditReservedTag`."""

    number_id: strawberry.ID = strawberry.field(description="The number.")
    tag: str = strawberry.field(description="The new tag: 1 to 64 characters, trimmed.")
    idempotency_key: str | None = key_field()

    def command(self) -> number_commands.EditReservedTag:
        """The command."""
        return number_commands.EditReservedTag(
            number_id=row_id(self.number_id, "PhoneNumber"),
            tag=self.tag,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which reserved numbers become available.")
class UnreserveNumbersInput:
    """Decoded to `resolvers.numbers.commands.UnreserveNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_commands.UnreserveNumbers:
        """The command."""
        return number_commands.UnreserveNumbers(
            selection=_selection(self),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which available numbers leave the inventory.")
class RetireNumbersInput:
    """Decoded to `resolvers.numbers.commands.RetireNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_commands.RetireNumbers:
        """The command."""
        return number_commands.RetireNumbers(
            selection=_selection(self),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="How many numbers of a series go to which organization.")
class AllocateNumbersInput:
    """Decoded to `resolvers.numbers.allocation.AllocateNumbers`."""

    series_id: strawberry.ID = strawberry.field(description="The series.")
    quantity: int = strawberry.field(description="How many: at least 1, at most the available ones of the series.")
    to_organization_id: strawberry.ID = strawberry.field(description="The new holder, below the source.")
    from_organization_id: strawberry.ID | None = _field("The source; the organization that you act from if left out.")
    strategy: AllocationStrategy = _field("Which of the available numbers are taken.", AllocationStrategy.LOWEST)
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> allocations.AllocateNumbers:
        """The command."""
        source = given(self.from_organization_id)
        return allocations.AllocateNumbers(
            series_id=row_id(self.series_id, "Series"),
            quantity=self.quantity,
            to_organization_id=row_id(self.to_organization_id, "Organization"),
            from_organization_id=None if source is None else row_id(source, "Organization"),
            strategy=self.strategy,
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="How many unused numbers of a series go back to the parent.")
class WithdrawNumbersInput:
    """Decoded to `resolvers.numbers.allocation.WithdrawNumbers`."""

    organization_id: strawberry.ID = strawberry.field(
        description="The organization that gives them up; strictly below the one that you act from."
    )
    series_id: strawberry.ID = strawberry.field(description="The series.")
    quantity: int = strawberry.field(description="How many: at least 1, at most the available ones of the series.")
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> allocations.WithdrawNumbers:
        """The command."""
        return allocations.WithdrawNumbers(
            organization_id=row_id(self.organization_id, "Organization"),
            series_id=row_id(self.series_id, "Series"),
            quantity=self.quantity,
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="All numbers from one to another, both included.")
class NumberRange:
    """Two numbers of the same country and length."""

    first: E164 = strawberry.field(description="The lowest number.")
    last: E164 = strawberry.field(description="The highest number.")


@strawberry.input(description="Which numbers come into the inventory. Give `ranges`, `numbers`, `csv`, or several.")
class AddNumbersInput:
    """Decoded to `resolvers.numbers.addition.AddNumbers`."""

    series_id: strawberry.ID = strawberry.field(description="The series that they belong to.")
    organization_id: strawberry.ID | None = _field("Who holds them; the organization that you act from if left out.")
    ranges: list[NumberRange] | None = _field("Whole ranges; a line of the report is the position of the range.")
    numbers: list[E164] | None = _field("Single numbers; a line of the report is the position in this list.")
    csv: str | None = _field(
        "Numbers one to a line, or in the column `number` if the first line names it. "
        "Cells are parted by commas, semicolons or tabs."
    )
    on_duplicate: OnDuplicate = _field(
        "What to do about numbers that exist already, and about CSV lines without a number.",
        OnDuplicate.REFUSE,
    )
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> additions.AddNumbers:
        """The command."""
        holder = given(self.organization_id)
        return additions.AddNumbers(
            series_id=row_id(self.series_id, "Series"),
            organization_id=None if holder is None else row_id(holder, "Organization"),
            ranges=tuple((span.first, span.last) for span in self.ranges or ()),
            numbers=tuple(self.numbers or ()),
            csv=given(self.csv),
            skip_duplicates=self.on_duplicate is OnDuplicate.SKIP,
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )
