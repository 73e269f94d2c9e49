"""Usage: the records that came in, and their sums by quarter hour and by day."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, SmallInteger
from sqlmodel import Field, SQLModel

from db.core.types import Identifier, Instant, Ordered


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


class QuarterHourTotalRow(_PeriodSumsRow, table=True):
    """The sums of a UTC quarter hour, from which the days of any zone can be told."""

    __tablename__ = "quarter_sums"

    quarter: int = Field(primary_key=True)


class DailyTotalRow(_PeriodSumsRow, table=True):
    """The sums of a day in the organization's own time zone: what dashboards read."""

    __tablename__ = "day_sums"

    day: int = Field(primary_key=True)
