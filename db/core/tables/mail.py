"""The outbox of mail."""

from datetime import datetime

from sqlalchemy import Index, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import NO_ID_REUSE, partial_index
from db.core.types import Identifier, Instant

MAIL_WAITS = text("state = 0")
"""`MailState.WAITING` as a literal, because SQLite chooses partial indexes before it binds parameters."""


class OutboxRow(SQLModel, table=True):
    """A mail, stored in the transaction that causes it and delivered afterwards.

    `facts` is what the mail is rendered from, as JSON, and is deleted when the mail is sent. `recipients` and
    `outstanding` are JSON lists of all recipients and of those without a delivery so far. The worker that delivers it
    must finish before `claimed_until`; `due_at` is the next attempt; `waiting_since` is when it was queued or retried.
    No foreign keys: a mail outlives its organization and its user.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        partial_index("ix_outbox_due", "due_at", where=MAIL_WAITS.text),
        Index("ix_outbox_organization", "organization_id", "id"),
        partial_index("ix_outbox_user", "user_id", "id", where="user_id IS NOT NULL"),
        NO_ID_REUSE,
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
