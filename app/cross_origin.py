"""CORS: browsers on other origins may use `/graphql`, `/upload` and `/download/…`, with a token but without cookies."""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.request_log import REQUEST_ID_HEADER

LOCAL_ORIGIN = r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?"
"""The origins that the demo allows: development servers on this machine."""

PREFLIGHT_SECONDS = 7_200
"""How long browsers cache a preflight response; the maximum of Chromium."""

REQUEST_HEADERS = ("Authorization", "Content-Type", "Dialtree-Organization", "Dialtree-Cost", REQUEST_ID_HEADER)
RESPONSE_HEADERS = ("Content-Disposition", "RateLimit", "RateLimit-Policy", "Retry-After", REQUEST_ID_HEADER)


def is_allowed(origin: str, host: str, origins: Collection[str], *, local: bool) -> bool:
    """Whether a page of this origin may open a WebSocket or a stream of events at this host.

    Clients other than browsers send no origin.
    """
    if not origin or origin in origins or (local and re.fullmatch(LOCAL_ORIGIN, origin)):
        return True
    scheme, _, own_host = origin.partition("://")
    return scheme in {"http", "https"} and bool(host) and own_host.lower() == host.lower()


def allow_origins(application: ASGIApp, origins: Collection[str], *, local: bool) -> ASGIApp:
    """Wrap an application so that browsers let these origins, and with `local` those of this machine, use it."""
    return CORSMiddleware(
        application,
        allow_origins=origins,
        allow_origin_regex=LOCAL_ORIGIN if local else None,
        allow_methods=("GET", "HEAD", "POST"),
        allow_headers=REQUEST_HEADERS,
        expose_headers=RESPONSE_HEADERS,
        max_age=PREFLIGHT_SECONDS,
    )
