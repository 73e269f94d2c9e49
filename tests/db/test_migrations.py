"""The migrations make the tables that the code describes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

import db.tables
from db.upgrade import is_current, is_new, migrate, run_on
from tests.support.postgres import PostgresServer

assert db.tables.PhoneNumberRow.metadata is SQLModel.metadata

# SQLite gives the expression back in other words; Alembic can't tell that they mean the same.
pytestmark = pytest.mark.filterwarnings("ignore:Computed default on phone_numbers.search_text:UserWarning")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"empty_{uuid4().hex}"
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)


def is_search_structure(name: str | None) -> bool:
    """Whether it is the index or one of the tables of the text search, which SQLAlchemy has no words for."""
    return name is not None and name.startswith(("phone_number_search", "ix_phone_numbers_search"))


def differences(connection: Connection) -> list[Any]:
    def included(_: Any, name: str | None, *_more: Any) -> bool:
        return not is_search_structure(name)

    options = {"compare_type": True, "compare_server_default": True, "include_object": included}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, SQLModel.metadata))


def tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if not is_search_structure(name)}


def test_a_migrated_database_has_exactly_the_tables_of_the_code(empty: str) -> None:
    asyncio.run(migrate(empty))
    assert asyncio.run(run_on(empty, differences)) == []
    assert asyncio.run(run_on(empty, tables)) == {*SQLModel.metadata.tables, "alembic_version"}


def test_a_database_is_new_before_its_first_migration_and_current_after_it(empty: str) -> None:
    assert (asyncio.run(is_new(empty)), asyncio.run(is_current(empty))) == (True, False)
    asyncio.run(migrate(empty))
    assert (asyncio.run(is_new(empty)), asyncio.run(is_current(empty))) == (False, True)


def test_a_database_of_another_release_is_neither_new_nor_current(empty: str) -> None:
    asyncio.run(migrate(empty))
    asyncio.run(run_on(empty, lambda connection: connection.execute(text("DELETE FROM alembic_version"))))
    assert (asyncio.run(is_new(empty)), asyncio.run(is_current(empty))) == (False, False)


def test_migrating_again_changes_nothing(empty: str) -> None:
    asyncio.run(migrate(empty))
    asyncio.run(migrate(empty))
    assert asyncio.run(run_on(empty, differences)) == []
