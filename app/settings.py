"""Settings, from the environment or a `.env` file. An invalid value stops the server with a message that names it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.console.pages import DOCUMENTS
from app.trusted_documents import TrustedDocuments, load_documents
from db.core.engines import is_postgresql, sqlite_path
from db.core.postgresql import CONNECTIONS, MIN_CONNECTIONS
from domain.emails import clean_email
from domain.errors import InvalidInput
from domain.invitations import INVITATION_DAYS
from domain.numbers import DEFAULT_REGION
from domain.organizations import check_region
from domain.texts import has_control_characters, has_direction_controls
from mail.envelope import parse_sender
from mail.links import PLACEHOLDER
from mail.smtp import SMTPServer

PREFIX = "DIALTREE_"
ENV_FILE = ".env"

SECRET_LENGTH = 32
MAX_PORT = 65_535
TELEPHONE_LENGTH = 40

_CONFIDENTIAL = {"database_url", "pooler_url", "replica_url", "secret", "smtp_url"}
"""Settings that may contain a password; an error message does not show their value."""

_TRACING_MODULES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http", "opentelemetry.instrumentation.asgi")
"""Modules that the extra `tracing` installs."""


class SettingsError(Exception):
    """A setting has an invalid value; the message names its variable."""


class Settings(BaseSettings):
    """All settings. Environment variables are in upper case, with the prefix `DIALTREE_`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore")

    database_url: str = "sqlite:///dialtree.db"
    database_connections: Annotated[int, Field(ge=MIN_CONNECTIONS, le=1_000)] = CONNECTIONS
    pooler_url: str = ""
    replica_url: str = ""
    console: Literal["on", "off"] = "on"
    graphiql: Literal["on", "off"] = "off"
    log_format: Literal["text", "json"] = "text"
    tracing: Literal["on", "off"] = "off"
    public_url: str = "http://127.0.0.1:8000"
    invitation_url: str = ""
    password_url: str = ""
    cors_origins: str = ""
    trusted_proxies: str = ""
    trusted_documents: Path | None = None
    trusted_documents_only: Literal["on", "off"] = "off"
    access_log: Literal["on", "off"] = "off"
    rate_limit: Annotated[int, Field(ge=0)] = 1_000_000_000
    anonymous_rate_limit: Annotated[int, Field(ge=0)] = 60_000_000
    upload_bytes: Annotated[int, Field(ge=1, le=10_000_000_000)] = 100_000_000
    request_seconds: Annotated[float, Field(gt=0, le=3_600, allow_inf_nan=False)] = 30
    subscriptions: Annotated[int, Field(ge=0, le=100_000)] = 4_000
    subscriptions_per_caller: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    invitation_days: Annotated[int, Field(ge=1, le=365)] = INVITATION_DAYS
    secret: str = ""
    smtp_url: str = ""
    mail_from: str = "Dialtree <dialtree@localhost>"
    mail_folder: Path = Path("mail-folder")
    mail_retry_seconds: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] = 60
    supplier_email: str = ""
    supplier_telephone: str = ""
    region: str = DEFAULT_REGION

    @property
    def base_url(self) -> str | None:
        """The public URL of the server if it is set; otherwise links use the address of the request."""
        return self.public_url if "public_url" in self.model_fields_set else None

    @property
    def allowed_origins(self) -> list[str]:
        """The origins of browsers that may use the API."""
        return _listed(self.cors_origins)

    @property
    def documents(self) -> TrustedDocuments:
        """The trusted documents: those that are set, and with them the console's while it is on."""
        if self.trusted_documents is None:
            return TrustedDocuments({})
        console = [DOCUMENTS] if self.console == "on" else []
        return load_documents(self.trusted_documents, *console, only=self.trusted_documents_only == "on")

    @property
    def secrets(self) -> list[str]:
        """The secrets of links: the first signs, all verify. Empty if the one stored in the database is used."""
        return _listed(self.secret)

    @property
    def invitation_link(self) -> str:
        """The link template for invitations."""
        return self.invitation_url or f"{self.public_url.rstrip('/')}/invitation?token={PLACEHOLDER}"

    @property
    def password_link(self) -> str:
        """The link template for setting a password."""
        return self.password_url or f"{self.public_url.rstrip('/')}/password?token={PLACEHOLDER}"

    @property
    def smtp_server(self) -> SMTPServer | None:
        """The SMTP server; None if mail is written to the folder."""
        return SMTPServer.parse(self.smtp_url) if self.smtp_url else None

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        path = sqlite_path(value)
        if path == ":memory:":
            raise ValueError("an in-memory database cannot be shared; use sqlite:///FILE")
        if path is None and not (is_postgresql(value) and _has_valid_port(value)):
            raise ValueError("use sqlite:///FILE or postgresql://USER@HOST/DATABASE")
        return value

    @field_validator("pooler_url", "replica_url")
    @classmethod
    def _check_further_url(cls, value: str, info: ValidationInfo) -> str:
        if value and not (is_postgresql(value) and _has_valid_port(value)):
            raise ValueError("use postgresql://USER@HOST/DATABASE")
        if value and not is_postgresql(info.data.get("database_url", "")):
            what = "replicas" if info.field_name == "replica_url" else "a pooler"
            raise ValueError(f"only a PostgreSQL database has {what}; set DIALTREE_DATABASE_URL to its primary")
        return value

    @field_validator("mail_folder", "trusted_documents", mode="before")
    @classmethod
    def _use_default(cls, value: Any, info: ValidationInfo) -> Any:
        """An empty path is unset, not the working directory."""
        return cls.model_fields[info.field_name].default if value == "" and info.field_name else value

    @field_validator("trusted_documents")
    @classmethod
    def _check_documents(cls, value: Path | None) -> Path | None:
        if value is not None:
            load_documents(value)
        return value

    @field_validator("trusted_documents_only")
    @classmethod
    def _check_documents_only(cls, value: str, info: ValidationInfo) -> str:
        if value == "on" and info.data.get("trusted_documents") is None:
            raise ValueError("set DIALTREE_TRUSTED_DOCUMENTS, or no operation could run")
        return value

    @field_validator("tracing")
    @classmethod
    def _check_tracing(cls, value: str) -> str:
        if value == "on" and not all(map(_is_installed, _TRACING_MODULES)):
            raise ValueError("packages are missing; install them with `make tracing` or `pip install '.[tracing]'`")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        for origin in _listed(value):
            exact = re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?", origin)
            if not exact or int((exact[2] or ":0")[1:]) > MAX_PORT:
                raise ValueError(
                    "use exact origins, separated by commas, such as https://portal.example.com: scheme, host in lower"
                    f" case and port, without a path; {origin!r} is none"
                )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, value: str) -> str:
        for proxy in _listed(value):
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError(f"use IP addresses or networks, separated by commas; {proxy!r} is none") from None
        return value

    @property
    def proxy_networks(self) -> list[str]:
        """The trusted proxies, those with IPv4 addresses also as a server that listens on `::` sees them."""
        networks = [ip_network(proxy) for proxy in _listed(self.trusted_proxies)]
        ipv4 = [network for network in networks if network.version == 4]  # noqa: PLR2004 - the version of IP
        mapped = [f"::ffff:{network.network_address}/{96 + network.prefixlen}" for network in ipv4]
        return [*map(str, networks), *mapped]

    @field_validator("public_url", "invitation_url", "password_url")
    @classmethod
    def _check_address(cls, value: str, info: ValidationInfo) -> str:
        try:
            parts = urlsplit(value)
            valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        is_unset = not value and info.field_name != "public_url"
        if not is_unset and not (valid and value.isprintable() and " " not in value):
            raise ValueError("use a URL that starts with http:// or https://")
        return value

    @field_validator("invitation_url", "password_url")
    @classmethod
    def _check_placeholder(cls, value: str) -> str:
        if value and PLACEHOLDER not in value:
            raise ValueError(f"include {PLACEHOLDER} in the URL")
        return value

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, value: str) -> str:
        if any(len(secret) < SECRET_LENGTH for secret in _listed(value)) or (value and not _listed(value)):
            raise ValueError(
                f"use at least {SECRET_LENGTH} characters, such as the output of `openssl rand -hex 32`;"
                " separate several secrets by commas"
            )
        return value

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp_url(cls, value: str) -> str:
        if value:
            SMTPServer.parse(value)
        return value

    @field_validator("mail_from")
    @classmethod
    def _check_sender(cls, value: str) -> str:
        parse_sender(value)
        return value

    @field_validator("supplier_email")
    @classmethod
    def _check_supplier_email(cls, value: str) -> str:
        try:
            return clean_email(value, path=()) if value else value
        except InvalidInput as error:
            raise ValueError(error.message) from None

    @field_validator("region")
    @classmethod
    def _check_region(cls, value: str) -> str:
        try:
            return check_region(value, path=())
        except InvalidInput as error:
            raise ValueError(error.message) from None

    @field_validator("supplier_telephone")
    @classmethod
    def _check_supplier_telephone(cls, value: str) -> str:
        if len(value) > TELEPHONE_LENGTH or has_control_characters(value) or has_direction_controls(value):
            raise ValueError(f"use at most {TELEPHONE_LENGTH} printable characters")
        return value.strip()


def _has_valid_port(url: str) -> bool:
    try:
        _ = urlsplit(url).port
    except ValueError:
        return False
    return True


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def load_settings(**values: str) -> Settings:
    """Load the settings. Raises SettingsError, which names the first invalid variable, or the file."""
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except UnicodeDecodeError:
        raise SettingsError(f"the file {ENV_FILE} is not a text in UTF-8. Save it in UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"the file {ENV_FILE} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        reason = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        value = "" if field in _CONFIDENTIAL else f" (the value is {first['input']!r})"
        raise SettingsError(f"{PREFIX}{field.upper()}: {reason}{value}.") from None
