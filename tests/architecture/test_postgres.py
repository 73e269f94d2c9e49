"""The PostgreSQL server that the tests start for themselves."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.support.postgres import (
    SETTINGS,
    PostgresServer,
    PostgresUnavailable,
    find_programs,
    kept_server,
    postgres_server,
    server_folder,
    server_in,
)


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    name = f'a "quoted" name {uuid4().hex[:12]}'
    postgres.create_database(name)
    yield name
    postgres.drop_database(name)


async def fetch_value(server: PostgresServer, database: str, statement: str) -> object:
    connection = await asyncpg.connect(server.url("postgres"), database=database, ssl=False)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_new_database_is_empty_and_utf8(postgres: PostgresServer, database: str) -> None:
    assert await fetch_value(postgres, database, "SHOW server_encoding") == "UTF8"
    assert await fetch_value(postgres, database, "SELECT count(*) FROM pg_stat_user_tables") == 0


async def test_the_server_trades_safety_for_speed(postgres: PostgresServer, database: str) -> None:
    for setting, value in {
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": "1000",
    }.items():
        assert await fetch_value(postgres, database, f"SHOW {setting}") == value


async def test_a_database_can_be_a_copy_of_another(postgres: PostgresServer, database: str) -> None:
    await fetch_value(postgres, database, "CREATE TABLE planted ()")
    copy = f"copy_{uuid4().hex[:12]}"
    postgres.create_database(copy, template=database)
    assert await fetch_value(postgres, copy, "SELECT to_regclass('planted')::text") == "planted"
    postgres.drop_database(copy)


async def test_dropping_a_database_ends_its_connections(postgres: PostgresServer) -> None:
    name = f"doomed_{uuid4().hex[:12]}"
    postgres.create_database(name)
    connection = await asyncpg.connect(postgres.url(name), ssl=False)
    postgres.drop_database(name)
    with pytest.raises(asyncpg.PostgresConnectionError):
        await connection.fetchval("SELECT 1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(postgres.url(name), ssl=False)


def test_it_says_which_extensions_are_there(postgres: PostgresServer) -> None:
    assert postgres.has_extension("plpgsql")
    assert not postgres.has_extension("no such extension")


def test_processes_that_name_one_folder_share_one_server() -> None:
    ask = "import sys; from pathlib import Path; from tests.support.postgres import server_in; "
    ask += "print(server_in(Path(sys.argv[1])).port)"
    with server_folder() as folder:
        command = [sys.executable, "-c", ask, str(folder)]
        askers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        answers = {asker.communicate()[0].strip() for asker in askers}
        assert answers == {str(server_in(folder).port)}


async def test_a_server_is_gone_afterwards_with_all_its_data() -> None:
    with postgres_server() as server:
        assert await fetch_value(server, "postgres", "SELECT 1") == 1
    assert not server.folder.exists()
    with pytest.raises(ConnectionRefusedError):
        await fetch_value(server, "postgres", "SELECT 1")


def test_a_kept_server_has_its_databases_the_next_time() -> None:
    with server_folder() as folder:
        kept = folder / "kept"
        folder.chmod(0o755)
        with kept_server(kept, SETTINGS) as server:
            server.create_database("planted")
            with pytest.raises(PostgresUnavailable, match="Somebody else"), kept_server(kept, SETTINGS):
                pass
            server.rename_database("planted", "kept")
        with kept_server(kept, SETTINGS) as server:
            assert server.databases() == {"postgres", "template0", "template1", "kept"}


def test_where_no_server_is_found_the_message_says_how_to_install_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DIALTREE_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("tests.support.postgres.INSTALLED", ())
    monkeypatch.setattr("tests.support.postgres.PACKAGE", "no_such_package")
    with pytest.raises(PostgresUnavailable, match="apt-get install postgresql"):
        find_programs()


def test_an_unknown_choice_of_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALTREE_TEST_POSTGRES", "elephant")
    with pytest.raises(PostgresUnavailable, match="'installed' or 'package'"):
        find_programs()
