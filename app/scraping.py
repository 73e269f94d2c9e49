"""`/metrics` for Prometheus. Scraping requires a token with read access."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.environment import METRICS_FOLDER
from app.metrics import Metrics
from app.request_limit import time_limit
from app.requests import RETRY_AFTER, Headers, failure_status, read_headers
from app.services import Services
from domain.errors import DialtreeError, RequestFailed, Unauthenticated
from execution.documents import DocumentCache
from resolvers.core.context import Context
from resolvers.jobs.backlog import JobBacklog, job_backlog
from resolvers.mail.backlog import MailBacklog, mail_backlog

SAMPLE_SECONDS = 5
"""How often each of several workers takes samples, which the others then show."""


class Scraping:
    """Serves the metrics of all processes, and takes the samples of this one."""

    def __init__(self, services: Services, metrics: Metrics, documents: DocumentCache) -> None:
        self._services = services
        self._metrics = metrics
        self._documents = documents
        self._sampling: asyncio.Task[None] | None = None

    def route(self, context_of: Callable[[Headers], Awaitable[Context]]) -> Route:
        """The route `/metrics`, for callers with read access."""

        async def metrics(request: Request) -> Response:
            try:
                _ = (await context_of(read_headers(request.scope))).scope
                async with time_limit(self._services.settings.request_seconds):
                    text = await self._text()
            except Unauthenticated:
                challenge = {"WWW-Authenticate": "Bearer"}
                return PlainTextResponse("Send a token: Authorization: Bearer TOKEN\n", 401, challenge)
            except RequestFailed as error:
                return PlainTextResponse(f"{error}\n", failure_status(error), RETRY_AFTER)
            except DialtreeError as error:
                return PlainTextResponse(f"{error.message}\n", 403)
            return Response(text, media_type=CONTENT_TYPE_LATEST)

        return Route("/metrics", metrics)

    def start(self) -> None:
        """Take samples from time to time, if other workers show them; otherwise each scrape takes its own."""
        if os.environ.get(METRICS_FOLDER):
            self._sampling = asyncio.create_task(self._keep_sampling(), name="metrics")

    def stop(self) -> None:
        """Stop taking samples."""
        if self._sampling is not None:
            self._sampling.cancel()

    def _sample(self) -> None:
        self._metrics.sample(self._services.open_database.pool_usage(), self._documents)

    async def _keep_sampling(self) -> None:
        while True:
            self._sample()
            await asyncio.sleep(SAMPLE_SECONDS)

    async def _text(self) -> bytes:
        # Before the connection for the backlog is acquired, which is not the server's own work.
        self._sample()
        database, now = self._services.open_database, self._services.clock()
        backlog = _Backlog(await mail_backlog(database, now=now), await job_backlog(database, now=now))
        # The files of many workers are read outside the event loop.
        return await asyncio.to_thread(self._metrics.text) + generate_latest(backlog)


class _Backlog(Collector):
    """The backlog belongs to the deployment, not to a process."""

    def __init__(self, mail: MailBacklog, jobs: JobBacklog) -> None:
        self._mail = mail
        self._jobs = jobs

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        yield GaugeMetricFamily("dialtree_outbox_waiting", "Waiting mails.", self._mail.waiting)
        yield GaugeMetricFamily(
            "dialtree_outbox_oldest_seconds", "How long the oldest mail has waited.", self._mail.oldest_seconds
        )
        jobs = GaugeMetricFamily("dialtree_jobs", "Jobs by state.", labels=["state"])
        for state, count in self._jobs.jobs.items():
            jobs.add_metric([state.name.lower()], count)
        yield jobs
        yield GaugeMetricFamily(
            "dialtree_jobs_oldest_queued_seconds",
            "How long the oldest queued job has existed.",
            self._jobs.oldest_queued_seconds,
        )
