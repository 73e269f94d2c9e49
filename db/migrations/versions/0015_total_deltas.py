"""Append to the totals of usage and users instead of updating them at once, on PostgreSQL.

SQLite has the same view without rows.
"""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Ordered

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# In a restored copy of the database, the transactions may have lower numbers than the one in `folding`.
_POSTGRESQL_VIEW = """
CREATE VIEW unfolded_totals AS
SELECT organizations.id AS organization_id, figure, quarter, billable, total, organizations.time_zone
FROM total_deltas
CROSS JOIN LATERAL unnest(string_to_array(rtrim(total_deltas.path, '/'), '/')::bigint[]) AS ancestor (id)
JOIN organizations ON organizations.id = ancestor.id
WHERE total_deltas.xact >= (
    SELECT CASE WHEN totals_xact <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN totals_xact ELSE 0 END
    FROM folding
)
"""
_SQLITE_VIEW = (
    "CREATE VIEW unfolded_totals AS SELECT 0 AS organization_id, 0 AS figure, 0 AS quarter, 0 AS billable, "
    "0 AS total, '' AS time_zone WHERE 0"
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "total_deltas",
        sa.Column("xact", Identifier, autoincrement=False, nullable=False),
        sa.Column("id", Identifier, autoincrement=False, nullable=False),
        sa.Column("root_id", Identifier, nullable=False),
        sa.Column("path", Ordered, nullable=False),
        sa.Column("figure", sa.SmallInteger(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("billable", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("xact", "id"),
    )
    op.add_column("folding", sa.Column("totals_xact", Identifier, nullable=False, server_default=sa.text("0")))
    op.execute(_POSTGRESQL_VIEW if postgresql else _SQLITE_VIEW)
    if postgresql:
        # Rows live for a fraction of a second: vacuum by their number, not by the share of dead ones.
        op.execute(
            "ALTER TABLE total_deltas SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)"
        )


def downgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT count(*) FROM total_deltas")).scalar():
        raise RuntimeError("Changes to totals are not folded yet. Run `dialtree outbox` before the downgrade.")
    op.execute("DROP VIEW unfolded_totals")
    op.drop_table("total_deltas")
    with op.batch_alter_table("folding") as folding:
        folding.drop_column("totals_xact")
