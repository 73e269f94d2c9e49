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


def render_html(name: str, values: Mapping[str, object]) -> str:
    """Render the HTML template; every value is escaped."""
    return _environment.get_template(f"{name}.html").render(values)


def render_text(name: str, values: Mapping[str, object]) -> str:
    """Render the plain-text template."""
    return _environment.get_template(f"{name}.txt").render(values)


def format_time(at: datetime, time_zone: str) -> str:
    """Format a time in a time zone, such as `5 December 2026, 09:00 (UTC)`."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({time_zone.replace('_', ' ')})"
