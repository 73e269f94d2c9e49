"""What a server process counts and measures for Prometheus.

With several workers, `PROMETHEUS_MULTIPROC_DIR` names a folder in which each worker keeps its values in a file that it
maps into memory; any of them adds up all of the files.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from enum import StrEnum
from http import HTTPStatus

from graphql import OperationType
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

from app.environment import METRICS_FOLDER
from app.requests import PARTIAL_SUCCESS
from db.core.pool_usage import PoolUsage
from domain.errors import UserErrorCode
from execution.documents import DocumentCache
from execution.engine import ExecutionPath

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Outcome(StrEnum):
    """The outcome of a request."""

    OK = "ok"
    ERRORS = "errors"
    BAD_REQUEST = "bad request"
    FAILED = "failed"
    DISCONNECTED = "disconnected"

    @classmethod
    def of(cls, status: int, *, has_errors: bool) -> Outcome:
        """The outcome of a response with this status."""
        if not has_errors:
            return cls.OK
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return cls.FAILED
        return cls.ERRORS if status in {HTTPStatus.OK, PARTIAL_SUCCESS} else cls.BAD_REQUEST


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        requests = self._counter("dialtree_requests", "GraphQL requests by outcome.", "outcome")
        # Looking up a labelled child takes longer than incrementing it.
        self._outcomes = {outcome: requests.labels(outcome) for outcome in Outcome}
        self._seconds = Histogram(
            "dialtree_request_seconds", "Duration of GraphQL requests.", buckets=_BUCKETS, registry=self._registry
        )
        operations = self._counter(
            "dialtree_operations", "Executed GraphQL operations by type and execution path.", "kind", "path"
        )
        self._operations = {
            kind: {path: operations.labels(kind.value, path) for path in ExecutionPath} for kind in OperationType
        }
        self._events = Counter("dialtree_subscription_events", "Events sent to subscribers.", registry=self._registry)
        self.open_subscriptions = self._gauge("dialtree_subscriptions", "Running subscriptions.", "transport")
        self.open_sockets = self._gauge("dialtree_websockets", "Open WebSocket connections.")
        self._refusals = self._counter("dialtree_refusals", "Refusals in `userErrors` by code.", "code")
        failures = self._counter(
            "dialtree_sign_in_failures", "Wrong passwords, and requests with an unknown or expired token.", "kind"
        )
        self._wrong_passwords, self._wrong_tokens = failures.labels("password"), failures.labels("token")
        self._samples = _Samples(self._registry)

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(name, description, labels, registry=self._registry)

    def _gauge(self, name: str, description: str, *labels: str) -> Gauge:
        return Gauge(name, description, labels, registry=self._registry, multiprocess_mode="livesum")

    def record_request(self, outcome: Outcome, *, seconds: float) -> None:
        """Count a request."""
        self._outcomes[outcome].inc()
        self._seconds.observe(seconds)

    def record_operation(self, kind: OperationType, path: ExecutionPath) -> None:
        """Count an executed operation."""
        self._operations[kind][path].inc()

    def record_event(self) -> None:
        """Count an event of a subscription."""
        self._events.inc()

    def record_refusals(self, codes: Collection[UserErrorCode]) -> None:
        """Count the refusals of a request; several with the same code count once."""
        for code in codes:
            self._refusals.labels(code.value).inc()
        if UserErrorCode.INVALID_CREDENTIALS in codes:
            self._wrong_passwords.inc()

    def record_wrong_token(self) -> None:
        """Count a request whose token is unknown or has expired."""
        self._wrong_tokens.inc()

    def sample(self, pools: Iterable[PoolUsage], documents: DocumentCache) -> None:
        """Measure what is not counted as it happens."""
        self._samples.take(pools, documents)

    def text(self) -> bytes:
        """The metrics of all processes in Prometheus' format."""
        registry = self._registry
        if folder := os.environ.get(METRICS_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # it has no annotations
        return generate_latest(registry)


class _Samples:
    """Measurements that are taken now and then; those of an ended worker are left out."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._pool_size = self._gauge("dialtree_database_connections_max", "Size of a connection pool.", "pool")
        self._in_use = self._gauge("dialtree_database_connections_in_use", "Connections in use.", "pool")
        self._waiting = self._gauge("dialtree_database_connections_waiting", "Tasks that wait for one.", "pool")
        self._documents = self._gauge("dialtree_document_cache_size", "Cached operations.")
        lookups = Counter("dialtree_document_cache", "Lookups by result.", ["result"], registry=registry)
        self._hits, self._misses = lookups.labels("hit"), lookups.labels("miss")
        self._counted_hits = self._counted_misses = 0
        self._process_collector = ProcessCollector(registry=None)
        self._process: dict[str, Gauge] = {}
        for name in ("cpu_seconds", "resident_memory_bytes", "virtual_memory_bytes", "open_fds", "max_fds"):
            self._process[name] = self._gauge(f"dialtree_process_{name}", "Of each process.", "process")
        self._process["start_time_seconds"] = self._gauge(
            "dialtree_process_start_time_seconds", "When each process started, since 1970.", "process"
        )

    def _gauge(self, name: str, description: str, *labels: str) -> Gauge:
        return Gauge(name, description, labels, registry=self._registry, multiprocess_mode="livesum")

    def take(self, pools: Iterable[PoolUsage], documents: DocumentCache) -> None:
        for usage in pools:
            self._pool_size.labels(usage.pool).set(usage.size)
            self._in_use.labels(usage.pool).set(usage.in_use)
            self._waiting.labels(usage.pool).set(usage.waiting)
        self._documents.set(len(documents))
        hits, misses = documents.hits, documents.misses
        self._hits.inc(hits - self._counted_hits)
        self._misses.inc(misses - self._counted_misses)
        self._counted_hits, self._counted_misses = hits, misses
        process = str(os.getpid())
        for family in self._process_collector.collect():
            self._process[family.name.removeprefix("process_")].labels(process).set(family.samples[0].value)
