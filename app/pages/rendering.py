"""Rendering the pages: Jinja2 templates, every value escaped, under a policy that lets nothing in from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

WORDS = Path(__file__).parent / "words"

_STYLE = (WORDS / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # The address holds a token: it is not to be kept, nor told to anybody.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

_environment = Environment(
    loader=FileSystemLoader(WORDS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["style"] = _STYLE


def page(template: str, /, *, status: int = 200, **words: object) -> HTMLResponse:
    """The page of this template with these words."""
    return HTMLResponse(
        _environment.get_template(f"{template}.html").render(words), status_code=status, headers=HEADERS
    )


def moment(at: datetime) -> str:
    """A moment in words; whoever opens the link may be anywhere, so it is in UTC."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
