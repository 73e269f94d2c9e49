"""Mails and their delivery, and the supplier to ask for more numbers."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from db.mail import deliveries as delivery_rows
from db.mail.deliveries import MailRecord
from domain.mail import MailKind, MailState
from execution.declarations import at_most
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.mail import deliveries
from schema.core.connections import BY_ID, Connection, ConnectionRows, PageArguments
from schema.core.nodes import Node, id_field

ORDER = "mail deliveries"


def _to(root: strawberry.Parent[MailRecord]) -> list[str]:
    return root.recipients


@strawberry.type(description="A mail, and the state of its delivery.")
class MailDelivery(Node):
    """Resolved from `db.mail.deliveries.MailRecord`."""

    id: strawberry.ID = id_field("MailDelivery")
    kind: MailKind = strawberry.field(description="What the mail is about.")
    to: list[str] = strawberry.field(
        resolver=_to, description="The email addresses of the recipients.", metadata=at_most(20)
    )
    subject: str = strawberry.field(description="The subject of the mail.")
    state: MailState = strawberry.field(description="The state of the delivery.")
    attempts: int = strawberry.field(description="How many times delivery was attempted.")
    error: str | None = strawberry.field(
        description="Why the last attempt failed; null if there was no attempt yet or the mail is sent."
    )
    created_at: datetime = strawberry.field(description="When the event that the mail reports happened.")
    sent_at: datetime | None = strawberry.field(description="When the mail server accepted the mail; null before that.")

    is_type_of = RecordOf(MailRecord)


@strawberry.type(description="How to ask for more numbers.")
class SupplierContact:
    """Resolved from `resolvers.mail.supplier.Supplier`."""

    message: str = strawberry.field(
        description="A sentence to show to the user, with the email address and the telephone number."
    )
    email: str = strawberry.field(description="The supplier's email address; empty if none is set.")
    telephone: str = strawberry.field(description="The supplier's telephone number; empty if none is set.")


def delivery_list(context: Context, arguments: PageArguments) -> Any:
    """A page of the mails that the caller may see."""
    deliveries.mail_query(context)  # raises unless the caller may read
    page = arguments.page(ORDER, BY_ID)
    rows = ConnectionRows(
        partial(deliveries.delivery_page, context, page),
        partial(deliveries.delivery_count, context),
        order=ORDER,
        key=delivery_rows.key,
    )
    return Connection[MailDelivery](rows=rows)
