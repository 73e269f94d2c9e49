"""Root fields that read mail deliveries and the supplier's contact."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from resolvers.mail import supplier
from schema.core.arguments import After, Before, First, Last
from schema.core.connections import Connection, PageArguments
from schema.core.nodes import context_of
from schema.mail.types import MailDelivery, SupplierContact, delivery_list


async def _supplier_contact(info: Info) -> Any:
    return await supplier.supplier_contact(context_of(info))


def _mail_deliveries(
    info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
) -> Any:
    return delivery_list(context_of(info), PageArguments(first, after, last, before))


@strawberry.type
class MailQueries:
    """The queries of mail."""

    supplier_contact: SupplierContact = strawberry.field(
        resolver=_supplier_contact, description="How to ask for more numbers, for a dialog."
    )
    mail_deliveries: Connection[MailDelivery] | None = strawberry.field(
        resolver=_mail_deliveries,
        description="The mails about the organizations in your scope, newest first. Mails about the access of "
        "administrators are included only if your role may manage it.",
    )
