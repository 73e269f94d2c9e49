"""Puts a database back to the rows that it had, by writing only those that are different."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, delete, func, insert, select, text, update
from sqlalchemy.sql.expression import column, literal_column, table
from sqlmodel import SQLModel

from db.core.database import Database, DatabaseConnection
from db.core.statements import Row, Statement
from tests.support.database_dump import VOLATILE, all_rows

Rows = dict[str, list[Row]]

_TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}

_SQLITE_SEQUENCES = table("sqlite_sequence", column("name", Text()), column("seq", BigInteger()))
_SEQUENCES = {
    "sqlite": (
        Statement(select(_SQLITE_SEQUENCES.c.name, _SQLITE_SEQUENCES.c.seq)),
        Statement(
            update(_SQLITE_SEQUENCES)
            .where(_SQLITE_SEQUENCES.c.name == bindparam("sequence"))
            .values(seq=bindparam("last", type_=BigInteger()))
        ),
    ),
    "postgresql": (
        Statement(
            select(literal_column("sequencename"), literal_column("last_value"))
            .select_from(table("pg_sequences"))
            .where(literal_column("last_value").is_not(None))
        ),
        Statement(
            select(func.setval(bindparam("sequence", type_=Text()), bindparam("last", type_=BigInteger()))),
        ),
    ),
}
"""How the last ids that were given are read and set."""

_IN_ANY_ORDER = {
    "sqlite": Statement(text("PRAGMA defer_foreign_keys = ON")),
    "postgresql": Statement(text("SET LOCAL session_replication_role = replica")),
}
"""Until the transaction ends, rows may point to rows that are not there yet, or no more."""


_OWNED = {"phone_numbers": "user_id"}
"""Columns with a value that two rows may not have at once: while rows are put back, one may still have another's."""


class Moment:
    """What a database held at one moment."""

    def __init__(self, rows: Rows, sequences: list[Row]) -> None:
        self.rows = rows
        self._sequences = sequences

    @classmethod
    async def of(cls, database: Database) -> Moment:
        """What it holds now."""
        read, _ = _SEQUENCES[database.dialect.name]
        return cls(await all_rows(database), await database.fetch(read))

    async def restore(self, database: Database, now: Rows) -> None:
        """Bring a database that holds `now` back to this moment."""
        _, set_last = _SEQUENCES[database.dialect.name]
        touched = [name for name in _TABLES if now[name] != self.rows[name]]
        async with database.write() as connection:
            await connection.fetch(_IN_ANY_ORDER[database.dialect.name])
            for name in touched:
                await _each(connection, _delete(name), name, _keyed(name, now[name], without=self.rows[name]))
            for name in touched:
                there = {_key(name, row): row for row in now[name]}
                changed = [row for row in self.rows[name] if there.get(_key(name, row), row) != row]
                if name in _OWNED:
                    await _each(connection, _disown(name), name, changed)
                await _each(connection, _update(name), name, changed)
                await _each(connection, _insert(name), name, _keyed(name, self.rows[name], without=now[name]))
            for sequence, last in self._sequences:
                await connection.fetch(set_last, sequence=sequence, last=last)


@cache
def _columns(name: str) -> tuple[Any, ...]:
    return tuple(c for c in _TABLES[name].columns if (name, c.name) not in VOLATILE)


@cache
def _keys(name: str) -> tuple[int, ...]:
    return tuple(index for index, c in enumerate(_columns(name)) if c.primary_key)


def _key(name: str, row: Row) -> Row:
    return tuple(row[index] for index in _keys(name))


def _keyed(name: str, rows: Iterable[Row], *, without: Iterable[Row]) -> list[Row]:
    """The rows whose keys none of the others has."""
    known = {_key(name, row) for row in without}
    return [row for row in rows if _key(name, row) not in known]


async def _each(connection: DatabaseConnection, statement: Statement, name: str, rows: list[Row]) -> None:
    if rows:
        names = [f"the_{c.name}" for c in _columns(name)]
        await connection.execute_many(statement, [dict(zip(names, row, strict=True)) for row in rows])


def _matching(name: str) -> list[Any]:
    return [c == bindparam(f"the_{c.name}", type_=c.type) for c in _columns(name) if c.primary_key]


def _values(name: str) -> dict[str, Any]:
    return {c.name: bindparam(f"the_{c.name}", type_=c.type) for c in _columns(name) if c.computed is None}


@cache
def _delete(name: str) -> Statement:
    return Statement(delete(_TABLES[name]).where(*_matching(name)))


@cache
def _update(name: str) -> Statement:
    return Statement(update(_TABLES[name]).where(*_matching(name)).values(_values(name)))


@cache
def _disown(name: str) -> Statement:
    return Statement(update(_TABLES[name]).where(*_matching(name)).values({_OWNED[name]: None}))


@cache
def _insert(name: str) -> Statement:
    return Statement(insert(_TABLES[name]).values(_values(name)))
