"""Every row of every table, so that a test can say that nothing was written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from db.core import tables
from db.core.database import Database
from db.core.statements import Row, Statement
from tests.support.server import Server

Contents = dict[str, list[Row]]

VOLATILE = {
    ("api_keys", "last_used_at"),
    ("counter_deltas", "xact"),
    ("counter_deltas", "id"),
    ("folding", "xact"),
    ("folding", "totals_xact"),
    ("operations", "xact"),
    ("total_deltas", "xact"),
    ("total_deltas", "id"),
}
"""Noted beside the request, whatever became of it, or given by the database server."""

assert tables.OrganizationRow.metadata is SQLModel.metadata


def _statement(table: Any) -> Statement:
    columns = [column for column in table.columns if (table.name, column.name) not in VOLATILE]
    return Statement(select(*columns).order_by(*table.primary_key.columns))


_STATEMENTS = {table.name: _statement(table) for table in SQLModel.metadata.sorted_tables}


async def all_rows(database: Database) -> Contents:
    """All rows by table, in the order of their keys."""
    return {name: [tuple(row) for row in await database.fetch(statement)] for name, statement in _STATEMENTS.items()}


def contents(server: Server) -> Contents:
    """All rows of a server's database."""
    return server.run(all_rows(server.database))


def dump(server: Server) -> Contents:
    """All rows of a server's database, with all changes in its counters."""
    server.fold()
    return contents(server)
