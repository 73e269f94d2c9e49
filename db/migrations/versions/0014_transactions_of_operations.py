"""The transaction of each operation, on PostgreSQL: subscriptions read operations in the order of their commits.

Existing operations keep null: no cursor is older than this column. Servers of the former release need not know it, as
the default fills it in.
"""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEX = "ix_operations_xact"
_KNOWN = sa.text("xact IS NOT NULL")


def upgrade() -> None:
    op.add_column("operations", sa.Column("xact", Identifier, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        # Separate from ADD COLUMN, which would rewrite all rows with this transaction.
        op.execute("ALTER TABLE operations ALTER COLUMN xact SET DEFAULT pg_current_xact_id()::text::bigint")
    op.create_index(_INDEX, "operations", ["xact"], postgresql_where=_KNOWN, sqlite_where=_KNOWN)


def downgrade() -> None:
    op.drop_index(_INDEX, "operations")
    with op.batch_alter_table("operations") as operations:
        operations.drop_column("xact")
