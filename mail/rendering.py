"""Rendering with Jinja2; the templates themselves are in `mail/templates`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render_html(name: str, words: Mapping[str, object]) -> str:
    """A page in HTML; every value is escaped."""
    return _environment.get_template(f"{name}.html").render(words)


def render_text(name: str, words: Mapping[str, object]) -> str:
    """The same as plain text."""
    return _environment.get_template(f"{name}.txt").render(words)


def moment(at: datetime, time_zone: str) -> str:
    """A moment as people of a time zone write it, such as `5 December 2026, 09:00 (UTC)`."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({time_zone.replace('_', ' ')})"
