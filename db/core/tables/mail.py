"""Mails on their way."""

from datetime import datetime

from sqlalchemy import Index, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import NEVER_AGAIN, partial_index
from db.core.types import Identifier, Instant

MAIL_WAITS = text("state = 0")
"""A mail is `MailState.WAITING`; written out, because SQLite looks for a partial index before it knows parameters."""


class OutboxRow(SQLModel, table=True):
    """A mail, written in the transaction that causes it and delivered afterwards.

    `facts` is what the mail is rendered from, as JSON; it is forgotten when the mail is sent. `recipients` and
    `outstanding` are JSON lists: everybody, and those who do not have it yet. `claimed_until` is when whoever delivers
    it now must have said so; `due_at` is when it is tried next, and `waiting_since` when it was posted or retried.
    No foreign keys: a mail outlives the organization and the user that it is about.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        partial_index("ix_outbox_due", "due_at", where=MAIL_WAITS.text),
        Index("ix_outbox_organization", "organization_id", "id"),
        partial_index("ix_outbox_user", "user_id", "id", where="user_id IS NOT NULL"),
        NEVER_AGAIN,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    kind: int = Field(sa_type=SmallInteger)
    state: int = Field(sa_type=SmallInteger)
    organization_id: int = Field(sa_type=Identifier)
    user_id: int | None = Field(sa_type=Identifier)
    recipients: str = Field(sa_type=Text)
    outstanding: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    facts: str | None = Field(sa_type=Text)
    message_id: str | None = Field(sa_type=Text)
    attempts: int
    error: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    waiting_since: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    claimed_until: datetime | None = Field(sa_type=Instant)
    sent_at: datetime | None = Field(sa_type=Instant)
