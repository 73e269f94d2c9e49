"""A span for each HTTP request, by OpenTelemetry's ASGI middleware, which only sees what may appear in a trace.

Links in mails contain tokens, so a span has the path template of the route, such as `/download/{filename}`, and never
the requested URL. Exceptions are recorded with their stack trace but without their message, which may quote the
request; the message is only in the log.
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

_EXCLUDED_URLS = "/health/,/metrics"
_TRACED_SCOPE_KEYS = ("type", "http_version", "scheme", "server")


def traced_requests(application: ASGIApp, routes: Sequence[BaseRoute], provider: TracerProvider) -> ASGIApp:
    """Wrap the application so that each request has a span."""
    propagation_headers = {name.encode() for name in propagate.get_global_textmap().fields}

    async def run(traced_scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await application(traced_scope["full_scope"], receive, send)
        except Exception as error:  # noqa: BLE001 - re-raised outside the middleware, which would record its message
            traced_scope["exception"] = error

    middleware = OpenTelemetryMiddleware(
        run,
        default_span_details=_span_details,
        excluded_urls=_EXCLUDED_URLS,
        tracer_provider=provider,
        exclude_spans=["receive", "send"],
    )

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        traced_scope: dict[str, Any] = {name: scope[name] for name in _TRACED_SCOPE_KEYS if name in scope}
        traced_scope["method"] = sanitize_method(scope["method"])
        traced_scope["path"] = next((_path(route) for route in routes if route.matches(scope)[0] is not Match.NONE), "")
        traced_scope["headers"] = [header for header in scope["headers"] if header[0] in propagation_headers]
        traced_scope["full_scope"] = scope
        await middleware(traced_scope, receive, send)
        if "exception" in traced_scope:
            raise traced_scope["exception"]

    return traced


class ExceptionRecorder:
    """Middleware inside Starlette's error handling: records an exception before the 500 response ends the span."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application and record an exception that it raises."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            record_exception(trace.get_current_span(), error)
            raise


def _span_details(traced_scope: Scope) -> tuple[str, dict[str, str]]:
    method, path = traced_scope["method"].replace("_OTHER", "HTTP"), traced_scope["path"]
    return (f"{method} {path}", {"http.route": path}) if path else (method, {})


def _path(route: BaseRoute) -> str:
    path: str = getattr(route, "path", "")
    return path


def record_exception(span: Span, error: Exception) -> None:
    """Record an exception with its type and stack trace, without its message."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    frames = "".join(traceback.format_tb(error.__traceback__))
    span.add_event("exception", {"exception.type": kind, "exception.stacktrace": frames})
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR, "INTERNAL_SERVER_ERROR")
