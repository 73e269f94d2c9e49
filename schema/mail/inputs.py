"""Inputs of the mutations of mail."""

from __future__ import annotations

import strawberry

from resolvers.mail.commands import RequestMoreNumbers, RetryMailDelivery
from schema.core.inputs import Input, key_field, optional, required


@strawberry.input(description="The numbers to ask the supplier for.")
class RequestMoreNumbersInput(Input[RequestMoreNumbers]):
    organization_id: strawberry.ID | None = optional(
        "The organization that needs the numbers; the one you act from by default.", id_of="Organization"
    )
    quantity: int = required("How many numbers to ask for, at least 1.")
    series_id: strawberry.ID | None = optional("The series that the numbers should belong to.", id_of="Series")
    area: str | None = optional("The area that the numbers are for, up to 100 characters.")
    note: str | None = optional("Anything else that the supplier should know, up to 2,000 characters.")
    idempotency_key: str | None = key_field()


@strawberry.input(description="The mail to send again.")
class RetryMailDeliveryInput(Input[RetryMailDelivery]):
    mail_delivery_id: strawberry.ID = required("A mail whose state is FAILED.", id_of="MailDelivery")
    idempotency_key: str | None = key_field()
