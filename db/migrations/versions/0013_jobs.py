"""Jobs and uploads."""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("root_id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("command", sa.Text(), nullable=True),
        sa.Column("upload_id", Identifier, nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", Identifier, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("operation_id", Identifier, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("errors", sa.Text(), nullable=True),
        sa.Column("outcomes", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    is_open, is_finished = sa.text("state < 2"), sa.text("finished_at IS NOT NULL")
    op.create_index("ix_jobs_due", "jobs", ["due_at"], postgresql_where=is_open, sqlite_where=is_open)
    op.create_index("ix_jobs_root", "jobs", ["root_id", "id"])
    op.create_index("ix_jobs_finished", "jobs", ["finished_at"], postgresql_where=is_finished, sqlite_where=is_finished)
    op.create_table(
        "job_signals",
        sa.Column("job_id", Identifier, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("reported_at", Instant(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "created_at"),
    )
    op.create_table(
        "uploads",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("size", Identifier, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])
    op.create_table(
        "upload_chunks",
        sa.Column("upload_id", Identifier, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"]),
        sa.PrimaryKeyConstraint("upload_id", "position"),
    )


def downgrade() -> None:
    for table in ("upload_chunks", "uploads", "job_signals", "jobs"):
        op.drop_table(table)
