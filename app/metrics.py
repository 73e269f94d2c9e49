"""Prometheus metrics of the server. Scraping them requires a token with read access."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum

from graphql import OperationType
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.requests import Headers, read_headers
from domain.errors import DialtreeError, Unauthenticated
from execution.engine import ExecutionPath
from resolvers.core.context import Context

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Outcome(StrEnum):
    """The outcome of a request."""

    OK = "ok"
    ERRORS = "errors"
    BAD_REQUEST = "bad request"
    DISCONNECTED = "disconnected"


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "dialtree_requests", "GraphQL requests by outcome.", ["outcome"], registry=self._registry
        )
        # Looking up a labelled child takes longer than incrementing it.
        self._outcomes = {outcome: self._requests.labels(outcome) for outcome in Outcome}
        self._seconds = Histogram(
            "dialtree_request_seconds", "Duration of GraphQL requests.", buckets=_BUCKETS, registry=self._registry
        )
        operations = Counter(
            "dialtree_operations",
            "Executed GraphQL operations by type and execution path.",
            ["kind", "path"],
            registry=self._registry,
        )
        self._queries = {path: operations.labels("query", path) for path in ExecutionPath}
        self._mutations = {path: operations.labels("mutation", path) for path in ExecutionPath}

    def record_request(self, outcome: Outcome, *, seconds: float) -> None:
        """Count a request."""
        self._outcomes[outcome].inc()
        self._seconds.observe(seconds)

    def record_operation(self, kind: OperationType, path: ExecutionPath) -> None:
        """Count an executed operation."""
        (self._mutations if kind is OperationType.MUTATION else self._queries)[path].inc()

    def route(self, context_of: Callable[[Headers], Awaitable[Context]]) -> Route:
        """The route `/metrics`, for callers with read access."""

        async def metrics(request: Request) -> Response:
            try:
                _ = (await context_of(read_headers(request.scope))).scope
            except Unauthenticated:
                challenge = {"WWW-Authenticate": "Bearer"}
                return PlainTextResponse("Send a token: Authorization: Bearer TOKEN\n", 401, challenge)
            except DialtreeError as error:
                return PlainTextResponse(f"{error.message}\n", 403)
            return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

        return Route("/metrics", metrics)
