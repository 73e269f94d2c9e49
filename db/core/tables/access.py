"""Administrators and their credentials, API keys, limits, shared secrets and idempotency keys."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import EMPTY_DEFAULT, NO_ID_REUSE
from db.core.types import Identifier, Instant, Ordered


class AdministratorRow(SQLModel, table=True):
    """A person who uses the API, with a role at one organization."""

    __tablename__ = "administrators"
    __table_args__ = (
        UniqueConstraint("email_folded", name="uq_administrators_email"),
        Index("ix_administrators_organization", "organization_id"),
        NO_ID_REUSE,
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
    name_folded: str = Field(sa_type=Ordered, sa_column_kwargs=EMPTY_DEFAULT)


class PasswordLinkRow(SQLModel, table=True):
    """A link with which an administrator sets a password once; the SHA-256 digest of its token.

    `mail_id` is the mail that contains the link.
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
    """A session token, stored as its SHA-256 digest. A renewed token keeps the time of the sign-in."""

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
    signed_in_at: datetime = Field(sa_type=Instant)


class LimitCounterRow(SQLModel, table=True):
    """The uses of a limit by one subject during a window; the subject is a keyed hash of the limit and an address."""

    __tablename__ = "limit_counters"
    __table_args__ = (Index("ix_limit_counters_end", "ends_at"),)

    subject: str = Field(primary_key=True, sa_type=Ordered)
    total: int = Field(sa_type=BigInteger)
    ends_at: datetime = Field(sa_type=Instant)


class ApiKeyRow(SQLModel, table=True):
    """A named API key of a program, stored as its SHA-256 digest."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_api_keys_digest"),
        Index("ix_api_keys_organization", "organization_id"),
        NO_ID_REUSE,
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
    """The first answer to a mutation with an idempotency key, per caller."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created", "created_at"),)

    caller: str = Field(primary_key=True, sa_type=Ordered)
    key: str = Field(primary_key=True, sa_type=Ordered)
    fingerprint: str = Field(sa_type=Text)
    answer: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class SecretRow(SQLModel, table=True):
    """A secret shared by the servers of a deployment, generated unless one is configured."""

    __tablename__ = "secrets"

    name: str = Field(primary_key=True, sa_type=Ordered)
    value: str = Field(sa_type=Text)
