"""Tracing with OpenTelemetry: a span for each request, inside it one for the operation, inside that one per statement.

OpenTelemetry's own variables say where spans are exported to (`OTEL_EXPORTER_OTLP_ENDPOINT` and others). Its packages
are an extra, so nothing imports this module unless `DIALTREE_TRACING` is on. The operation name is the only part of a
request that appears in a trace: no headers, no query string, no variables, no document.
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

from app.operations import ERRORS_SHOWN, RunOperation
from app.traced_requests import ExceptionRecorder, record_exception, traced_requests
from db.core.database import Database
from db.core.tracing import TracedDatabase
from domain.errors import UserErrorCode
from execution.engine import OperationResult, OperationTypeNotAllowed, SignInRequired
from schema.core.errors import code_of, fault

_MAX_NAME_LENGTH = 100
"""Longer operation names are cut: callers choose them, and spans wait in memory until they are exported."""


class Tracing:
    """Wraps the application, the engine and the database so that each reports spans to a provider."""

    def __init__(self, provider: TracerProvider) -> None:
        # Use the current HTTP semantic conventions; the library's default is still the old ones.
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
        self._provider = provider
        self._tracer = provider.get_tracer("dialtree")

    @classmethod
    def exporting(cls) -> Self:
        """Set up tracing with the exporter that the environment configures, and add trace ids to log records."""
        resource = Resource.create({SERVICE_NAME: "dialtree"}).merge(OTELResourceDetector().detect())
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        for handler in logging.getLogger().handlers:
            handler.addFilter(add_trace_id)
        return cls(provider)

    def database(self, database: Database) -> Database:
        """Wrap the database so that each statement of a request has a span."""
        return TracedDatabase(database, self._tracer)

    def operations(self, run: RunOperation) -> RunOperation:
        """Wrap `Engine.run` so that each operation has a span."""

        async def traced(query: str, *, context: Any, **options: Any) -> OperationResult:
            with self._tracer.start_as_current_span(
                "GraphQL Operation", kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
            ) as span:
                try:
                    result = await run(query, context=context, **options)
                except (OperationTypeNotAllowed, SignInRequired):
                    raise
                except Exception as error:
                    record_exception(span, error)
                    raise
                if span.is_recording():
                    _set_attributes(span, result, context.refused)
                return result

        return traced

    def requests(self, application: ASGIApp, routes: Sequence[BaseRoute]) -> ASGIApp:
        """Wrap the application so that each request has a span, which continues the caller's trace."""
        return traced_requests(application, routes, self._provider)

    def record_exception(self, error: Exception) -> None:
        """Record an exception in the current span."""
        record_exception(trace.get_current_span(), error)

    @property
    def middleware(self) -> list[Middleware]:
        """The middleware that Starlette has to run inside its error handling."""
        return [Middleware(ExceptionRecorder)]

    async def close(self) -> None:
        """Export the remaining spans and shut down."""
        await asyncio.to_thread(self._provider.shutdown)


def add_trace_id(record: logging.LogRecord) -> bool:
    """Add the id of the current trace to a log record; a logging filter that keeps every record."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        record.trace_id = trace.format_trace_id(span.trace_id)
    return True


def _set_attributes(span: Span, result: OperationResult, refused: frozenset[UserErrorCode]) -> None:
    if result.operation is not None:
        kind, name = result.operation.type.value, (result.operation.name or "")[:_MAX_NAME_LENGTH]
        span.update_name(f"{kind} {name}".rstrip())
        span.set_attribute("graphql.operation.type", kind)
        if name:
            span.set_attribute("graphql.operation.name", name)
    if result.path is not None:
        span.set_attribute("dialtree.execution_path", result.path.value)
    if refused:
        span.set_attribute("dialtree.refusals", sorted(code.value for code in refused))
    errors = (result.result.errors or [])[:ERRORS_SHOWN]
    if errors:
        span.set_attribute("dialtree.errors", sorted({code_of(error) for error in errors}))
    for error in errors:
        if (exception := fault(error)) is not None:
            record_exception(span, exception)
