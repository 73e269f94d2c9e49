"""Usage and its roll-ups."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant, Ordered
from domain.calendar import local_day, quarter_of

IN_USE, ACTIVATIONS, REGISTERED = 3, 3, 4

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_records",
        sa.Column("root_id", Identifier, nullable=False),
        sa.Column("record_id", Ordered, nullable=False),
        sa.Column("phone_number_id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("user_id", Identifier, nullable=True),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("direction", sa.SmallInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("root_id", "record_id"),
    )
    op.create_index(
        "ix_usage_records_owner",
        "usage_records",
        ["organization_id", "phone_number_id", "user_id", "at"],
        unique=False,
    )
    for table, period in (("quarter_sums", "quarter"), ("day_sums", "day")):
        op.create_table(
            table,
            sa.Column("organization_id", Identifier, nullable=False),
            sa.Column("figure", sa.SmallInteger(), nullable=False),
            sa.Column(period, sa.Integer(), nullable=False),
            sa.Column("billable", sa.BigInteger(), nullable=False),
            sa.Column("total", sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
            sa.PrimaryKeyConstraint("organization_id", "figure", period),
        )
    _sum_up_users()


def _sum_up_users() -> None:
    """Tell from the events when the users who are there came, and those who were there came and went."""
    connection = op.get_bind()
    organizations = sa.table("organizations", sa.column("id"), sa.column("path"), sa.column("time_zone"))
    former = sa.table("former_organizations", sa.column("id"), sa.column("path"))
    zones, paths = {}, {row.id: row.path for row in connection.execute(sa.select(former.c.id, former.c.path))}
    for row in connection.execute(sa.select(organizations)):
        zones[row.id], paths[row.id] = row.time_zone, row.path
    sums: dict[tuple[str, int, int, int], int] = defaultdict(int)
    for organization_id, figure, at, count in _changes(connection):
        quarter = quarter_of(at)
        for id_ in (int(part) for part in paths[organization_id].split("/")[:-1]):
            if id_ in zones:
                sums["quarter", id_, figure, quarter] += count
                sums["day", id_, figure, local_day(zones[id_], quarter)] += count
    names = ("organization_id", "figure", "billable", "total")
    for period in ("quarter", "day"):
        target = sa.table(f"{period}_sums", *map(sa.column, (*names, period)))
        rows = [
            dict(zip((*names, period), (id_, figure, total, total, number), strict=True))
            for (of, id_, figure, number), total in sums.items()
            if of == period and total
        ]
        op.bulk_insert(target, rows)


def _changes(connection: sa.Connection) -> Iterator[tuple[int, int, datetime, int]]:
    """Organization, figure, moment and how many more, or fewer."""
    names = ("organization_before", "organization_after", "status_before", "status_after")
    before, after, was, becomes = (sa.column(name, sa.Integer()) for name in names)
    events = sa.table("number_events", before, after, was, becomes, sa.column("operation_id"))
    operations = sa.table("operations", sa.column("id"), sa.column("at", Instant()))
    group = (before, after, was, becomes, operations.c.at)
    query = (
        sa.select(*group, sa.func.count())
        .join(operations, operations.c.id == events.c.operation_id)
        .where(sa.or_(was == IN_USE, becomes == IN_USE))
        .group_by(*group)
    )
    for left, entered, old, new, at, count in connection.execute(query):
        if old == IN_USE:
            yield left, REGISTERED, at, -count
        if new == IN_USE:
            yield entered, REGISTERED, at, count
            if old != IN_USE:
                yield entered, ACTIVATIONS, at, count


def downgrade() -> None:
    op.drop_table("day_sums")
    op.drop_table("quarter_sums")
    op.drop_index("ix_usage_records_owner", table_name="usage_records")
    op.drop_table("usage_records")
