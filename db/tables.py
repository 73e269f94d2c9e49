"""The tables. Small enumerations are stored as the numbers of `domain`'s IntEnums, texts compare by code point.

Organizations form a tree (parent and materialized path). Every phone number is held by one organization and belongs
to one series. Operations group the events of one change; `number_events` is both the history and the work list of a
change. `utilization` and `inventory` are the counters, changed in the transaction that changes the numbers.
Usage records, and users who come and go, are rolled up by quarter hour and by local day in the same way.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Computed, Index, SmallInteger, Table, Text, UniqueConstraint, text
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlmodel import Field, SQLModel

from db.types import Identifier, Instant, Ordered

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""An id is never given twice: histories and idempotency records outlive the rows that they name."""

NOT_YET = {"server_default": text("''")}
"""Of a column that came later: what stands in old rows until the migration has filled it."""

_LIVE = text("retired_at IS NULL")

MAIL_WAITS = text("state = 0")
"""A mail is `MailState.WAITING`; written out, because SQLite looks for a partial index before it knows parameters."""

_OF_A_USER = text("user_id IS NOT NULL")


def _where(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some of the rows."""
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


def _live(name: str, *columns: str, also: str = "") -> Index:
    """An index over the numbers that are in the inventory; retired ones would only be in the way."""
    where = text(f"{_LIVE.text} AND {also}") if also else _LIVE
    return Index(name, *columns, postgresql_where=where, sqlite_where=where)


def table(row: type[SQLModel]) -> Table:
    """The Core table of a row class: what a statement inserts into, updates, deletes from or joins."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def columns(row: type[SQLModel]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """The Core columns of a row class, whose own attributes a type checker takes for plain Python values."""
    return table(row).c


class OrganizationRow(SQLModel, table=True):
    """A node of the tree; a root has no parent."""

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("parent_id", "name", name="uq_organizations_parent_name"),
        Index(
            "uq_organizations_root_name",
            "name",
            unique=True,
            postgresql_where=text("parent_id IS NULL"),
            sqlite_where=text("parent_id IS NULL"),
        ),
        Index("ix_organizations_path", "path"),
        Index("ix_organizations_name", "name_folded", "id"),
        NEVER_AGAIN,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    parent_id: int | None = Field(foreign_key="organizations.id", sa_type=Identifier)
    path: str = Field(sa_type=Ordered)
    name: str = Field(sa_type=Ordered)
    name_folded: str = Field(sa_type=Ordered)
    time_zone: str = Field(sa_type=Text)
    threshold_percent: int = Field(sa_type=SmallInteger)
    supplier_email: str | None = Field(sa_type=Text)
    supplier_telephone: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class FormerOrganizationRow(SQLModel, table=True):
    """Where a deleted organization was, so that what happened in it stays in the history of those above."""

    __tablename__ = "former_organizations"
    __table_args__ = (Index("ix_former_organizations_path", "path"),)

    id: int = Field(primary_key=True, sa_type=Identifier, sa_column_kwargs={"autoincrement": False})
    path: str = Field(sa_type=Ordered)


class SeriesRow(SQLModel, table=True):
    """A named block of numbers under one root."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("root_id", "name", name="uq_series_root_name"), NEVER_AGAIN)

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    root_id: int = Field(foreign_key="organizations.id", sa_type=Identifier)
    name: str = Field(sa_type=Ordered)
    name_folded: str = Field(sa_type=Ordered)
    region: str | None = Field(sa_type=Text)


class UserRow(SQLModel, table=True):
    """A person who has, or will have, a line on a number. His number is the one that points to him.

    `invitation_expires_at` is set while an invitation runs that expires. `invitation_digest` is that of the last link
    that he was sent; it outlives the invitation, so that a late visitor is told that it has expired. `search_text` is
    the folded name and mail address, with a line feed between them that no search text can hold.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("organization_id", "email_folded", name="uq_users_organization_email"),
        Index("ix_users_name", "name_folded", "id"),
        Index("ix_users_email", "email_folded", "id"),
        Index("ix_users_invited", "invited_at", "id"),
        _where("ix_users_expiry", "invitation_expires_at", where="invitation_expires_at IS NOT NULL"),
        _where("uq_users_invitation", "invitation_digest", where="invitation_digest IS NOT NULL", unique=True),
        NEVER_AGAIN,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    organization_id: int = Field(foreign_key="organizations.id", sa_type=Identifier)
    first_name: str = Field(sa_type=Text)
    last_name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    email_folded: str = Field(sa_type=Ordered)
    status: int = Field(sa_type=SmallInteger)
    invited_at: datetime | None = Field(sa_type=Instant)
    activated_at: datetime | None = Field(sa_type=Instant)
    invitation_expires_at: datetime | None = Field(sa_type=Instant)
    invitation_error: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    name_folded: str = Field(sa_type=Ordered, sa_column_kwargs=NOT_YET)
    search_text: str = Field(sa_type=Ordered, sa_column_kwargs=NOT_YET)
    invitation_digest: str | None = Field(sa_type=Ordered)


class PhoneNumberRow(SQLModel, table=True):
    """An E.164 number, unique in the deployment; a retired one stays, so that its history can be read.

    `version` counts the number's events. `search_text` is the number and the folded tag, with a line feed between
    them that no search text can hold.
    """

    __tablename__ = "phone_numbers"
    __table_args__ = (
        UniqueConstraint("number", name="uq_phone_numbers_number"),
        _live("ix_phone_numbers_status", "status", "number"),
        _live("ix_phone_numbers_holding", "organization_id", "series_id", "status", "number"),
        # Whole, not live: deleting an organization looks for retired numbers, too.
        Index("ix_phone_numbers_organization", "organization_id", "number"),
        _live("ix_phone_numbers_series", "series_id", "number"),
        _live("ix_phone_numbers_tag", "tag_folded", "number", also="tag_folded IS NOT NULL"),
        _live("ix_phone_numbers_updated", "updated_at", "number"),
        Index(
            "ix_phone_numbers_user",
            "user_id",
            unique=True,
            postgresql_where=text("user_id IS NOT NULL"),
            sqlite_where=text("user_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    number: str = Field(sa_type=Ordered)
    series_id: int = Field(foreign_key="series.id", sa_type=Identifier)
    organization_id: int = Field(foreign_key="organizations.id", sa_type=Identifier)
    status: int = Field(sa_type=SmallInteger)
    reserved_tag: str | None = Field(sa_type=Text)
    tag_folded: str | None = Field(sa_type=Ordered)
    forwarding_number: str | None = Field(sa_type=Text)
    user_id: int | None = Field(foreign_key="users.id", sa_type=Identifier)
    retired_at: datetime | None = Field(sa_type=Instant)
    available_since: datetime | None = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    version: int
    search_text: str | None = Field(
        default=None,
        sa_type=Ordered,
        sa_column_args=(Computed("number || '\n' || coalesce(tag_folded, '')", persisted=True),),
    )


class OperationRow(SQLModel, table=True):
    """One change: who did what, when, acting from where, and to how many numbers.

    `changes` holds, as JSON, the fields of an organization or a series that changed, each with before and after.
    """

    __tablename__ = "operations"
    __table_args__ = (NEVER_AGAIN,)

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    action: int = Field(sa_type=SmallInteger)
    at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=Text)
    organization_id: int | None = Field(sa_type=Identifier)
    changed_count: int
    changes: str | None = Field(sa_type=Text)


class OperationOrganizationRow(SQLModel, table=True):
    """An organization that an operation touched: its activity."""

    __tablename__ = "operation_organizations"
    __table_args__ = (Index("ix_operation_organizations_operation", "operation_id"),)

    organization_id: int = Field(primary_key=True, sa_type=Identifier)
    operation_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="operations.id")


class NumberEventRow(SQLModel, table=True):
    """What one operation did to one number: every value before and after.

    It outlives users and organizations. No foreign keys: rows come by the hundred thousand, and none is ever deleted.
    """

    __tablename__ = "number_events"
    __table_args__ = (Index("ix_number_events_operation", "operation_id", "phone_number_id"),)

    phone_number_id: int = Field(primary_key=True, sa_type=Identifier)
    version: int = Field(primary_key=True)
    operation_id: int = Field(sa_type=Identifier)
    series_id: int = Field(sa_type=Identifier)
    organization_before: int | None = Field(sa_type=Identifier)
    organization_after: int | None = Field(sa_type=Identifier)
    status_before: int | None = Field(sa_type=SmallInteger)
    status_after: int | None = Field(sa_type=SmallInteger)
    reserved_tag_before: str | None = Field(sa_type=Text)
    reserved_tag_after: str | None = Field(sa_type=Text)
    forwarding_number_before: str | None = Field(sa_type=Text)
    forwarding_number_after: str | None = Field(sa_type=Text)
    user_before: str | None = Field(sa_type=Text)
    user_after: str | None = Field(sa_type=Text)
    user_id_after: int | None = Field(sa_type=Identifier)


class _CountersRow(SQLModel):
    """Numbers by status, held by the organization itself and, together, by all organizations below it."""

    available: int
    reserved: int
    assigned: int
    registered: int
    below_available: int
    below_reserved: int
    below_assigned: int
    below_registered: int


class UtilizationRow(_CountersRow, table=True):
    """The counters of an organization, and its users who are invited and not registered."""

    __tablename__ = "utilization"

    organization_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="organizations.id")
    pending_invitations: int
    pending_without_number: int


class InventoryRow(_CountersRow, table=True):
    """The counters of an organization in one series."""

    __tablename__ = "inventory"
    __table_args__ = (Index("ix_inventory_series", "series_id"),)

    organization_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="organizations.id")
    series_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="series.id")


class AdministratorRow(SQLModel, table=True):
    """A person who calls this server, with a role at one organization."""

    __tablename__ = "administrators"
    __table_args__ = (
        UniqueConstraint("email_folded", name="uq_administrators_email"),
        Index("ix_administrators_organization", "organization_id"),
        NEVER_AGAIN,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    organization_id: int = Field(foreign_key="organizations.id", sa_type=Identifier)
    name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    email_folded: str = Field(sa_type=Ordered)
    role: str = Field(sa_type=Text)
    password_hash: str | None = Field(sa_type=Text)
    receives_alerts: bool
    last_sign_in_at: datetime | None = Field(sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    name_folded: str = Field(sa_type=Ordered, sa_column_kwargs=NOT_YET)


class PasswordLinkRow(SQLModel, table=True):
    """A link by which an administrator sets his password, once; its token is stored as its SHA-256 digest.

    `mail_id` is the mail that it went out with.
    """

    __tablename__ = "password_links"
    __table_args__ = (
        Index("ix_password_links_administrator", "administrator_id"),
        Index("ix_password_links_expiry", "expires_at"),
    )

    digest: str = Field(primary_key=True, sa_type=Ordered)
    administrator_id: int = Field(foreign_key="administrators.id", sa_type=Identifier)
    mail_id: int = Field(sa_type=Identifier)
    expires_at: datetime = Field(sa_type=Instant)


class AccessTokenRow(SQLModel, table=True):
    """What signIn hands out, stored as its SHA-256 digest."""

    __tablename__ = "access_tokens"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_access_tokens_digest"),
        Index("ix_access_tokens_administrator", "administrator_id"),
        Index("ix_access_tokens_expiry", "expires_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    administrator_id: int = Field(foreign_key="administrators.id", sa_type=Identifier)
    digest: str = Field(sa_type=Ordered)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class SignInAttemptRow(SQLModel, table=True):
    """A sign-in that was tried and has not succeeded, kept until it no longer counts against the address."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_email", "email_folded", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    email_folded: str = Field(sa_type=Ordered)
    at: datetime = Field(sa_type=Instant)


class ApiKeyRow(SQLModel, table=True):
    """A named secret of a program, stored as its SHA-256 digest."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_api_keys_digest"),
        Index("ix_api_keys_organization", "organization_id"),
        NEVER_AGAIN,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    organization_id: int = Field(foreign_key="organizations.id", sa_type=Identifier)
    name: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Ordered)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(sa_type=Instant)


class IdempotencyKeyRow(SQLModel, table=True):
    """The first answer to a mutation that carried a key, per caller."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created", "created_at"),)

    caller: str = Field(primary_key=True, sa_type=Ordered)
    key: str = Field(primary_key=True, sa_type=Ordered)
    fingerprint: str = Field(sa_type=Text)
    answer: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class OutboxRow(SQLModel, table=True):
    """A mail, written in the transaction that causes it and delivered afterwards.

    `facts` is what the mail is rendered from, as JSON; it is forgotten when the mail is sent. `recipients` and
    `outstanding` are JSON lists: everybody, and those who do not have it yet. `claimed_until` is when whoever delivers
    it now must have said so; `due_at` is when it is tried next, and `waiting_since` when it was posted or retried.
    No foreign keys: a mail outlives the organization and the user that it is about.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "due_at", postgresql_where=MAIL_WAITS, sqlite_where=MAIL_WAITS),
        Index("ix_outbox_organization", "organization_id", "id"),
        Index("ix_outbox_user", "user_id", "id", postgresql_where=_OF_A_USER, sqlite_where=_OF_A_USER),
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


class SecretRow(SQLModel, table=True):
    """A secret that the servers of a deployment share, made when nobody has set one."""

    __tablename__ = "secrets"

    name: str = Field(primary_key=True, sa_type=Ordered)
    value: str = Field(sa_type=Text)


class UsageRecordRow(SQLModel, table=True):
    """A sender's record of usage, with whom it belongs to: who held the number, and had it, at the record's time.

    The sender's id is unique under a root. No foreign keys: it outlives organizations, users and numbers.
    """

    __tablename__ = "usage_records"
    __table_args__ = (
        # In the order of the consumption report's groups, so that they are read and never sorted.
        Index("ix_usage_records_owner", "organization_id", "phone_number_id", "user_id", "at"),
    )

    root_id: int = Field(primary_key=True, sa_type=Identifier)
    record_id: str = Field(primary_key=True, sa_type=Ordered)
    phone_number_id: int = Field(sa_type=Identifier)
    organization_id: int = Field(sa_type=Identifier)
    user_id: int | None = Field(sa_type=Identifier)
    kind: int = Field(sa_type=SmallInteger)
    direction: int | None = Field(sa_type=SmallInteger)
    quantity: int = Field(sa_type=BigInteger)
    billable: bool
    at: datetime = Field(sa_type=Instant)


class _PeriodSumsRow(SQLModel):
    """Quantities of one figure (of `domain.usage.Figure`), of an organization and everything below it."""

    organization_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="organizations.id")
    figure: int = Field(primary_key=True, sa_type=SmallInteger)
    billable: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)


class QuarterSumsRow(_PeriodSumsRow, table=True):
    """The sums of a UTC quarter hour, from which the days of any zone can be told."""

    __tablename__ = "quarter_sums"

    quarter: int = Field(primary_key=True)


class DaySumsRow(_PeriodSumsRow, table=True):
    """The sums of a day in the organization's own time zone: what dashboards read."""

    __tablename__ = "day_sums"

    day: int = Field(primary_key=True)
