"""Mails and their deliveries."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from db.core.keyset import SortKey
from db.mail.deliveries import MailRecord
from domain.mail import MailKind, MailState
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.mail import deliveries
from schema.core.connections import BY_ID, Connection, ConnectionRows, forward
from schema.core.nodes import Node, id_field

ORDER = "mail deliveries"


def _to(root: strawberry.Parent[MailRecord]) -> list[str]:
    return root.recipients


@strawberry.type(description="A mail, and how far it has come.")
class MailDelivery(Node):
    """Read off `db.mail.deliveries.MailRecord`."""

    id: strawberry.ID = id_field("MailDelivery")
    kind: MailKind = strawberry.field(description="What it is about.")
    to: list[str] = strawberry.field(resolver=_to, description="The mail addresses that it goes to.")
    subject: str = strawberry.field(description="Its subject.")
    state: MailState = strawberry.field(description="Where it stands.")
    attempts: int = strawberry.field(description="How often it has been tried.")
    error: str | None = strawberry.field(
        description="What went wrong the last time it was tried; null once it is sent."
    )
    created_at: datetime = strawberry.field(description="When what it tells happened.")
    sent_at: datetime | None = strawberry.field(description="When it was handed over; null before.")

    is_type_of = RecordOf(MailRecord)


def delivery_list(context: Context, *, first: int | None, after: str | None) -> Any:
    """A page of the mails that the caller sees."""
    deliveries.visible(context)  # raises unless the caller may read
    page = forward(ORDER, BY_ID, first=first, after=after)
    rows = ConnectionRows(
        partial(deliveries.delivery_page, context, page),
        partial(deliveries.delivery_count, context),
        order=ORDER,
        key=lambda mail: SortKey(None, mail.id),
    )
    return Connection[MailDelivery](rows=rows)
