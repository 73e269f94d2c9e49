"""Generated secrets that all server processes of a deployment share."""

from __future__ import annotations

from sqlalchemy import Text, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import SecretRow, columns, table
from db.core.types import Ordered

_S = columns(SecretRow)
_NAME = bindparam("name", type_=Ordered)
# SQLite supports PostgreSQL's INSERT … ON CONFLICT, so one construct serves both.
_INSERT_IF_MISSING = Statement(
    insert(table(SecretRow)).values(name=_NAME, value=bindparam("value", type_=Text())).on_conflict_do_nothing()
)
_DELETE = Statement(delete(table(SecretRow)).where(_S.name == _NAME))
_READ = Statement(select(_S.value).where(_S.name == _NAME))


async def find(connection: DatabaseConnection, name: str) -> str | None:
    """The secret with a name, or None."""
    row = await connection.fetch_one(_READ, name=name)
    return row[0] if row else None


async def get_or_create(connection: DatabaseConnection, name: str, *, proposed: str) -> str:
    """The secret with a name, which is set to the proposed value if there is none."""
    await connection.execute(_INSERT_IF_MISSING, name=name, value=proposed)
    secret: str = await connection.value(_READ, name=name)
    return secret


async def replace(connection: DatabaseConnection, name: str, value: str) -> None:
    """Store a secret in place of the one with its name, if there is one."""
    await connection.execute(_DELETE, name=name)
    await connection.execute(_INSERT_IF_MISSING, name=name, value=value)
