"""Shared parts of table definitions, and access to tables and columns for statements."""

from typing import Any

from sqlalchemy import Column, Index, Table, text
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlmodel import SQLModel

NO_ID_REUSE = {"sqlite_autoincrement": True}
"""Table options that keep SQLite from reusing ids: histories outlive the rows they refer to."""

ZERO_DEFAULT = {"server_default": text("0")}
EMPTY_DEFAULT = {"server_default": text("''")}
"""Column options for columns added by a migration: their value in old rows until the migration fills them."""


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over the rows that match a condition."""
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


def table(row: type[SQLModel]) -> Table:
    """Return the Core table of a row class."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def columns(row: type[SQLModel]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """Return the Core columns of a row class, whose attributes have plain Python types for type checkers."""
    return table(row).c
