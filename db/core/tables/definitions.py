"""What the definitions of tables share, and how statements get at their columns."""

from typing import Any

from sqlalchemy import Column, Index, Table, text
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlmodel import SQLModel

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""An id is never given twice: histories and idempotency records outlive the rows that they name."""

NOT_YET = {"server_default": text("''")}
"""Of a column that came later: what stands in old rows until the migration has filled it."""


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some of the rows."""
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


def table(row: type[SQLModel]) -> Table:
    """The Core table of a row class: what a statement inserts into, updates, deletes from or joins."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def columns(row: type[SQLModel]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """The Core columns of a row class, whose own attributes a type checker takes for plain Python values."""
    return table(row).c
