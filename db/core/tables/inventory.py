"""Organizations, series, users and numbers."""

from datetime import datetime

from sqlalchemy import Computed, Index, SmallInteger, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import EMPTY_DEFAULT, NO_ID_REUSE, partial_index
from db.core.types import Identifier, Instant, Ordered

_LIVE = "retired_at IS NULL"
"""The condition of indexes without retired numbers."""


class OrganizationRow(SQLModel, table=True):
    """An organization; a root has no parent. Children of one parent differ in their folded names, roots may not.

    Without a `region` it has that of its parent.
    """

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("parent_id", "name", name="uq_organizations_parent_name"),
        Index("uq_organizations_parent_folded", "parent_id", "name_folded", unique=True),
        Index("ix_organizations_path", "path"),
        Index("ix_organizations_name", "name_folded", "id"),
        NO_ID_REUSE,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    parent_id: int | None = Field(foreign_key="organizations.id", sa_type=Identifier)
    path: str = Field(sa_type=Ordered)
    name: str = Field(sa_type=Ordered)
    name_folded: str = Field(sa_type=Ordered)
    time_zone: str = Field(sa_type=Text)
    region: str | None = Field(sa_type=Text)
    threshold_percent: int = Field(sa_type=SmallInteger)
    supplier_email: str | None = Field(sa_type=Text)
    supplier_telephone: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class FormerOrganizationRow(SQLModel, table=True):
    """The path of a deleted organization, which keeps its history visible to its former ancestors."""

    __tablename__ = "former_organizations"
    __table_args__ = (Index("ix_former_organizations_path", "path"),)

    id: int = Field(primary_key=True, sa_type=Identifier, sa_column_kwargs={"autoincrement": False})
    path: str = Field(sa_type=Ordered)


class SeriesRow(SQLModel, table=True):
    """A named block of numbers of one root; its folded name is unique there."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("root_id", "name", name="uq_series_root_name"),
        Index("uq_series_root_folded", "root_id", "name_folded", unique=True),
        NO_ID_REUSE,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    root_id: int = Field(foreign_key="organizations.id", sa_type=Identifier)
    name: str = Field(sa_type=Ordered)
    name_folded: str = Field(sa_type=Ordered)
    region: str | None = Field(sa_type=Text)


class UserRow(SQLModel, table=True):
    """A person who has, or is invited to, a line. The user's number refers to the user.

    `invitation_expires_at` is set while an invitation is open and expires. `invitation_digest` is that of the last link
    that was sent; it outlives the invitation, so that a late visitor learns that it has expired. `email_folded` is
    the key of the mailbox. `search_text` is the folded name, email address and key, separated by line feeds, which no
    search text can contain.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("organization_id", "email_folded", name="uq_users_organization_email"),
        Index("ix_users_name", "name_folded", "id"),
        Index("ix_users_email", "email_folded", "id"),
        Index("ix_users_invited", "invited_at", "id"),
        partial_index("ix_users_expiry", "invitation_expires_at", where="invitation_expires_at IS NOT NULL"),
        partial_index("uq_users_invitation", "invitation_digest", where="invitation_digest IS NOT NULL", unique=True),
        NO_ID_REUSE,
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
    name_folded: str = Field(sa_type=Ordered, sa_column_kwargs=EMPTY_DEFAULT)
    search_text: str = Field(sa_type=Ordered, sa_column_kwargs=EMPTY_DEFAULT)
    invitation_digest: str | None = Field(sa_type=Ordered)


class PhoneNumberRow(SQLModel, table=True):
    """An E.164 number, unique within its root. Retired numbers stay, with their history.

    `root_id` is the root of the series; the series has the foreign key. `version` counts the number's events.
    `search_text` is the number and the folded tag, separated by a line feed, which no search text can contain.
    """

    __tablename__ = "phone_numbers"
    __table_args__ = (
        UniqueConstraint("root_id", "number", name="uq_phone_numbers_root_number"),
        partial_index("ix_phone_numbers_status", "root_id", "status", "number", where=_LIVE),
        partial_index("ix_phone_numbers_holding", "organization_id", "series_id", "status", "number", where=_LIVE),
        # Includes retired numbers, which deleting an organization looks up.
        Index("ix_phone_numbers_organization", "organization_id", "number"),
        partial_index("ix_phone_numbers_series", "series_id", "number", where=_LIVE),
        partial_index(
            "ix_phone_numbers_tag", "root_id", "tag_folded", "number", where=f"{_LIVE} AND tag_folded IS NOT NULL"
        ),
        partial_index("ix_phone_numbers_updated", "root_id", "updated_at", "number", where=_LIVE),
        partial_index("ix_phone_numbers_user", "user_id", where="user_id IS NOT NULL", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    root_id: int = Field(sa_type=Identifier)
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
