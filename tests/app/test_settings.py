"""Settings: a wrong value is named with its variable."""

from __future__ import annotations

import pytest

from app.settings import SettingsError, load_settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DIALTREE_DATABASE_URL", "mysql://host/dialtree"),
        ("DIALTREE_DATABASE_URL", "sqlite:///:memory:"),
        ("DIALTREE_DATABASE_URL", "postgresql://user@host:port/dialtree"),
        ("DIALTREE_GRAPHIQL", "perhaps"),
        ("DIALTREE_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings()


def test_without_any_setting_the_data_is_in_a_file_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIALTREE_DATABASE_URL", raising=False)
    settings = load_settings()
    assert (settings.database_url, settings.graphiql, settings.log_format) == ("sqlite:///dialtree.db", "off", "text")
