"""Let two roots have the same name."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ROOTS = sa.text("parent_id IS NULL")
_INDEXES = {"uq_organizations_root_name": "name", "uq_organizations_root_folded": "name_folded"}


def upgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="organizations")


def downgrade() -> None:
    shared = op.get_bind().scalar(
        sa.text(
            "SELECT min(name) FROM organizations WHERE parent_id IS NULL GROUP BY name_folded HAVING count(*) > 1 LIMIT 1"
        )
    )
    if shared is not None:
        raise RuntimeError(f"Several roots have the name {shared!r}. Rename all but one before the downgrade.")
    for name, column in _INDEXES.items():
        op.create_index(name, "organizations", [column], unique=True, postgresql_where=_ROOTS, sqlite_where=_ROOTS)
