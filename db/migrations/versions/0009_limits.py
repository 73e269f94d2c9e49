"""Counters of limits instead of sign-in attempts, and when the session of a token began."""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant, Ordered

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_sign_in_attempts_email", table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.create_table(
        "limit_counters",
        sa.Column("subject", Ordered, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("ix_limit_counters_end", "limit_counters", ["ends_at"], unique=False)
    op.add_column("access_tokens", sa.Column("signed_in_at", Instant(), nullable=True))
    op.execute("UPDATE access_tokens SET signed_in_at = created_at")
    with op.batch_alter_table("access_tokens") as tokens:
        tokens.alter_column("signed_in_at", existing_type=Instant(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("access_tokens") as tokens:
        tokens.drop_column("signed_in_at")
    op.drop_index("ix_limit_counters_end", table_name="limit_counters")
    op.drop_table("limit_counters")
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("email_folded", Ordered, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sign_in_attempts_email", "sign_in_attempts", ["email_folded", "at"], unique=False)
