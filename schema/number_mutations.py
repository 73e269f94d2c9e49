"""Mutations of numbers: move, reserve, edit a tag, unreserve, retire, allocate, withdraw, add."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from domain.allocation import AllocationStrategy
from resolvers import additions, allocations, number_changes
from resolvers.additions import NumbersAdded
from resolvers.number_changes import NOTHING_CHANGED, NumbersChanged, Selection
from schema.enums import OnDuplicate
from schema.errors import LineReportType, UserError, mutation
from schema.ids import encode, row_id, row_ids
from schema.inputs import PhoneNumberFilter, given
from schema.nodes import context_of
from schema.organizations import Organization
from schema.payloads import (
    ORGANIZATIONS,
    NumbersPayload,
    Refusable,
    errors_field,
    organization_count_of,
    organizations_of,
)
from schema.phone_numbers import PhoneNumber
from schema.scalars import E164

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
    """Decoded to `resolvers.number_changes.MoveNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    organization_id: strawberry.ID = strawberry.field(description="The new holder, anywhere in your scope.")
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_changes.MoveNumbers:
        """The command."""
        return number_changes.MoveNumbers(
            selection=_selection(self),
            organization_id=row_id(self.organization_id, "Organization"),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which numbers are put aside, and for what.")
class ReserveNumbersInput:
    """Decoded to `resolvers.number_changes.ReserveNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    tag: str = strawberry.field(description="What they are put aside for: 1 to 64 characters, trimmed.")
    organization_id: strawberry.ID | None = _field("Allocate them to this organization as well.")
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_changes.ReserveNumbers:
        """The command."""
        organization = given(self.organization_id)
        return number_changes.ReserveNumbers(
            selection=_selection(self),
            tag=self.tag,
            organization_id=None if organization is None else row_id(organization, "Organization"),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which reserved number gets which tag.")
class EditReservedTagInput:
    """Decoded to `resolvers.number_changes.EditReservedTag`."""

    number_id: strawberry.ID = strawberry.field(description="The number.")
    tag: str = strawberry.field(description="The new tag: 1 to 64 characters, trimmed.")
    idempotency_key: str | None = key_field()

    def command(self) -> number_changes.EditReservedTag:
        """The command."""
        return number_changes.EditReservedTag(
            number_id=row_id(self.number_id, "PhoneNumber"),
            tag=self.tag,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which reserved numbers become available.")
class UnreserveNumbersInput:
    """Decoded to `resolvers.number_changes.UnreserveNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_changes.UnreserveNumbers:
        """The command."""
        return number_changes.UnreserveNumbers(
            selection=_selection(self),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which available numbers leave the inventory.")
class RetireNumbersInput:
    """Decoded to `resolvers.number_changes.RetireNumbers`."""

    number_ids: list[strawberry.ID] | None = _field(NUMBER_IDS)
    filter: PhoneNumberFilter | None = _field(FILTER)
    expected_count: int | None = _field(EXPECTED)
    dry_run: bool = _field(DRY_RUN, False)
    idempotency_key: str | None = key_field()

    def command(self) -> number_changes.RetireNumbers:
        """The command."""
        return number_changes.RetireNumbers(
            selection=_selection(self),
            dry_run=self.dry_run,
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="How many numbers of a series go to which organization.")
class AllocateNumbersInput:
    """Decoded to `resolvers.allocations.AllocateNumbers`."""

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
    """Decoded to `resolvers.allocations.WithdrawNumbers`."""

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
    """Decoded to `resolvers.additions.AddNumbers`."""

    series_id: strawberry.ID = strawberry.field(description="The series that they belong to.")
    organization_id: strawberry.ID | None = _field("Who holds them; the organization that you act from if left out.")
    ranges: list[NumberRange] | None = _field("Whole ranges; a line of the report is the position of the range.")
    numbers: list[E164] | None = _field("Single numbers; a line of the report is the position in this list.")
    csv: str | None = _field("Numbers one to a line, or in the column `number` if the first line names it.")
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


@strawberry.type(description="The answer to `moveNumbers`.")
class MoveNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `reserveNumbers`.")
class ReserveNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `unreserveNumbers`.")
class UnreserveNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `allocateNumbers`.")
class AllocateNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


@strawberry.type(description="The answer to `withdrawNumbers`.")
class WithdrawNumbersPayload(NumbersPayload):
    """See NumbersPayload."""


def _skipped_count(root: strawberry.Parent[Any]) -> int:
    count: int = getattr(root.answer, "skipped_count", 0)
    return count


@strawberry.type(description="The answer to `addNumbers`.")
class AddNumbersPayload(NumbersPayload):
    """A NumbersPayload with a report of lines."""

    skipped_count: int = strawberry.field(
        resolver=_skipped_count, description="How many numbers or lines were skipped."
    )
    lines: list[LineReportType] = strawberry.field(
        default_factory=list,
        description="What was wrong with which line, the first 100 of each kind.",
    )

    @classmethod
    def of(cls, answer: NumbersAdded, *, dry_run: bool) -> AddNumbersPayload:
        """The payload of an answer."""
        return cls(answer=answer, dry_run=dry_run, lines=answer.lines)  # type: ignore[arg-type]

    @classmethod
    def refused(cls, error: Any) -> AddNumbersPayload:
        """The payload of a refusal, which reports the lines at fault."""
        payload = super().refused(error)
        payload.lines = list(error.lines)
        return payload


def _retired_ids(root: strawberry.Parent[Any]) -> list[strawberry.ID]:
    return [encode("PhoneNumber", number_id) for number_id in root.answer.number_ids]


def _retired_count(root: strawberry.Parent[Any]) -> int:
    count: int = root.answer.changed_count
    return count


def _operation_id(root: strawberry.Parent[Any]) -> strawberry.ID | None:
    operation_id = root.answer.operation_id
    return None if operation_id is None or root.dry_run else encode("Operation", operation_id)


@strawberry.type(description="The answer to `retireNumbers`; ids, for what is gone cannot be an object.")
class RetireNumbersPayload(Refusable):
    """Read off `resolvers.number_changes.NumbersChanged`."""

    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    dry_run: strawberry.Private[bool] = False
    changed_count: int = strawberry.field(
        resolver=_retired_count,
        description="How many numbers were retired, or would be by a dry run.",
    )
    retired_ids: list[strawberry.ID] = strawberry.field(
        resolver=_retired_ids, description="The ids of the numbers that are gone, the first 100."
    )
    organizations: list[Organization] = strawberry.field(resolver=organizations_of, description=ORGANIZATIONS)
    organization_count: int = strawberry.field(
        resolver=organization_count_of, description="How many organizations those are in all."
    )
    operation_id: strawberry.ID | None = strawberry.field(
        resolver=_operation_id,
        description="The operation that the change is recorded as; null when nothing changed.",
    )
    user_errors: list[UserError] = errors_field()


async def _edited_number(root: strawberry.Parent[Any], info: Info) -> Any:
    return None if root.number_id is None else await context_of(info).loaders.phone_numbers.load(root.number_id)


@strawberry.type(description="The answer to `editReservedTag`.")
class EditReservedTagPayload(Refusable):
    """The number as it stands now."""

    number_id: strawberry.Private[int | None] = None
    answer: strawberry.Private[NumbersChanged] = NOTHING_CHANGED
    dry_run: strawberry.Private[bool] = False
    phone_number: PhoneNumber | None = strawberry.field(
        resolver=_edited_number,
        description="The number as it stands now; null when the edit was refused.",
    )
    operation_id: strawberry.ID | None = strawberry.field(
        resolver=_operation_id,
        description="The operation that the edit is recorded as; null when nothing changed.",
    )
    user_errors: list[UserError] = errors_field()


def _input(description: str) -> Any:
    return strawberry.argument(description=description)


@strawberry.type
class NumberMutations:
    """The mutations of numbers."""

    @mutation("Move numbers to any organization in your scope; an in-use number takes its user along.")
    async def move_numbers(
        self, info: Info, input: Annotated[MoveNumbersInput, _input("What to move, and where to.")]
    ) -> MoveNumbersPayload | None:
        answer = await number_changes.move_numbers(context_of(info), input.command())
        return MoveNumbersPayload(answer=answer, dry_run=input.dry_run)

    @mutation("Put available numbers aside with a tag, and allocate them to an organization where one is named.")
    async def reserve_numbers(
        self, info: Info, input: Annotated[ReserveNumbersInput, _input("What to reserve.")]
    ) -> ReserveNumbersPayload | None:
        answer = await number_changes.reserve_numbers(context_of(info), input.command())
        return ReserveNumbersPayload(answer=answer, dry_run=input.dry_run)

    @mutation("Change the tag of a reserved number. The same tag again changes nothing.")
    async def edit_reserved_tag(
        self,
        info: Info,
        input: Annotated[EditReservedTagInput, _input("The number and its new tag.")],
    ) -> EditReservedTagPayload | None:
        command = input.command()
        answer = await number_changes.edit_reserved_tag(context_of(info), command)
        return EditReservedTagPayload(number_id=command.number_id, answer=answer)

    @mutation("Make reserved numbers available again: the tag and the forwarding number go.")
    async def unreserve_numbers(
        self, info: Info, input: Annotated[UnreserveNumbersInput, _input("What to unreserve.")]
    ) -> UnreserveNumbersPayload | None:
        answer = await number_changes.unreserve_numbers(context_of(info), input.command())
        return UnreserveNumbersPayload(answer=answer, dry_run=input.dry_run)

    @mutation("Take available numbers out of the inventory, acting from the root. Their history stays readable.")
    async def retire_numbers(
        self, info: Info, input: Annotated[RetireNumbersInput, _input("What to retire.")]
    ) -> RetireNumbersPayload | None:
        answer = await number_changes.retire_numbers(context_of(info), input.command())
        return RetireNumbersPayload(answer=answer, dry_run=input.dry_run)

    @mutation("Give available numbers of a series to an organization below; it alone can then use them.")
    async def allocate_numbers(
        self,
        info: Info,
        input: Annotated[AllocateNumbersInput, _input("Which series, how many, and to whom.")],
    ) -> AllocateNumbersPayload | None:
        answer = await allocations.allocate_numbers(context_of(info), input.command())
        return AllocateNumbersPayload(answer=answer, dry_run=input.dry_run)

    @mutation("Take unused numbers of a series back from an organization to its immediate parent, lowest first.")
    async def withdraw_numbers(
        self,
        info: Info,
        input: Annotated[WithdrawNumbersInput, _input("From whom, which series, and how many.")],
    ) -> WithdrawNumbersPayload | None:
        answer = await allocations.withdraw_numbers(context_of(info), input.command())
        return WithdrawNumbersPayload(answer=answer, dry_run=input.dry_run)

    @mutation("Add numbers to the inventory, acting from the root. A retired number comes back with its history.")
    async def add_numbers(
        self,
        info: Info,
        input: Annotated[AddNumbersInput, _input("Which numbers, of which series, held by whom.")],
    ) -> AddNumbersPayload | None:
        answer = await additions.add_numbers(context_of(info), input.command())
        return AddNumbersPayload.of(answer, dry_run=input.dry_run)
