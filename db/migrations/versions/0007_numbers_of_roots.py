"""Make numbers unique within their root, and give each root the history of its own numbers."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.core.types import Identifier, Instant, Ordered
from domain.texts import fold

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LIVE = "retired_at IS NULL"
TAGGED = f"{LIVE} AND tag_folded IS NOT NULL"
SORTED = {"status": LIVE, "tag_folded": TAGGED, "updated_at": LIVE}
"""The columns whose indexes now begin with the root, with the conditions of the indexes."""

INDEX_NAMES = {"status": "status", "tag_folded": "tag", "updated_at": "updated"}
OTHERS = (
    ("ix_phone_numbers_holding", ["organization_id", "series_id", "status", "number"], LIVE, False),
    ("ix_phone_numbers_organization", ["organization_id", "number"], None, False),
    ("ix_phone_numbers_series", ["series_id", "number"], LIVE, False),
    ("ix_phone_numbers_user", ["user_id"], "user_id IS NOT NULL", True),
)
"""The indexes that stay as they are, which SQLite loses with the old table."""

COLUMNS = (
    "id, number, series_id, organization_id, status, reserved_tag, tag_folded, forwarding_number, user_id, retired_at,"
    " available_since, updated_at, version"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _drop_sorted_indexes()
        op.drop_constraint("uq_phone_numbers_number", "phone_numbers")
        _add_root_on_postgresql()
        op.create_unique_constraint("uq_phone_numbers_root_number", "phone_numbers", ["root_id", "number"])
        _create_sorted_indexes("root_id")
        # Without statistics of the new column, plans would take it for selective.
        op.execute("ANALYZE phone_numbers")
    else:
        _rebuild_on_sqlite(with_root=True)
    for number_id, root_id in _crossings():
        _separate(number_id, root_id)


def downgrade() -> None:
    """Fails where two roots have the same number."""
    if op.get_bind().dialect.name == "postgresql":
        _drop_sorted_indexes()
        op.drop_constraint("uq_phone_numbers_root_number", "phone_numbers")
        op.drop_column("phone_numbers", "root_id")
        op.create_unique_constraint("uq_phone_numbers_number", "phone_numbers", ["number"])
        _create_sorted_indexes()
    else:
        _rebuild_on_sqlite(with_root=False)


def _drop_sorted_indexes() -> None:
    for column in SORTED:
        op.drop_index(f"ix_phone_numbers_{INDEX_NAMES[column]}", table_name="phone_numbers")


def _create_sorted_indexes(*first: str) -> None:
    for column, condition in SORTED.items():
        _create_index(f"ix_phone_numbers_{INDEX_NAMES[column]}", [*first, column, "number"], condition)


def _create_index(name: str, columns: list[str], condition: str | None, *, unique: bool = False) -> None:
    where = None if condition is None else sa.text(condition)
    op.create_index(name, "phone_numbers", columns, unique=unique, postgresql_where=where, sqlite_where=where)


def _add_root_on_postgresql() -> None:
    """Add the column. Its default, the root with the most numbers, spares their rows from being written again."""
    largest = (
        "SELECT s.root_id FROM phone_numbers n JOIN series s ON s.id = n.series_id"
        " GROUP BY s.root_id ORDER BY count(*) DESC LIMIT 1"
    )
    root_id = int(op.get_bind().scalar(sa.text(largest)) or 0)
    op.add_column("phone_numbers", sa.Column("root_id", Identifier, nullable=False, server_default=str(root_id)))
    op.alter_column("phone_numbers", "root_id", server_default=None)
    others = (
        "UPDATE phone_numbers SET root_id = series.root_id FROM series"
        " WHERE series.id = phone_numbers.series_id AND series.root_id <> :root_id"
    )
    op.get_bind().execute(sa.text(others), {"root_id": root_id})


def _rebuild_on_sqlite(*, with_root: bool) -> None:
    """SQLite can neither drop a constraint nor a column default, so the rows are copied into a new table."""
    triggers = op.get_bind().scalars(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'phone_numbers'")
    )
    definitions = list(triggers)
    unique = ("root_id", "number") if with_root else ("number",)
    op.create_table(
        "new_phone_numbers",
        sa.Column("id", Identifier, nullable=False),
        *([sa.Column("root_id", Identifier, nullable=False)] if with_root else []),
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
        sa.UniqueConstraint(*unique, name=f"uq_phone_numbers_{'root_' if with_root else ''}number"),
    )
    root = ", (SELECT root_id FROM series WHERE series.id = series_id)" if with_root else ""
    op.execute(
        f"INSERT INTO new_phone_numbers ({COLUMNS}{', root_id' if with_root else ''})"  # noqa: S608 - fixed texts
        f" SELECT {COLUMNS}{root} FROM phone_numbers"
    )
    op.drop_table("phone_numbers")
    op.rename_table("new_phone_numbers", "phone_numbers")
    _create_sorted_indexes(*(["root_id"] if with_root else []))
    for name, columns, condition, is_unique in OTHERS:
        _create_index(name, columns, condition, unique=is_unique)
    for definition in definitions:
        op.execute(definition)


def _crossings() -> Iterator[tuple[int, int]]:
    """Return the numbers that a root has retired and another has added again, with the former root.

    Until now both had one row and one history. Every event names its series, which tells the root.
    """
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT count(*) FROM organizations WHERE parent_id IS NULL")) < 2:  # noqa: PLR2004
        return iter(())
    rows = connection.execute(
        sa.text(
            "SELECT DISTINCT e.phone_number_id, s.root_id FROM number_events e"
            " JOIN series s ON s.id = e.series_id JOIN phone_numbers n ON n.id = e.phone_number_id"
            " WHERE s.root_id <> n.root_id ORDER BY 1, 2"
        )
    )
    return iter([(row[0], row[1]) for row in rows])


def _separate(number_id: int, root_id: int) -> None:
    """Give a root a retired number of its own with the events and the usage that were its."""
    connection = op.get_bind()
    versions = list(
        connection.scalars(
            sa.text(
                "SELECT version FROM number_events WHERE phone_number_id = :id"
                " AND series_id IN (SELECT id FROM series WHERE root_id = :root) ORDER BY version"
            ),
            {"id": number_id, "root": root_id},
        )
    )
    new_id = _insert_retired(number_id, root_id, version=versions[-1], count=len(versions))
    for new_version, version in enumerate(versions, 1):
        _move_event(number_id, version, to=(new_id, new_version))
    left = connection.scalars(
        sa.text("SELECT version FROM number_events WHERE phone_number_id = :id ORDER BY version"), {"id": number_id}
    )
    remaining = list(left)
    for new_version, version in enumerate(remaining, 1):
        _move_event(number_id, version, to=(number_id, new_version))
    connection.execute(
        sa.text("UPDATE phone_numbers SET version = :version WHERE id = :id"),
        {"version": len(remaining), "id": number_id},
    )
    connection.execute(
        sa.text("UPDATE usage_records SET phone_number_id = :new WHERE phone_number_id = :id AND root_id = :root"),
        {"new": new_id, "id": number_id, "root": root_id},
    )


def _move_event(number_id: int, version: int, *, to: tuple[int, int]) -> None:
    if to != (number_id, version):
        op.get_bind().execute(
            sa.text(
                "UPDATE number_events SET phone_number_id = :new_id, version = :new_version"
                " WHERE phone_number_id = :id AND version = :version"
            ),
            {"new_id": to[0], "new_version": to[1], "id": number_id, "version": version},
        )


def _insert_retired(number_id: int, root_id: int, *, version: int, count: int) -> int:
    """Insert the number as its last event in the root, the retirement, has left it."""
    connection = op.get_bind()
    number = connection.scalar(sa.text("SELECT number FROM phone_numbers WHERE id = :id"), {"id": number_id})
    event: Any = connection.execute(
        sa.text(
            "SELECT e.*, o.at FROM number_events e JOIN operations o ON o.id = e.operation_id"
            " WHERE e.phone_number_id = :id AND e.version = :version"
        ).columns(at=Instant()),
        {"id": number_id, "version": version},
    ).one()
    names = ("number", "root_id", "series_id", "organization_id", "status", "reserved_tag", "tag_folded", "version")
    numbers = sa.table(
        "phone_numbers",
        sa.column("id"),
        *map(sa.column, names),
        *(sa.column(name, Instant()) for name in ("retired_at", "updated_at")),
    )
    connection.execute(
        sa.insert(numbers).values(
            number=number,
            root_id=root_id,
            series_id=event.series_id,
            organization_id=_surviving(event.organization_before, root_id),
            status=event.status_before,
            reserved_tag=event.reserved_tag_after,
            tag_folded=None if event.reserved_tag_after is None else fold(event.reserved_tag_after),
            version=count,
            retired_at=event.at,
            updated_at=event.at,
        )
    )
    query = sa.text("SELECT id FROM phone_numbers WHERE root_id = :root AND number = :number")
    return int(connection.scalar(query, {"root": root_id, "number": number}) or 0)


def _surviving(organization_id: int, root_id: int) -> int:
    """Return the organization, or the one above it that took its numbers over when it was deleted."""
    connection = op.get_bind()
    former = sa.text("SELECT path FROM former_organizations WHERE id = :id")
    path = connection.scalar(former, {"id": organization_id}) or f"{organization_id}/"
    for part in reversed(path.split("/")[:-1]):
        if connection.scalar(sa.text("SELECT id FROM organizations WHERE id = :id"), {"id": int(part)}):
            return int(part)
    return root_id
