"""Mutations of mail."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers.mail import deliveries, supplier
from schema.core.arguments import described
from schema.core.errors import mutation
from schema.core.inputs import decode
from schema.core.nodes import context_of
from schema.mail.inputs import RequestMoreNumbersInput, RetryMailDeliveryInput
from schema.mail.payloads import RequestMoreNumbersPayload, RetryMailDeliveryPayload


@strawberry.type
class MailMutations:
    """The mutations of mail."""

    @mutation("Ask the supplier for more numbers by mail. The request is recorded in the history.")
    async def request_more_numbers(
        self, info: Info, input: Annotated[RequestMoreNumbersInput, described("The numbers to ask for.")]
    ) -> RequestMoreNumbersPayload | None:
        command = decode(input)
        answer = await supplier.request_more_numbers(context_of(info), command)
        return RequestMoreNumbersPayload(answer=answer)

    @mutation("Retry the delivery of a failed mail to the recipients who have not received it.")
    async def retry_mail_delivery(
        self, info: Info, input: Annotated[RetryMailDeliveryInput, described("The mail to send again.")]
    ) -> RetryMailDeliveryPayload | None:
        command = decode(input)
        answer = await deliveries.retry_mail_delivery(context_of(info), command)
        return RetryMailDeliveryPayload(answer=answer)
