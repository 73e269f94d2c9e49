"""`deploy/backup.sh` and `deploy/restore.sh`, while another connection writes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.server import Server, opened

DEPLOY = Path(__file__).parents[3] / "deploy"


def run(script: str, file: Path, url: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DIALTREE_DATABASE_URL": url, "PYTHON": sys.executable}
    return subprocess.run(
        [DEPLOY / script, file], env=environment, capture_output=True, text=True, check=False, cwd=file.parent
    )


@pytest.fixture
def bank(server: Server) -> Server:
    if server.url.startswith("postgresql") and shutil.which("pg_dump") is None:
        pytest.skip("there is no pg_dump")
    server.import_organizations("path,time_zone,threshold\nBank,,\nBank/Sales,,\n")
    server.import_numbers(
        "number,series,organization,status,reserved_tag,first_name,last_name,email\n"
        "+14188984760,+1 418,Bank/Sales,RESERVED,desk,,,\n"
    )
    return server


def test_a_backup_of_a_running_server_is_restored_and_checked(
    bank: Server, databases: Databases, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    before = dump(bank)
    done = run("backup.sh", backup, bank.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    bank.import_organizations("path,time_zone,threshold\nBank/Later,,\n")
    url = _empty(bank.url, request, tmp_path)
    done = run("restore.sh", backup, url)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "All counters are correct.")
    restored = Server(url)
    try:
        assert dump(restored) == before
    finally:
        restored.close()
        databases.drop(url)


def test_a_backup_overwrites_no_file(bank: Server, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup.write_text("precious", encoding="utf-8")
    done = run("backup.sh", backup, bank.url)
    assert (done.returncode, done.stderr) == (1, f"{backup} exists.\n")
    assert backup.read_text(encoding="utf-8") == "precious"


def test_a_restore_overwrites_no_database(bank: Server, databases: Databases, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    assert run("backup.sh", backup, bank.url).returncode == 0
    with opened(databases) as other:
        other.import_organizations("path,time_zone,threshold\nShop,,\n")
        before = dump(other)
        assert run("restore.sh", backup, other.url).returncode != 0
        assert dump(other) == before


def test_wrong_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    other, folder = tmp_path / "other", tmp_path / "none"
    other.write_text("no database", encoding="utf-8")
    lost = f"There is no {folder / 'a.db'}. Check DIALTREE_DATABASE_URL and the name of the backup.\n"
    for script, file, path, message in (
        ("backup.sh", tmp_path / "backup", folder / "a.db", lost),
        (
            "backup.sh",
            tmp_path / "backup",
            other,
            f"{other} cannot be copied to {tmp_path / 'backup.part'}: file is not a database.\n",
        ),
        ("restore.sh", other, tmp_path / "a.db", f"{other} is not a backup of an SQLite database.\n"),
    ):
        done = run(script, file, f"sqlite:///{path}")
        assert (done.returncode, done.stderr) == (1, message)
    assert list(tmp_path.iterdir()) == [other]


def test_a_restore_into_a_missing_folder_is_refused(tmp_path: Path) -> None:
    backup, target = tmp_path / "backup", tmp_path / "none" / "a.db"
    backup.write_bytes(b"SQLite format 3\0")
    done = run("restore.sh", backup, f"sqlite:///{target}")
    assert (done.returncode, done.stderr) == (1, f"{target} cannot be written: No such file or directory.\n")


def test_the_address_becomes_variables_of_postgresqls_programs() -> None:
    url = "postgresql://me:a%40b@db:5433/numbers?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    done = subprocess.run(
        [sys.executable, DEPLOY / "database_variables.py"],
        env=os.environ | {"DIALTREE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "export PGHOST=db",
        "export PGPORT=5433",
        "export PGUSER=me",
        "export PGPASSWORD=a@b",
        "export PGDATABASE=numbers",
        "export PGSSLMODE=verify-full",
        "export PGSSLROOTCERT=/etc/ca.pem",
    ]


def _empty(url: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / 'restored.db'}"
    postgres = request.getfixturevalue("postgres")
    postgres.create_database("restored_" + url.rpartition("_")[2])
    restored: str = postgres.url("restored_" + url.rpartition("_")[2])
    return restored
