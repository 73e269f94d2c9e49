"""Mail."""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant, Ordered

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("user_id", Identifier, nullable=True),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("outstanding", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("waiting_since", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    waiting, of_users = sa.text("state = 0"), sa.text("user_id IS NOT NULL")
    op.create_index("ix_outbox_due", "outbox", ["due_at"], postgresql_where=waiting, sqlite_where=waiting)
    op.create_index("ix_outbox_organization", "outbox", ["organization_id", "id"])
    op.create_index("ix_outbox_user", "outbox", ["user_id", "id"], postgresql_where=of_users, sqlite_where=of_users)
    op.create_table(
        "secrets",
        sa.Column("name", Ordered, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
