"""The utilization counters, and on PostgreSQL the changes that have not been added to them yet."""

from sqlalchemy import Index, Integer, SmallInteger
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import ZERO_DEFAULT
from db.core.types import Identifier


class _CountersRow(SQLModel):
    """How many numbers by status the organization itself holds, and all its descendants together."""

    available: int
    reserved: int
    assigned: int
    registered: int
    below_available: int
    below_reserved: int
    below_assigned: int
    below_registered: int


class UtilizationRow(_CountersRow, table=True):
    """The counters of an organization, and of its pending invitations."""

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


class CounterDeltaRow(SQLModel, table=True):
    """A change to counters that is not folded yet, that is, not added to them. Only PostgreSQL has any.

    Numbers went from one holder and status to another, or the pending invitations of `organization_id` became more or
    fewer, or its threshold was changed. `id` orders the changes to one number as they happened; `xact` is the
    transaction, so that what an old snapshot keeps alive can be skipped.
    """

    __tablename__ = "counter_deltas"

    xact: int = Field(primary_key=True, sa_type=Identifier, sa_column_kwargs={"autoincrement": False})
    id: int = Field(primary_key=True, sa_type=Identifier, sa_column_kwargs={"autoincrement": False})
    root_id: int = Field(sa_type=Identifier)
    series_id: int | None = Field(sa_type=Identifier)
    organization_before: int | None = Field(sa_type=Identifier)
    organization_after: int | None = Field(sa_type=Identifier)
    status_before: int | None = Field(sa_type=SmallInteger)
    status_after: int | None = Field(sa_type=SmallInteger)
    count: int | None = Field(sa_type=Integer)
    organization_id: int | None = Field(sa_type=Identifier)
    pending_invitations: int | None = Field(sa_type=Integer)
    pending_without_number: int | None = Field(sa_type=Integer)
    threshold_before: int | None = Field(sa_type=SmallInteger)
    threshold_after: int | None = Field(sa_type=SmallInteger)


class FoldingRow(SQLModel, table=True):
    """The single row that tells before which transaction all deltas of counters and of totals are folded."""

    __tablename__ = "folding"

    id: int = Field(primary_key=True, sa_type=Identifier, sa_column_kwargs={"autoincrement": False})
    xact: int = Field(sa_type=Identifier)
    totals_xact: int = Field(sa_type=Identifier, sa_column_kwargs=ZERO_DEFAULT)
