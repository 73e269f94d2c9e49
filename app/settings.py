"""Settings, from the environment or a `.env` file. A wrong value stops the server with a sentence that names it."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.engines import sqlite_path
from domain.errors import InvalidInput
from domain.numbers import parse
from domain.users import clean_email

PREFIX = "DIALTREE_"


class SettingsError(Exception):
    """A setting has a value that can't be used; the message names its variable."""


class Settings(BaseSettings):
    """Every setting; the names in the environment are in capitals behind `DIALTREE_`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    database_url: str = "sqlite:///dialtree.db"
    public_url: str = "http://127.0.0.1:8000"
    graphiql: Literal["on", "off"] = "off"
    log_format: Literal["text", "json"] = "text"
    supplier_email: str = ""
    supplier_telephone: str = ""

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        if sqlite_path(value) is None and not value.startswith(("postgresql://", "postgres://")):
            message = "use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
            raise ValueError(message)
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            message = "use an address that begins with http:// or https://"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("supplier_email")
    @classmethod
    def _check_email(cls, value: str) -> str:
        return _checked(clean_email, value)

    @field_validator("supplier_telephone")
    @classmethod
    def _check_telephone(cls, value: str) -> str:
        return _checked(parse, value)


def _checked(check: object, value: str) -> str:
    try:
        return check(value, path=()) if value else ""  # type: ignore[operator, no-any-return]
    except InvalidInput as error:
        raise ValueError(error.message) from None


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
