"""Usage and its roll-ups."""

import sqlalchemy as sa
from alembic import op

from db.types import Identifier, Instant, Ordered

revision = "0004"
down_revision = "0002"
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


def downgrade() -> None:
    op.drop_table("day_sums")
    op.drop_table("quarter_sums")
    op.drop_index("ix_usage_records_owner", table_name="usage_records")
    op.drop_table("usage_records")
