"""Settings: an invalid value is reported with its variable."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.settings import SettingsError, load_settings
from mail.smtp import SMTPServer


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DIALTREE_DATABASE_URL", "mysql://host/dialtree"),
        ("DIALTREE_DATABASE_URL", "sqlite:///:memory:"),
        ("DIALTREE_DATABASE_URL", "postgresql://user@host:port/dialtree"),
        ("DIALTREE_GRAPHIQL", "perhaps"),
        ("DIALTREE_LOG_FORMAT", "xml"),
        ("DIALTREE_TRACING", "yes"),
        ("DIALTREE_PUBLIC_URL", ""),
        ("DIALTREE_PUBLIC_URL", "dialtree.example"),
        ("DIALTREE_PUBLIC_URL", "javascript://dialtree.example"),
        ("DIALTREE_PUBLIC_URL", "http://dialtree.example:port"),
        ("DIALTREE_CORS_ORIGINS", "https://portal.example:65536"),
        ("DIALTREE_INVITATION_URL", "https://dialtree.example/invitation"),
        ("DIALTREE_INVITATION_DAYS", "0"),
        ("DIALTREE_INVITATION_DAYS", "366"),
        ("DIALTREE_INVITATION_DAYS", "a fortnight"),
        ("DIALTREE_PASSWORD_URL", "{token}"),
        ("DIALTREE_SECRET", "short"),
        ("DIALTREE_SECRET", "long enough " * 3 + ",short"),
        ("DIALTREE_SECRET", " , "),
        ("DIALTREE_SMTP_URL", "mail.example"),
        ("DIALTREE_SMTP_URL", "http://mail.example"),
        ("DIALTREE_SMTP_URL", "smtp://mail.example:port"),
        ("DIALTREE_SMTP_URL", "smtp://mail.example/folder"),
        ("DIALTREE_SMTP_URL", "smtp://mail.example?starttls=perhaps"),
        ("DIALTREE_SMTP_URL", "smtp://mail.example?starttsl=required"),
        ("DIALTREE_SMTP_URL", "smtps://mail.example?starttls=required"),
        ("DIALTREE_SMTP_URL", "smtp://mail.example?ca=/no/such/file"),
        ("DIALTREE_SMTP_URL", f"smtp://mail.example?ca={__file__}"),
        ("DIALTREE_MAIL_FROM", "Dialtree"),
        ("DIALTREE_MAIL_RETRY_SECONDS", "0"),
        ("DIALTREE_MAIL_RETRY_SECONDS", "soon"),
        ("DIALTREE_MAIL_RETRY_SECONDS", "nan"),
        ("DIALTREE_SUPPLIER_EMAIL", "supplier"),
        ("DIALTREE_SUPPLIER_TELEPHONE", "1\n2"),
        ("DIALTREE_REGION", "England"),
        ("DIALTREE_REGION", ""),
    ],
)
def test_an_invalid_value_is_refused_with_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings()


def test_a_file_that_is_not_utf_8_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes("DIALTREE_SUPPLIER_TELEPHONE=Québec\n".encode("latin-1"))
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value) == "the file .env is not a text in UTF-8. Save it in UTF-8."


def test_a_file_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("DIALTREE_REGION=CA\n", encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", ".env")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value) == "the file .env cannot be read: Permission denied."


def test_an_empty_path_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALTREE_MAIL_FOLDER", "")
    monkeypatch.setenv("DIALTREE_TRUSTED_DOCUMENTS", "")
    settings = load_settings()
    assert (settings.mail_folder, settings.trusted_documents) == (Path("mail-folder"), None)


def test_the_highest_port_of_an_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALTREE_CORS_ORIGINS", "https://portal.example:65535")
    assert load_settings().allowed_origins == ["https://portal.example:65535"]


def test_a_refusal_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALTREE_REGION", "England")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value) == (
        "DIALTREE_REGION: 'England' is not a region of two letters, such as GB (the value is 'England')."
    )


def test_the_default_database_is_a_file_in_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIALTREE_DATABASE_URL", raising=False)
    settings = load_settings()
    assert (settings.database_url, settings.graphiql, settings.log_format) == ("sqlite:///dialtree.db", "off", "text")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DIALTREE_SMTP_URL", "smtp://me:hunter2@mail.example?starttls=perhaps"),
        ("DIALTREE_DATABASE_URL", "postgresql://me:hunter2@host:port/dialtree"),
        ("DIALTREE_SECRET", "hunter2"),
    ],
)
def test_an_invalid_value_that_may_contain_a_password_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable) as fault:
        load_settings()
    assert "hunter2" not in str(fault.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", SMTPServer("mail.example", 25)),
        ("smtp://mail.example?starttls=off", SMTPServer("mail.example", 25, start_tls=False)),
        ("smtp://mail.example?starttls=required", SMTPServer("mail.example", 587, start_tls=True)),
        ("smtp://me:p%40ss%2F@mail.example", SMTPServer("mail.example", 587, "me", "p@ss/")),
        ("smtp://mail.example:2525", SMTPServer("mail.example", 2525)),
        ("smtps://mail.example", SMTPServer("mail.example", 465, tls=True, start_tls=False)),
    ],
)
def test_the_mail_server_is_parsed_from_its_url(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: SMTPServer
) -> None:
    monkeypatch.setenv("DIALTREE_SMTP_URL", url)
    assert load_settings().smtp_server == expected
    assert "p@ss/" not in repr(expected)


def test_links_lead_to_the_built_in_pages_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALTREE_PUBLIC_URL", "https://numbers.example/")
    settings = load_settings()
    assert settings.invitation_link == "https://numbers.example/invitation?token={token}"
    assert settings.password_link == "https://numbers.example/password?token={token}"
    monkeypatch.setenv("DIALTREE_INVITATION_URL", "https://front.example/#/welcome/{token}")
    assert load_settings().invitation_link == "https://front.example/#/welcome/{token}"


@pytest.mark.parametrize(
    ("client", "seen"),
    [
        ("10.0.0.7", "203.0.113.9"),
        ("::ffff:10.0.0.7", "203.0.113.9"),
        ("::ffff:192.0.2.1", "203.0.113.9"),
        ("2001:db8::1", "203.0.113.9"),
        ("::ffff:10.1.0.7", "::ffff:10.1.0.7"),
        ("192.0.2.2", "192.0.2.2"),
    ],
)
async def test_a_proxy_is_trusted_by_either_form_of_its_address(client: str, seen: str) -> None:
    clients: list[str] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        clients.append(scope["client"][0])

    settings = load_settings(trusted_proxies="10.0.0.0/24, 192.0.2.1, 2001:db8::/32")
    headers = [(b"x-forwarded-for", b"203.0.113.9")]
    scope: Any = {"type": "http", "client": (client, 1), "scheme": "http", "headers": headers}
    behind_proxies: Any = ProxyHeadersMiddleware(application, settings.proxy_networks)
    await behind_proxies(scope, None, None)
    assert clients == [seen]
