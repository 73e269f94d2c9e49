"""Commands say in a sentence why they cannot use the database."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import ssl
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.command import main
from app.database_errors import describe, unusable_file
from db.core.migrations import migrate, run_in_transaction
from tests.support.concurrency import free_port
from tests.support.postgres import PostgresServer

COMMANDS = (["check"], ["migrate"], ["key", "revoke", "--name", "k"], ["outbox"], ["demo"])


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("app.startup.WAIT_SECONDS", 0.6)
    monkeypatch.chdir(tmp_path)


def said_by(url: str, command: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit status and the last line of a command."""
    monkeypatch.setenv("DIALTREE_DATABASE_URL", url)
    result = CliRunner().invoke(main, command)
    assert "Traceback" not in result.output
    return result.exit_code, result.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", [*COMMANDS, ["serve"]], ids=" ".join)
def test_a_server_that_is_away(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    if command == ["serve"]:
        command = ["serve", "--port", str(free_port())]
    assert said_by(f"postgresql://me:hunter2@127.0.0.1:{port}/numbers", command, monkeypatch) == (
        1,
        (
            f"dialtree: cannot reach PostgreSQL at 127.0.0.1:{port}: Connection refused. Check that it runs, and "
            "DIALTREE_DATABASE_URL."
        ),
    )


def test_a_pooler_that_is_away(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("DIALTREE_POOLER_URL", f"postgresql://me:hunter2@127.0.0.1:{port}/pooled")
    postgres.create_database("pooled")
    try:
        assert said_by(postgres.url("pooled"), ["serve", "--port", str(free_port())], monkeypatch) == (
            1,
            (
                f"dialtree: cannot reach PostgreSQL at 127.0.0.1:{port}: Connection refused. Check that it runs, and "
                "DIALTREE_POOLER_URL."
            ),
        )
    finally:
        postgres.drop_database("pooled")


def test_a_missing_database(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres.url("nowhere")
    assert said_by(url, ["check"], monkeypatch) == (
        1,
        (
            f"dialtree: PostgreSQL at 127.0.0.1:{urlsplit(url).port} has no database 'nowhere'. "
            "Create it with `createdb nowhere`, or set DIALTREE_DATABASE_URL."
        ),
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("sslmode=disable&application_name=dialtree", "All counters are correct."),
        (
            "sslmode=always",
            (
                "dialtree: cannot use DIALTREE_DATABASE_URL: `sslmode` parameter must be one of: "
                "disable, allow, prefer, require, verify-ca, verify-full."
            ),
        ),
        ("colour=red", 'dialtree: cannot use the database: unrecognized configuration parameter "colour"'),
    ],
)
def test_options_of_the_address(
    postgres: PostgresServer, options: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.create_database("with_options")
    try:
        assert said_by(f"{postgres.url('with_options')}?{options}", ["check"], monkeypatch)[1] == sentence
    finally:
        postgres.drop_database("with_options")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            ssl.SSLError(1, "wrong version number"),
            (
                "cannot reach PostgreSQL at db:5432 with TLS: wrong version number. "
                "Check `sslmode` and `sslrootcert` in DIALTREE_DATABASE_URL."
            ),
        ),
        (
            asyncpg.InvalidPasswordError("password authentication failed"),
            (
                "PostgreSQL at db:5432 refuses the user 'me' or the password. "
                "Check DIALTREE_DATABASE_URL and the server's pg_hba.conf."
            ),
        ),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            (
                "cannot reach PostgreSQL at db:5432: Name or service not known. Check that it runs, and "
                "DIALTREE_DATABASE_URL."
            ),
        ),
        (asyncpg.CannotConnectNowError(), "PostgreSQL at db:5432 is starting or stopping. Try again in a moment."),
        (
            TimeoutError(),
            "PostgreSQL at db:5432 did not answer in time. Check that it runs, and DIALTREE_DATABASE_URL.",
        ),
        (asyncpg.DataError("odd\nDETAIL: more"), "cannot use the database: odd"),
    ],
)
def test_errors_of_postgresql(error: Exception, sentence: str) -> None:
    assert describe(error, "postgresql://me:hunter2@db/numbers") == sentence


@pytest.mark.parametrize("command", [*COMMANDS, ["serve"]], ids=" ".join)
def test_a_folder_that_does_not_exist(command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path, folder = tmp_path / "none" / "dialtree.db", tmp_path / "none"
    if command == ["serve"]:
        command = ["serve", "--port", str(free_port())]
    assert said_by(f"sqlite:///{path}", command, monkeypatch) == (
        1,
        (
            f"dialtree: cannot open the database file {path}: there is no folder {folder}. "
            "Create it, or set DIALTREE_DATABASE_URL."
        ),
    )


def test_a_read_only_file_and_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "dialtree.db"
    assert unusable_file(path) is None
    path.touch()
    refused = {path}
    monkeypatch.setattr(os, "access", lambda asked, _mode: Path(asked) not in refused)
    assert unusable_file(path) == (
        f"the database file {path} is read-only for this user. Change its owner or permissions."
    )
    refused = {tmp_path}
    assert unusable_file(path) == (
        f"the folder {tmp_path} of the database file is read-only for this user. SQLite creates files next to the "
        "database: change the folder's owner or permissions."
    )


def test_a_write_to_a_read_only_database(tmp_path: Path) -> None:
    path = tmp_path / "dialtree.db"
    sqlite3.connect(path).close()
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
        pytest.raises(sqlite3.OperationalError) as refused,
    ):
        connection.execute("CREATE TABLE t (a)")
    assert describe(refused.value, f"sqlite:///{path}") == (
        f"cannot write the database file {path}: attempt to write a readonly database."
    )


def test_a_database_that_another_program_has_locked(tmp_path: Path) -> None:
    path = tmp_path / "dialtree.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        closing(sqlite3.connect(path, timeout=0)) as connection,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as refused:
            connection.execute("CREATE TABLE t (a)")
    assert describe(refused.value, f"sqlite:///{path}") == (
        f"another program keeps the database file {path} locked. Try again when it has ended."
    )


def test_a_file_that_is_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database at all\n" * 100, encoding="utf-8")
    assert said_by(f"sqlite:///{path}", ["check"], monkeypatch) == (
        1,
        f"dialtree: {path} is not an SQLite database. Set DIALTREE_DATABASE_URL.",
    )


@pytest.mark.parametrize(
    ("revision", "command", "sentence"),
    [
        ("0005", "check", "the database is older than this release. Make a backup and run `dialtree migrate`."),
        (
            "9999",
            "check",
            "the database is newer than this release, which does not know its revision. Run the newer release.",
        ),
        (
            "9999",
            "migrate",
            "the database is newer than this release, which does not know its revision. Run the newer release.",
        ),
    ],
)
def test_a_database_of_another_release(
    without_tables: str, revision: str, command: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(migrate(without_tables))
    change = text("UPDATE alembic_version SET version_num = :revision").bindparams(revision=revision)
    asyncio.run(run_in_transaction(without_tables, lambda connection: connection.execute(change)))
    assert said_by(without_tables, [command], monkeypatch) == (1, f"dialtree: {sentence}")


def test_a_port_that_is_in_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        url = f"sqlite:///{tmp_path / 'dialtree.db'}"
        for option, choice in (
            ([], f"--port {port + 1}"),
            (["--demo"], f"`PORT={port + 1} make run` or `dialtree serve --demo --port {port + 1}`"),
        ):
            assert said_by(url, ["serve", "--port", str(port), *option], monkeypatch) == (
                1,
                (
                    f"dialtree: port {port} on 127.0.0.1 is in use, perhaps by another Dialtree. "
                    f"Stop that program, or choose a port: {choice}."
                ),
            )
    assert not (tmp_path / "dialtree.db").exists()


def test_a_report_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("numbers.csv").write_text("number,series,organization,status\n", encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'dialtree.db'}"
    assert said_by(url, ["import", "numbers", "numbers.csv", "--report", "none/report.csv"], monkeypatch) == (
        1,
        "dialtree: --report: none/report.csv cannot be written: No such file or directory.",
    )


def test_an_address_of_another_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dialtree.db'}"
    assert said_by(url, ["serve", "--host", "192.0.2.1"], monkeypatch) == (
        1,
        "dialtree: this machine has no address '192.0.2.1' to listen on. Choose another one with --host.",
    )
