"""The settings as operators see them: unknown variables, and a summary of the configuration without secrets."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from app.settings import ENV_FILE, PREFIX, Settings

DEMO_KEY = "DIALTREE_DEMO_KEY"
"""The environment variable in which `dialtree serve --demo` passes the demo's key to its workers; not a setting."""

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable of prometheus_client with the folder of all workers."""

MASK = "***"

_NOT_SETTINGS = (DEMO_KEY, "DIALTREE_TEST_")
"""Variables that are not settings: of the server itself, and of the test suite."""

_VARIABLE = re.compile(rf"^\s*(?:export\s+)?({PREFIX}\w+)\s*=", re.IGNORECASE | re.MULTILINE)
_URLS = {"database_url", "pooler_url", "replica_url", "smtp_url"}

logger = logging.getLogger("dialtree")


def unknown_variables() -> list[str]:
    """A message for each variable in the environment or in `.env` that looks like a setting and is none."""
    unknown = {name.upper() for name in _set_variables()} - _known_variables()
    return [_message(name) for name in sorted(unknown) if not name.startswith(_NOT_SETTINGS)]


def log_configuration(settings: Settings) -> None:
    """Log the database and the settings that differ from their defaults, and warn of unknown variables."""
    for message in unknown_variables():
        logger.warning(message)
    logger.info("database: %s", masked_url(settings.database_url))
    changed = ", ".join(_changed_settings(settings)) or "none"
    logger.info("settings other than the defaults: %s", changed)


def masked_url(url: str) -> str:
    """A URL without its password and its query, which may contain one too."""
    if url.startswith("sqlite:"):
        return url
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    user, colon, _ = userinfo.partition(":")
    password = f":{MASK}" if colon else ""
    query = f"?{MASK}" if parts.query else ""
    return f"{parts.scheme}://{user}{password}{at}{host}{parts.path}{query}"


def _set_variables() -> Iterator[str]:
    yield from (name for name in os.environ if name.upper().startswith(PREFIX))
    file = Path(ENV_FILE)
    # Loading the settings says that the file cannot be read.
    with contextlib.suppress(OSError):
        if file.is_file():
            yield from _VARIABLE.findall(file.read_text(encoding="utf-8", errors="replace"))


def _known_variables() -> set[str]:
    return {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}


def _message(name: str) -> str:
    # Without the prefix, which would make any two short names alike.
    known = [variable.removeprefix(PREFIX) for variable in _known_variables()]
    nearest = get_close_matches(name.removeprefix(PREFIX), known, n=1)
    return (
        f"{name} is unknown; did you mean {PREFIX}{nearest[0]}?" if nearest else f"{name} is unknown and has no effect."
    )


def _changed_settings(settings: Settings) -> Iterable[str]:
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value != field.default:
            shown = MASK if name == "secret" else masked_url(value) if name in _URLS else value
            yield f"{PREFIX}{name.upper()}={shown}"
