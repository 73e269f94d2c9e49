"""Tracing by OpenTelemetry: a span for each request, in it one for its operation, and in that one for each statement.

Where a request is followed is said by OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_ENDPOINT` and the like). Its
packages are an extra: nothing imports this module unless `DIALTREE_TRACING` is on. Nothing that a caller sends gets
into a trace but the name of the operation: no header, no query string, no variable, no document.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from typing import Any, Self

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from app.endpoint import ERRORS_SHOWN, RunOperation
from app.traced_requests import NotedFaults, note_fault, traced_requests
from db.core.database import Database
from db.core.tracing import TracedDatabase
from domain.errors import UserErrorCode
from execution.engine import OperationResult, OperationTypeNotAllowed, SignInRequired
from schema.core.errors import code_of, fault

_NAME_LENGTH = 100
"""How many characters of an operation's name are kept: callers choose it, and a span waits in memory."""


class Tracing:
    """What the layers of the server are wrapped in so that their spans reach a provider."""

    def __init__(self, provider: TracerProvider) -> None:
        # The HTTP attributes of today; without it, the library writes those that it wrote years ago.
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
        self._provider = provider
        self._tracer = provider.get_tracer("dialtree")

    @classmethod
    def exporting(cls) -> Self:
        """Tracing to where the environment says; log lines then tell the trace that they belong to."""
        resource = Resource.create({SERVICE_NAME: "dialtree"}).merge(OTELResourceDetector().detect())
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        for handler in logging.getLogger().handlers:
            handler.addFilter(note_trace)
        return cls(provider)

    def database(self, database: Database) -> Database:
        """The database, with a span for each statement of a request."""
        return TracedDatabase(database, self._tracer)

    def operations(self, run: RunOperation) -> RunOperation:
        """What runs operations, with a span for each."""

        async def traced(query: str, *, context: Any, **more: Any) -> OperationResult:
            with self._tracer.start_as_current_span(
                "GraphQL Operation", kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
            ) as span:
                try:
                    done = await run(query, context=context, **more)
                except (OperationTypeNotAllowed, SignInRequired):
                    raise
                except Exception as error:
                    note_fault(span, error)
                    raise
                if span.is_recording():
                    _describe(span, done, context.refused)
                return done

        return traced

    def requests(self, application: ASGIApp, routes: Sequence[BaseRoute]) -> ASGIApp:
        """The application, with a span for each request that continues the caller's trace."""
        return traced_requests(application, routes, self._provider)

    def note_fault(self, error: Exception) -> None:
        """Note what broke in the span of the request."""
        note_fault(trace.get_current_span(), error)

    @property
    def middleware(self) -> list[Middleware]:
        """What has to stand inside Starlette."""
        return [Middleware(NotedFaults)]

    async def close(self) -> None:
        """Export what is left."""
        await asyncio.to_thread(self._provider.shutdown)


def note_trace(record: logging.LogRecord) -> bool:
    """Write into a record of the log which trace it belongs to; keeps every record."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        record.trace_id = trace.format_trace_id(span.trace_id)
    return True


def _describe(span: Span, done: OperationResult, refused: frozenset[UserErrorCode]) -> None:
    if done.operation is not None:
        kind, name = done.operation.type.value, (done.operation.name or "")[:_NAME_LENGTH]
        span.update_name(f"{kind} {name}".rstrip())
        span.set_attribute("graphql.operation.type", kind)
        if name:
            span.set_attribute("graphql.operation.name", name)
    if done.path is not None:
        span.set_attribute("dialtree.execution_path", done.path.value)
    if refused:
        span.set_attribute("dialtree.refusals", sorted(code.value for code in refused))
    errors = (done.result.errors or [])[:ERRORS_SHOWN]
    if errors:
        span.set_attribute("dialtree.errors", sorted({code_of(error) for error in errors}))
    for error in errors:
        if (broken := fault(error)) is not None:
            note_fault(span, broken)
