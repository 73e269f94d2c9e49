"""Append changes to counters instead of updating them at once, on PostgreSQL.

SQLite has the same view without rows: it has one writer, which updates the counters in the transaction that changes the
numbers.
"""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATUSES = ("available", "reserved", "assigned", "registered")
_COUNTS = ", ".join(
    f"CASE WHEN (ancestor.id = side.holder) = {own} AND side.status = {status} THEN side.count ELSE 0 END AS {name}"
    for own, prefix in (("true", ""), ("false", "below_"))
    for status, name in enumerate(f"{prefix}{name}" for name in _STATUSES)
)
_NAMES = (*_STATUSES, *(f"below_{name}" for name in _STATUSES))
_NO_COUNTS = ", ".join(f"0 AS {name}" for name in _NAMES)
_PENDING = ("pending_invitations", "pending_without_number")

# A delta names the holders only: the paths are those at the time of the query, which is also what the counters follow.
# In a restored copy of the database, the transactions may have lower numbers than the one in `folding`.
_POSTGRESQL_VIEW = f"""
CREATE VIEW unfolded_counters AS
WITH unfolded AS (
    SELECT * FROM counter_deltas
    WHERE xact >= (
        SELECT CASE WHEN xact <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN xact ELSE 0 END FROM folding
    )
)
SELECT ancestor.id AS organization_id, unfolded.series_id, {_COUNTS},
       0 AS pending_invitations, 0 AS pending_without_number
FROM unfolded
CROSS JOIN LATERAL (
    VALUES (organization_before, status_before, -count), (organization_after, status_after, count)
) AS side (holder, status, count)
JOIN organizations ON organizations.id = side.holder
CROSS JOIN LATERAL unnest(string_to_array(rtrim(organizations.path, '/'), '/')::bigint[]) AS ancestor (id)
WHERE side.status IS NOT NULL
UNION ALL
SELECT organization_id, NULL, {_NO_COUNTS}, pending_invitations, pending_without_number
FROM unfolded
WHERE organization_id IS NOT NULL
"""  # noqa: S608 - constants
_SQLITE_VIEW = (
    f"CREATE VIEW unfolded_counters AS SELECT 0 AS organization_id, 0 AS series_id, {_NO_COUNTS}, "
    "0 AS pending_invitations, 0 AS pending_without_number WHERE 0"
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "counter_deltas",
        sa.Column("xact", Identifier, autoincrement=False, nullable=False),
        sa.Column("id", Identifier, autoincrement=False, nullable=False),
        sa.Column("root_id", Identifier, nullable=False),
        sa.Column("series_id", Identifier, nullable=True),
        sa.Column("organization_before", Identifier, nullable=True),
        sa.Column("organization_after", Identifier, nullable=True),
        sa.Column("status_before", sa.SmallInteger(), nullable=True),
        sa.Column("status_after", sa.SmallInteger(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("organization_id", Identifier, nullable=True),
        sa.Column("pending_invitations", sa.Integer(), nullable=True),
        sa.Column("pending_without_number", sa.Integer(), nullable=True),
        sa.Column("threshold_before", sa.SmallInteger(), nullable=True),
        sa.Column("threshold_after", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("xact", "id"),
    )
    op.create_table(
        "folding",
        sa.Column("id", Identifier, autoincrement=False, nullable=False),
        sa.Column("xact", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO folding (id, xact) VALUES (1, 0)")
    op.execute(_POSTGRESQL_VIEW if postgresql else _SQLITE_VIEW)
    if postgresql:
        op.execute("CREATE SEQUENCE counter_delta_ids")
        # Rows live for a fraction of a second: vacuum by their number, not by the share of dead ones.
        op.execute(
            "ALTER TABLE counter_deltas SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)"
        )


def downgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT count(*) FROM counter_deltas")).scalar():
        raise RuntimeError("Changes to counters are not folded yet. Run `dialtree outbox` before the downgrade.")
    op.execute("DROP VIEW unfolded_counters")
    op.drop_table("folding")
    op.drop_table("counter_deltas")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE counter_delta_ids")
