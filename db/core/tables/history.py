"""History: operations, the organizations they affected, and an event for each number they changed."""

from datetime import datetime

from sqlalchemy import Index, SmallInteger, Text
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import NO_ID_REUSE, partial_index
from db.core.types import Identifier, Instant


class OperationRow(SQLModel, table=True):
    """A change: its action, time and actor, the organization acted from, and the number of changed numbers.

    `changes` holds the changed fields of an organization or a series as JSON, each with before and after. `xact` is
    the transaction, which PostgreSQL fills in; null on SQLite and in rows that are older than the column.
    """

    __tablename__ = "operations"
    __table_args__ = (partial_index("ix_operations_xact", "xact", where="xact IS NOT NULL"), NO_ID_REUSE)

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    action: int = Field(sa_type=SmallInteger)
    at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=Text)
    organization_id: int | None = Field(sa_type=Identifier)
    changed_count: int
    changes: str | None = Field(sa_type=Text)
    xact: int | None = Field(default=None, sa_type=Identifier)


class OperationOrganizationRow(SQLModel, table=True):
    """An operation in the activity of an organization that it affected."""

    __tablename__ = "operation_organizations"
    __table_args__ = (Index("ix_operation_organizations_operation", "operation_id"),)

    organization_id: int = Field(primary_key=True, sa_type=Identifier)
    operation_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="operations.id")


class NumberEventRow(SQLModel, table=True):
    """The change of one number by one operation: every value before and after.

    No foreign keys: an event outlives users and organizations, and bulk changes insert them by the hundred thousand.
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
