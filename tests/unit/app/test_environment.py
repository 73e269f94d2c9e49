"""Unknown variables are named with the nearest setting; the log shows the configuration without secrets."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from app.environment import log_configuration, masked_url, unknown_variables
from app.settings import load_settings

SECRETS = {
    "DIALTREE_DATABASE_URL": "postgresql://me:hunter2@db.example:5433/numbers?password=hunter2",
    "DIALTREE_SMTP_URL": "smtp://me:hunter2@mail.example?starttls=required",
    "DIALTREE_SECRET": "hunter2-" * 4 + ", " + "hunter2-" * 5,
}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("DIALTREE_"):
            monkeypatch.delenv(name)


def test_unknown_variables_are_named_with_the_nearest_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALTREE_DATABSE_URL", "sqlite:///other.db")
    monkeypatch.setenv("DIALTREE_FLAVOUR", "sweet")
    monkeypatch.setenv("DIALTREE_FOO", "bar")
    assert unknown_variables() == [
        "DIALTREE_DATABSE_URL is unknown; did you mean DIALTREE_DATABASE_URL?",
        "DIALTREE_FLAVOUR is unknown and has no effect.",
        "DIALTREE_FOO is unknown and has no effect.",
    ]


def test_unknown_variables_of_the_file_are_named_too() -> None:
    Path(".env").write_text(
        "# DIALTREE_SECRETS=none\nexport DIALTREE_SECERT=x\ndialtree_log_format = json\nOTHER=1\n", encoding="utf-8"
    )
    assert unknown_variables() == ["DIALTREE_SECERT is unknown; did you mean DIALTREE_SECRET?"]


def test_settings_and_the_variables_of_the_tests_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DIALTREE_TEST_KILLS", "DIALTREE_DEMO_KEY", "dialtree_graphiql", "DIALTREE_ACCESS_LOG"):
        monkeypatch.setenv(name, "1")
    assert unknown_variables() == []


def test_the_log_shows_what_differs_from_the_defaults(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DIALTREE_LOG_FORMAT", "json")
    monkeypatch.setenv("DIALTREE_GRAPHIQL", "off")
    with caplog.at_level(logging.INFO):
        log_configuration(load_settings())
    database = "postgresql://me:***@db.example:5433/numbers?***"
    changed = (
        f"DIALTREE_DATABASE_URL={database}",
        "DIALTREE_LOG_FORMAT=json",
        "DIALTREE_SECRET=***",
        "DIALTREE_SMTP_URL=smtp://me:***@mail.example?***",
    )
    assert caplog.messages == [f"database: {database}", f"settings other than the defaults: {', '.join(changed)}"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///dialtree.db", "sqlite:///dialtree.db"),
        ("sqlite:////var/lib/dialtree/dialtree.db", "sqlite:////var/lib/dialtree/dialtree.db"),
        ("postgresql://db/numbers", "postgresql://db/numbers"),
        ("postgresql://me@db/numbers", "postgresql://me@db/numbers"),
        ("postgresql://me:p@ss@db/numbers", "postgresql://me:***@db/numbers"),
        ("postgresql:///numbers?host=/run/postgresql", "postgresql:///numbers?***"),
    ],
)
def test_urls_are_shown_without_passwords(url: str, shown: str) -> None:
    assert masked_url(url) == shown
