"""The migrations create the tables that the code defines."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, bindparam, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import db.core.tables
from db.core.migrations import (
    DatabaseState,
    NewerDatabaseError,
    alembic_config,
    database_state,
    migrate,
    run_in_transaction,
)
from db.core.types import Instant

assert db.core.tables.PhoneNumberRow.metadata is SQLModel.metadata

# SQLite returns the expression in another form, which Alembic cannot recognize as equal.
pytestmark = pytest.mark.filterwarnings("ignore:Computed default on phone_numbers.search_text:UserWarning")


POSTGRESQL_DEFAULT = ("modify_default", None, "operations", "xact")
"""Only PostgreSQL has a default there, so the tables of the code cannot have it."""


def is_search_structure(name: str | None) -> bool:
    """Whether it is the index or one of the tables of the text search, which SQLAlchemy has no words for."""
    return name is not None and name.startswith(("phone_number_search", "ix_phone_numbers_search"))


def differences(connection: Connection) -> list[Any]:
    def included(_: Any, name: str | None, *_more: Any) -> bool:
        return not is_search_structure(name)

    options = {"compare_type": True, "compare_server_default": True, "include_object": included}
    context = MigrationContext.configure(connection, opts=options)
    found = list(compare_metadata(context, SQLModel.metadata))
    return [difference for difference in found if difference[0][:4] != POSTGRESQL_DEFAULT]


def tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if not is_search_structure(name)}


def test_a_migrated_database_has_exactly_the_tables_of_the_code(without_tables: str) -> None:
    asyncio.run(migrate(without_tables))
    assert asyncio.run(run_in_transaction(without_tables, differences)) == []
    assert asyncio.run(run_in_transaction(without_tables, tables)) == {*SQLModel.metadata.tables, "alembic_version"}


def test_a_database_is_new_before_its_first_migration_and_current_after_it(without_tables: str) -> None:
    assert asyncio.run(database_state(without_tables)) is DatabaseState.NEW
    asyncio.run(migrate(without_tables))
    assert asyncio.run(database_state(without_tables)) is DatabaseState.CURRENT


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DELETE FROM alembic_version", DatabaseState.OLDER),
        ("UPDATE alembic_version SET version_num = '0005'", DatabaseState.OLDER),
        ("UPDATE alembic_version SET version_num = '9999'", DatabaseState.NEWER),
    ],
)
def test_the_database_of_another_release_is_recognized(
    without_tables: str, change: str, expected: DatabaseState
) -> None:
    asyncio.run(migrate(without_tables))
    asyncio.run(run_in_transaction(without_tables, lambda connection: connection.execute(text(change))))
    assert asyncio.run(database_state(without_tables)) is expected


def test_a_newer_database_is_not_migrated(without_tables: str) -> None:
    asyncio.run(migrate(without_tables))
    change = "UPDATE alembic_version SET version_num = '9999'"
    asyncio.run(run_in_transaction(without_tables, lambda connection: connection.execute(text(change))))
    with pytest.raises(NewerDatabaseError):
        asyncio.run(migrate(without_tables))
    assert asyncio.run(database_state(without_tables)) is DatabaseState.NEWER


def test_migrating_again_changes_nothing(without_tables: str) -> None:
    asyncio.run(migrate(without_tables))
    asyncio.run(migrate(without_tables))
    assert asyncio.run(run_in_transaction(without_tables, differences)) == []


def test_renaming_the_totals_tables_is_reversible(without_tables: str) -> None:
    def constraints(connection: Connection) -> Any:
        if connection.dialect.name != "postgresql":
            return set()
        query = "SELECT conname FROM pg_constraint WHERE conname LIKE '%\\_sums\\_%' OR conname LIKE '%\\_totals\\_%'"
        return {row[0] for row in connection.execute(text(query))}

    def names(connection: Connection) -> tuple[Any, ...]:
        return {name for name in tables(connection) if name.endswith(("_sums", "_totals"))}, constraints(connection)

    def downgrade(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), "0005")

    def there(*expected: str, connection: tuple[Any, ...]) -> None:
        found, constrained = connection
        assert found == set(expected)
        suffixes = ("pkey", "organization_id_fkey")
        assert constrained in ({f"{name}_{suffix}" for name in expected for suffix in suffixes}, set())

    asyncio.run(migrate(without_tables))
    there("quarter_hour_totals", "daily_totals", connection=asyncio.run(run_in_transaction(without_tables, names)))
    asyncio.run(run_in_transaction(without_tables, downgrade))
    there("quarter_sums", "day_sums", connection=asyncio.run(run_in_transaction(without_tables, names)))
    asyncio.run(migrate(without_tables))
    assert asyncio.run(run_in_transaction(without_tables, differences)) == []


def test_roots_of_one_name_stop_a_downgrade_until_one_is_renamed(without_tables: str) -> None:
    def root(connection: Connection, name: str) -> None:
        connection.execute(
            text(
                "INSERT INTO organizations (path, name, name_folded, time_zone, threshold_percent, created_at)"
                " VALUES ('', :name, :folded, 'UTC', 80, :at)"
            ).bindparams(bindparam("at", type_=Instant())),
            {"name": name, "folded": name.lower(), "at": datetime(2026, 1, 1, tzinfo=UTC)},
        )

    def roots(connection: Connection) -> None:
        root(connection, "Bank")
        root(connection, "BANK")

    def downgrade(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), "0015")

    def rename(connection: Connection) -> None:
        connection.execute(text("UPDATE organizations SET name = 'Rival', name_folded = 'rival' WHERE name = 'BANK'"))

    asyncio.run(migrate(without_tables))
    asyncio.run(run_in_transaction(without_tables, roots))
    with pytest.raises(RuntimeError, match=r"Several roots have the name 'BANK'\. Rename all but one"):
        asyncio.run(run_in_transaction(without_tables, downgrade))
    assert asyncio.run(run_in_transaction(without_tables, differences)) == []
    asyncio.run(run_in_transaction(without_tables, rename))
    asyncio.run(run_in_transaction(without_tables, downgrade))
    with pytest.raises(IntegrityError):
        asyncio.run(run_in_transaction(without_tables, lambda connection: root(connection, "BANK")))
    asyncio.run(migrate(without_tables))
    asyncio.run(run_in_transaction(without_tables, lambda connection: root(connection, "BANK")))
    assert asyncio.run(run_in_transaction(without_tables, differences)) == []


def test_the_text_index_has_a_pending_list_of_limited_size(without_tables: str) -> None:
    asyncio.run(migrate(without_tables))

    def options(connection: Connection) -> Any:
        if connection.dialect.name != "postgresql":
            return None
        return connection.scalar(text("SELECT reloptions FROM pg_class WHERE relname = 'ix_phone_numbers_search'"))

    found = asyncio.run(run_in_transaction(without_tables, options))
    assert found is None or sorted(found) == ["fastupdate=on", "gin_pending_list_limit=256"]
