"""Mutations of mail: asking for more numbers, and another try for a mail that failed."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from resolvers.mail import deliveries, supplier
from schema.core.errors import UserError, mutation
from schema.core.ids import row_id
from schema.core.inputs import given, key_field
from schema.core.nodes import context_of
from schema.core.payloads import Refusable, errors_field
from schema.mail.types import MailDelivery


def _field(description: str) -> Any:
    return strawberry.field(default=UNSET, description=description)


def _row(global_id: strawberry.ID | None, type_name: str) -> int | None:
    value = given(global_id)
    return None if value is None else row_id(value, type_name)


@strawberry.input(description="How many numbers are wanted, and of what kind.")
class RequestMoreNumbersInput:
    """Decoded to `resolvers.mail.supplier.RequestMoreNumbers`."""

    organization_id: strawberry.ID | None = _field("Whom they are for; the organization that you act from if left out.")
    quantity: int = strawberry.field(description="How many, at least 1.")
    series_id: strawberry.ID | None = _field("The series that they are wanted of.")
    area: str | None = _field("The area that they are wanted for, up to 100 characters.")
    note: str | None = _field("Whatever else the supplier should know, up to 2,000 characters.")
    idempotency_key: str | None = key_field()

    def command(self) -> supplier.RequestMoreNumbers:
        """The command."""
        return supplier.RequestMoreNumbers(
            organization_id=_row(self.organization_id, "Organization"),
            quantity=self.quantity,
            series_id=_row(self.series_id, "Series"),
            area=given(self.area),
            note=given(self.note),
            idempotency_key=given(self.idempotency_key),
        )


@strawberry.input(description="Which mail is tried again.")
class RetryMailDeliveryInput:
    """Decoded to `resolvers.mail.deliveries.RetryMailDelivery`."""

    mail_delivery_id: strawberry.ID = strawberry.field(description="A mail that has failed.")
    idempotency_key: str | None = key_field()

    def command(self) -> deliveries.RetryMailDelivery:
        """The command."""
        return deliveries.RetryMailDelivery(
            mail_delivery_id=row_id(self.mail_delivery_id, "MailDelivery"),
            idempotency_key=given(self.idempotency_key),
        )


async def _mail_delivery(root: strawberry.Parent[Any], info: Info) -> Any:
    wanted = root.mail_delivery_id
    return None if wanted is None else await deliveries.find_delivery(context_of(info), wanted)


def _mail_delivery_field() -> Any:
    return strawberry.field(
        resolver=_mail_delivery, description="The mail as it stands now; null when the change was refused."
    )


@strawberry.type(description="The answer to `requestMoreNumbers`.")
class RequestMoreNumbersPayload(Refusable):
    """The mail to the supplier."""

    mail_delivery_id: strawberry.Private[int | None] = None
    mail_delivery: MailDelivery | None = _mail_delivery_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type(description="The answer to `retryMailDelivery`.")
class RetryMailDeliveryPayload(Refusable):
    """The mail that waits again."""

    mail_delivery_id: strawberry.Private[int | None] = None
    mail_delivery: MailDelivery | None = _mail_delivery_field()
    user_errors: list[UserError] = errors_field()


@strawberry.type
class MailMutations:
    """The mutations of mail."""

    @mutation("Ask the supplier for more numbers; the request is recorded, and sent to him by mail.")
    async def request_more_numbers(
        self,
        info: Info,
        input: Annotated[RequestMoreNumbersInput, strawberry.argument(description="What is wanted.")],
    ) -> RequestMoreNumbersPayload | None:
        answer = await supplier.request_more_numbers(context_of(info), input.command())
        return RequestMoreNumbersPayload(mail_delivery_id=answer.mail_delivery_id)

    @mutation("Try a mail that has failed once more, for whoever does not have it yet.")
    async def retry_mail_delivery(
        self,
        info: Info,
        input: Annotated[RetryMailDeliveryInput, strawberry.argument(description="Which mail.")],
    ) -> RetryMailDeliveryPayload | None:
        answer = await deliveries.retry_mail_delivery(context_of(info), input.command())
        return RetryMailDeliveryPayload(mail_delivery_id=answer.mail_delivery_id)
