"""Payloads of the mutations of mail."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.mail import deliveries
from resolvers.mail.commands import MailQueued
from schema.core.nodes import context_of
from schema.core.payloads import Payload, payload
from schema.mail.types import MailDelivery


async def _mail_delivery(root: strawberry.Parent[Any], info: Info) -> Any:
    if root.answer is None:
        return None
    return await deliveries.find_delivery(context_of(info), root.answer.mail_delivery_id)


@strawberry.type
class MailDeliveryPayload(Payload):
    """A payload with one mail delivery."""

    answer: strawberry.Private[MailQueued | None] = None
    mail_delivery: MailDelivery | None = strawberry.field(
        resolver=_mail_delivery, description="The mail after the change; null if the mutation was refused."
    )


@payload("The result of `requestMoreNumbers`.")
class RequestMoreNumbersPayload(MailDeliveryPayload):
    pass


@payload("The result of `retryMailDelivery`.")
class RetryMailDeliveryPayload(MailDeliveryPayload):
    pass
