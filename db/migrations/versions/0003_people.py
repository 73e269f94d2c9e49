"""People: what users are listed and searched by, their invitations, and the links that set passwords."""

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant, Ordered
from domain.texts import fold

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    blank = sa.text("''")
    op.add_column("users", sa.Column("name_folded", Ordered, server_default=blank, nullable=False))
    op.add_column("users", sa.Column("search_text", Ordered, server_default=blank, nullable=False))
    op.add_column("users", sa.Column("invitation_digest", Ordered, nullable=True))
    op.add_column("administrators", sa.Column("name_folded", Ordered, server_default=blank, nullable=False))
    _fill_users()
    _fill_administrators()
    op.create_index("ix_users_name", "users", ["name_folded", "id"])
    op.create_index("ix_users_email", "users", ["email_folded", "id"])
    op.create_index("ix_users_invited", "users", ["invited_at", "id"])
    running, linked = sa.text("invitation_expires_at IS NOT NULL"), sa.text("invitation_digest IS NOT NULL")
    op.create_index(
        "ix_users_expiry", "users", ["invitation_expires_at"], postgresql_where=running, sqlite_where=running
    )
    op.create_index(
        "uq_users_invitation",
        "users",
        ["invitation_digest"],
        unique=True,
        postgresql_where=linked,
        sqlite_where=linked,
    )
    op.create_table(
        "password_links",
        sa.Column("digest", Ordered, nullable=False),
        sa.Column("administrator_id", Identifier, nullable=False),
        sa.Column("mail_id", Identifier, nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["administrator_id"], ["administrators.id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_password_links_administrator", "password_links", ["administrator_id"])
    op.create_index("ix_password_links_expiry", "password_links", ["expires_at"])


def _fill_users() -> None:
    users = sa.table(
        "users",
        *(sa.column(name) for name in ("id", "first_name", "last_name", "email", "name_folded", "search_text")),
    )
    update = sa.update(users).where(users.c.id == sa.bindparam("key"))
    connection = op.get_bind()
    rows = connection.execute(sa.select(users.c.id, users.c.first_name, users.c.last_name, users.c.email)).all()
    if rows:
        connection.execute(
            update.values(name_folded=sa.bindparam("name"), search_text=sa.bindparam("text")),
            [
                {"key": id_, "name": fold(f"{last}\n{first}"), "text": fold(f"{first} {last}\n{email}")}
                for id_, first, last, email in rows
            ],
        )


def _fill_administrators() -> None:
    administrators = sa.table("administrators", *(sa.column(name) for name in ("id", "name", "name_folded")))
    connection = op.get_bind()
    for id_, name in connection.execute(sa.select(administrators.c.id, administrators.c.name)).all():
        connection.execute(sa.update(administrators).where(administrators.c.id == id_).values(name_folded=fold(name)))
