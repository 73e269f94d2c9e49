"""The index for texts takes in what was written a few hundred rows at a time."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PENDING_KILOBYTES = 256
"""How long the list of what is not in the index yet may grow: a search goes through it."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER INDEX IF EXISTS ix_phone_numbers_search"
            f" SET (fastupdate = on, gin_pending_list_limit = {PENDING_KILOBYTES})"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX IF EXISTS ix_phone_numbers_search SET (fastupdate = off)")
        op.execute("ALTER INDEX IF EXISTS ix_phone_numbers_search RESET (gin_pending_list_limit)")
