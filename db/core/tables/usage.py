"""Usage records, their totals by quarter hour and by day, and what is to be added to these."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, SmallInteger
from sqlmodel import Field, SQLModel

from db.core.types import Identifier, Instant, Ordered


class UsageRecordRow(SQLModel, table=True):
    """A record of usage, with the organization and the user that had its number at its time.

    `record_id` is unique for its sender, the organization that the caller belongs to. `sender_id` 0 stands for the
    unknown sender of a record that was stored before senders were. No foreign keys: records outlive what they refer to.
    """

    __tablename__ = "usage_records"
    __table_args__ = (
        # In the order of the consumption report's groups, so that the report needs no sort.
        Index("ix_usage_records_owner", "organization_id", "phone_number_id", "user_id", "at"),
    )

    root_id: int = Field(primary_key=True, sa_type=Identifier)
    sender_id: int = Field(primary_key=True, sa_type=Identifier)
    record_id: str = Field(primary_key=True, sa_type=Ordered)
    phone_number_id: int = Field(sa_type=Identifier)
    organization_id: int = Field(sa_type=Identifier)
    user_id: int | None = Field(sa_type=Identifier)
    kind: int = Field(sa_type=SmallInteger)
    direction: int | None = Field(sa_type=SmallInteger)
    quantity: int = Field(sa_type=BigInteger)
    billable: bool
    at: datetime = Field(sa_type=Instant)


class _PeriodTotalsRow(SQLModel):
    """Quantities of one `domain.usage.Figure`, of an organization and all its descendants."""

    organization_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="organizations.id")
    figure: int = Field(primary_key=True, sa_type=SmallInteger)
    billable: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)


class QuarterHourTotalRow(_PeriodTotalsRow, table=True):
    """The totals of a UTC quarter hour, from which the days of any time zone can be computed."""

    __tablename__ = "quarter_hour_totals"

    quarter: int = Field(primary_key=True)


class DailyTotalRow(_PeriodTotalsRow, table=True):
    """The totals of a day in the organization's time zone, which dashboards read."""

    __tablename__ = "daily_totals"

    day: int = Field(primary_key=True)


class TotalDeltaRow(SQLModel, table=True):
    """What to add to the totals of the organization with a path and of those above it. Only PostgreSQL has any.

    `id` and `xact` are like those of `CounterDeltaRow`. Moving an organization folds first, so the path stays valid.
    """

    __tablename__ = "total_deltas"

    xact: int = Field(primary_key=True, sa_type=Identifier, sa_column_kwargs={"autoincrement": False})
    id: int = Field(primary_key=True, sa_type=Identifier, sa_column_kwargs={"autoincrement": False})
    root_id: int = Field(sa_type=Identifier)
    path: str = Field(sa_type=Ordered)
    figure: int = Field(sa_type=SmallInteger)
    quarter: int = Field(sa_type=Integer)
    billable: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
