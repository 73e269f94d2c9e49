"""Make the ids of usage records unique for their sender. The senders of existing records are unknown."""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant, Ordered

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNKNOWN_SENDER = 0
COLUMNS = "root_id, record_id, phone_number_id, organization_id, user_id, kind, direction, quantity, billable, at"
KEY = ("root_id", "sender_id", "record_id")
OLD_KEY = ("root_id", "record_id")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # A constant default is not written into the rows, so even a large table is not rewritten.
        op.add_column(
            "usage_records",
            sa.Column("sender_id", Identifier, nullable=False, server_default=str(UNKNOWN_SENDER)),
        )
        op.alter_column("usage_records", "sender_id", server_default=None)
        op.drop_constraint("usage_records_pkey", "usage_records")
        op.create_primary_key("usage_records_pkey", "usage_records", list(KEY))
        op.execute("ANALYZE usage_records")
    else:
        _rebuild_on_sqlite(KEY)


def downgrade() -> None:
    """Fails where two senders of a root have used the same id."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("usage_records_pkey", "usage_records")
        op.drop_column("usage_records", "sender_id")
        op.create_primary_key("usage_records_pkey", "usage_records", list(OLD_KEY))
    else:
        _rebuild_on_sqlite(OLD_KEY)


def _rebuild_on_sqlite(key: tuple[str, ...]) -> None:
    """SQLite cannot change a primary key, so the rows are copied into a new table."""
    has_sender = "sender_id" in key
    op.create_table(
        "new_usage_records",
        sa.Column("root_id", Identifier, nullable=False),
        *([sa.Column("sender_id", Identifier, nullable=False)] if has_sender else []),
        sa.Column("record_id", Ordered, nullable=False),
        sa.Column("phone_number_id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("user_id", Identifier, nullable=True),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("direction", sa.SmallInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint(*key),
    )
    columns, values = (f"{COLUMNS}, sender_id", f"{COLUMNS}, {UNKNOWN_SENDER}") if has_sender else (COLUMNS, COLUMNS)
    op.execute(f"INSERT INTO new_usage_records ({columns}) SELECT {values} FROM usage_records")  # noqa: S608 - fixed texts
    op.drop_table("usage_records")
    op.rename_table("new_usage_records", "usage_records")
    op.create_index(
        "ix_usage_records_owner", "usage_records", ["organization_id", "phone_number_id", "user_id", "at"], unique=False
    )
