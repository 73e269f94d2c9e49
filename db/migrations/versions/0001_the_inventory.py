"""The inventory."""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant, Ordered

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_organizations",
        sa.Column("id", Identifier, autoincrement=False, nullable=False),
        sa.Column("path", Ordered, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_former_organizations_path", "former_organizations", ["path"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", Ordered, nullable=False),
        sa.Column("key", Ordered, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key"),
    )
    op.create_index("ix_idempotency_keys_created", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "number_events",
        sa.Column("phone_number_id", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("operation_id", Identifier, nullable=False),
        sa.Column("series_id", Identifier, nullable=False),
        sa.Column("organization_before", Identifier, nullable=True),
        sa.Column("organization_after", Identifier, nullable=True),
        sa.Column("status_before", sa.SmallInteger(), nullable=True),
        sa.Column("status_after", sa.SmallInteger(), nullable=True),
        sa.Column("reserved_tag_before", sa.Text(), nullable=True),
        sa.Column("reserved_tag_after", sa.Text(), nullable=True),
        sa.Column("forwarding_number_before", sa.Text(), nullable=True),
        sa.Column("forwarding_number_after", sa.Text(), nullable=True),
        sa.Column("user_before", sa.Text(), nullable=True),
        sa.Column("user_after", sa.Text(), nullable=True),
        sa.Column("user_id_after", Identifier, nullable=True),
        sa.PrimaryKeyConstraint("phone_number_id", "version"),
    )
    op.create_index("ix_number_events_operation", "number_events", ["operation_id", "phone_number_id"], unique=False)
    op.create_table(
        "operations",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("action", sa.SmallInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("organization_id", Identifier, nullable=True),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "organizations",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("parent_id", Identifier, nullable=True),
        sa.Column("path", Ordered, nullable=False),
        sa.Column("name", Ordered, nullable=False),
        sa.Column("name_folded", Ordered, nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("threshold_percent", sa.SmallInteger(), nullable=False),
        sa.Column("supplier_email", sa.Text(), nullable=True),
        sa.Column("supplier_telephone", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["organizations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("parent_id", "name", name="uq_organizations_parent_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_organizations_name", "organizations", ["name_folded", "id"], unique=False)
    op.create_index("ix_organizations_path", "organizations", ["path"], unique=False)
    op.create_index(
        "uq_organizations_root_name",
        "organizations",
        ["name"],
        unique=True,
        postgresql_where=sa.text("parent_id IS NULL"),
        sqlite_where=sa.text("parent_id IS NULL"),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("email_folded", Ordered, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sign_in_attempts_email", "sign_in_attempts", ["email_folded", "at"], unique=False)
    op.create_table(
        "administrators",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_folded", Ordered, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("receives_alerts", sa.Boolean(), nullable=False),
        sa.Column("last_sign_in_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email_folded", name="uq_administrators_email"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_administrators_organization", "administrators", ["organization_id"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("digest", Ordered, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_keys_organization", "api_keys", ["organization_id"], unique=False)
    op.create_table(
        "operation_organizations",
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("operation_id", Identifier, nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"]),
        sa.PrimaryKeyConstraint("organization_id", "operation_id"),
    )
    op.create_index("ix_operation_organizations_operation", "operation_organizations", ["operation_id"], unique=False)
    op.create_table(
        "series",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("root_id", Identifier, nullable=False),
        sa.Column("name", Ordered, nullable=False),
        sa.Column("name_folded", Ordered, nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["root_id"], ["organizations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("root_id", "name", name="uq_series_root_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_folded", Ordered, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("invited_at", Instant(), nullable=True),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.Column("invitation_expires_at", Instant(), nullable=True),
        sa.Column("invitation_error", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "email_folded", name="uq_users_organization_email"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "utilization",
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("below_available", sa.Integer(), nullable=False),
        sa.Column("below_reserved", sa.Integer(), nullable=False),
        sa.Column("below_assigned", sa.Integer(), nullable=False),
        sa.Column("below_registered", sa.Integer(), nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("pending_invitations", sa.Integer(), nullable=False),
        sa.Column("pending_without_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        sa.PrimaryKeyConstraint("organization_id"),
    )
    op.create_table(
        "access_tokens",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("administrator_id", Identifier, nullable=False),
        sa.Column("digest", Ordered, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["administrator_id"], ["administrators.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="uq_access_tokens_digest"),
    )
    op.create_index("ix_access_tokens_administrator", "access_tokens", ["administrator_id"], unique=False)
    op.create_index("ix_access_tokens_expiry", "access_tokens", ["expires_at"], unique=False)
    op.create_table(
        "inventory",
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("below_available", sa.Integer(), nullable=False),
        sa.Column("below_reserved", sa.Integer(), nullable=False),
        sa.Column("below_assigned", sa.Integer(), nullable=False),
        sa.Column("below_registered", sa.Integer(), nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("series_id", Identifier, nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"]),
        sa.PrimaryKeyConstraint("organization_id", "series_id"),
    )
    op.create_index("ix_inventory_series", "inventory", ["series_id"], unique=False)
    op.create_table(
        "phone_numbers",
        sa.Column("id", Identifier, nullable=False),
        sa.Column("number", Ordered, nullable=False),
        sa.Column("series_id", Identifier, nullable=False),
        sa.Column("organization_id", Identifier, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("reserved_tag", sa.Text(), nullable=True),
        sa.Column("tag_folded", Ordered, nullable=True),
        sa.Column("forwarding_number", sa.Text(), nullable=True),
        sa.Column("user_id", Identifier, nullable=True),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.Column("available_since", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "search_text",
            Ordered,
            sa.Computed("number || '\n' || coalesce(tag_folded, '')", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_phone_numbers_number"),
    )
    op.create_index(
        "ix_phone_numbers_holding",
        "phone_numbers",
        ["organization_id", "series_id", "status", "number"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    )
    op.create_index("ix_phone_numbers_organization", "phone_numbers", ["organization_id", "number"], unique=False)
    op.create_index(
        "ix_phone_numbers_series",
        "phone_numbers",
        ["series_id", "number"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "ix_phone_numbers_status",
        "phone_numbers",
        ["status", "number"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "ix_phone_numbers_tag",
        "phone_numbers",
        ["tag_folded", "number"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL AND tag_folded IS NOT NULL"),
        sqlite_where=sa.text("retired_at IS NULL AND tag_folded IS NOT NULL"),
    )
    op.create_index(
        "ix_phone_numbers_updated",
        "phone_numbers",
        ["updated_at", "number"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "ix_phone_numbers_user",
        "phone_numbers",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("user_id IS NOT NULL"),
        sqlite_where=sa.text("user_id IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _search_on_postgresql()
    else:
        _search_on_sqlite()


def _search_on_postgresql() -> None:
    """A trigram index; where the server has no pg_trgm, search does without and is slower."""
    found = sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
    if not op.get_bind().scalar(found):
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    # With fastupdate, searches crawl through the pending list between vacuums.
    op.execute(
        "CREATE INDEX ix_phone_numbers_search ON phone_numbers"
        " USING gin (search_text gin_trgm_ops) WITH (fastupdate = off) WHERE retired_at IS NULL"
    )


def _search_on_sqlite() -> None:
    """A trigram index in a virtual table beside the numbers, kept by triggers."""
    op.execute(
        "CREATE VIRTUAL TABLE phone_number_search USING fts5("
        "search_text, content='phone_numbers', content_rowid='id', tokenize='trigram case_sensitive 1')"
    )
    remove = (
        "INSERT INTO phone_number_search (phone_number_search, rowid, search_text)"
        " VALUES ('delete', old.id, old.search_text);"
    )
    add = "INSERT INTO phone_number_search (rowid, search_text) VALUES (new.id, new.search_text);"
    op.execute(f"CREATE TRIGGER phone_numbers_added AFTER INSERT ON phone_numbers BEGIN {add} END")
    op.execute(f"CREATE TRIGGER phone_numbers_deleted AFTER DELETE ON phone_numbers BEGIN {remove} END")
    op.execute(
        "CREATE TRIGGER phone_numbers_changed AFTER UPDATE OF number, tag_folded ON phone_numbers"
        f" WHEN old.search_text IS NOT new.search_text BEGIN {remove} {add} END"
    )


def downgrade() -> None:
    """There is nothing before the first tables."""
    raise NotImplementedError
