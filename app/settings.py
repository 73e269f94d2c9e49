"""Settings, from the environment or a `.env` file. A wrong value stops the server with a sentence that names it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.engines import sqlite_path

PREFIX = "DIALTREE_"


class SettingsError(Exception):
    """A setting has a value that can't be used; the message names its variable."""


class Settings(BaseSettings):
    """Every setting; the names in the environment are in capitals behind `DIALTREE_`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    database_url: str = "sqlite:///dialtree.db"
    graphiql: Literal["on", "off"] = "off"
    log_format: Literal["text", "json"] = "text"

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        message = "use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        path = sqlite_path(value)
        if path is None and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError(message)
        if path == ":memory:":
            message = "a database in memory can't be shared; use sqlite:///FILE"
            raise ValueError(message)
        try:
            _ = urlsplit(value).port
        except ValueError:
            raise ValueError(message) from None
        return value


def load_settings(**values: str) -> Settings:
    """The settings. Raises SettingsError naming the variable that is wrong."""
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        fault = error.errors()[0]
        name = PREFIX + str(fault["loc"][0]).upper()
        reason = str(fault["msg"]).removeprefix("Value error, ")
        message = f"{name}: {reason} (it is {fault['input']!r})."
        raise SettingsError(message) from None
