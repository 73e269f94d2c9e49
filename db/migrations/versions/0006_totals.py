"""Name the tables of usage totals after their periods."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RENAMED = {"quarter_sums": "quarter_hour_totals", "day_sums": "daily_totals"}


def upgrade() -> None:
    for old, new in RENAMED.items():
        _rename(old, new)


def downgrade() -> None:
    for old, new in RENAMED.items():
        _rename(new, old)


def _rename(old: str, new: str) -> None:
    op.rename_table(old, new)
    if op.get_bind().dialect.name == "postgresql":
        # PostgreSQL named the constraints after the table. SQLite's have no names.
        for constraint in ("pkey", "organization_id_fkey"):
            op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {old}_{constraint} TO {new}_{constraint}")
