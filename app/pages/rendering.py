"""Render the pages: Jinja2 templates with autoescaping, under a content security policy without external sources."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

TEMPLATES = Path(__file__).parent / "templates"

_STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # The URL contains a token: it must not be cached or sent to other sites.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["style"] = _STYLE


def page(template: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
    """The response with a rendered template."""
    return HTMLResponse(
        _environment.get_template(f"{template}.html").render(values), status_code=status, headers=HEADERS
    )


def format_time(at: datetime) -> str:
    """A time in UTC, such as `5 December 2026, 09:00 UTC`: the time zone of the reader is unknown."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
