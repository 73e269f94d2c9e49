"""Who may call, and what they were answered: administrators and what lets them in, keys of programs, kept answers."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import NEVER_AGAIN, NOT_YET
from db.core.types import Identifier, Instant, Ordered


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


class SecretRow(SQLModel, table=True):
    """A secret that the servers of a deployment share, made when nobody has set one."""

    __tablename__ = "secrets"

    name: str = Field(primary_key=True, sa_type=Ordered)
    value: str = Field(sa_type=Text)
