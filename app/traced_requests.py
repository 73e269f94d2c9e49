"""A span for each HTTP request, by OpenTelemetry's own middleware, which sees only what may be in a trace.

Links that people get by mail carry tokens in their addresses, so a span has the path of the route that answers, such as
`/download/{filename}`, and never what was asked for. What breaks is noted with its place; its message may quote what a
caller sent, and stays in the log.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.trace import Span, StatusCode, TracerProvider
from opentelemetry.util.http import sanitize_method
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

_NOT_TRACED = "/health/,/metrics"
_SEEN = ("type", "http_version", "scheme", "server")


def traced_requests(application: ASGIApp, routes: Sequence[BaseRoute], provider: TracerProvider) -> ASGIApp:
    """The application, with a span for each request."""
    carriers = {name.encode() for name in propagate.get_global_textmap().fields}

    async def answer(seen: Scope, receive: Receive, send: Send) -> None:
        try:
            await application(seen["whole"], receive, send)
        except Exception as error:  # noqa: BLE001 - raised again where the middleware does not see it
            seen["failure"] = error

    middleware = OpenTelemetryMiddleware(
        answer,
        default_span_details=_details,
        excluded_urls=_NOT_TRACED,
        tracer_provider=provider,
        exclude_spans=["receive", "send"],
    )

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        seen: dict[str, Any] = {name: scope[name] for name in _SEEN if name in scope}
        seen["method"] = sanitize_method(scope["method"])
        seen["path"] = next((_path(route) for route in routes if route.matches(scope)[0] is not Match.NONE), "")
        seen["headers"] = [header for header in scope["headers"] if header[0] in carriers]
        seen["whole"] = scope
        await middleware(seen, receive, send)
        if "failure" in seen:
            raise seen["failure"]

    return traced


class NotedFaults:
    """Stands inside Starlette's own handling of faults: what breaks is noted before the answer ends the span."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            note_fault(trace.get_current_span(), error)
            raise


def _details(seen: Scope) -> tuple[str, dict[str, str]]:
    method, path = seen["method"].replace("_OTHER", "HTTP"), seen["path"]
    return (f"{method} {path}", {"http.route": path}) if path else (method, {})


def _path(route: BaseRoute) -> str:
    path: str = getattr(route, "path", "")
    return path


def note_fault(span: Span, error: Exception) -> None:
    """Note what broke, and where."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    frames = "".join(traceback.format_tb(error.__traceback__))
    span.add_event("exception", {"exception.type": kind, "exception.stacktrace": frames})
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR, "INTERNAL_SERVER_ERROR")
