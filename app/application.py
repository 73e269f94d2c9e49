"""The Starlette application: routes, lifespan, and the dispatch of `/graphql`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.console import console_routes
from app.cross_origin import allow_origins
from app.delivery import outbox_worker
from app.downloads import download_routes
from app.endpoint import GraphQLEndpoint
from app.graphiql import graphiql_routes
from app.health import health_routes
from app.metrics import Metrics
from app.operations import OperationRunner
from app.pages import page_routes
from app.request_log import RequestLog
from app.scraping import Scraping
from app.services import Services
from app.settings import Settings
from app.subscribers import Subscribers
from app.uploads import PATH as UPLOAD
from app.uploads import UploadEndpoint
from app.websocket_operations import ConnectionServices
from app.websockets import WebSocketEndpoint
from db.core.retry_logger import RetryLogger
from execution.engine import Engine
from resolvers.core.change_feed import PULSE_SECONDS, keep_announcing
from resolvers.core.context import Clock, Context, system_clock
from resolvers.core.folding import keep_folding
from resolvers.housekeeping import clean_up
from resolvers.jobs.worker import JobWorker
from resolvers.users.expiry import expire_invitations
from schema.root.schema import build_schema

if TYPE_CHECKING:
    from app.tracing import Tracing

logger = logging.getLogger("dialtree")

GRAPHQL = "/graphql"
LOCAL_HOSTS = ("localhost", "127.0.0.1")
"""The demo, which shows its key, must not be reached through another name: DNS can point any name at this machine."""

CLEAN_UP_SECONDS = 3600
EXPIRE_SECONDS = 60
"""How often the invitations of roots without requests are looked at: until they have expired, each request of the other
roots looks for its own among them."""

HOUSEKEEPING = "housekeeping"
"""The name of the tasks that clean up now and then for as long as the server runs."""


def create_application(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    demo_key: str | None = None,
    works_in_background: bool = True,
    tracing: Tracing | None = None,
) -> Starlette:
    """Create the application. The console's and GraphiQL's pages contain `demo_key`: pass it only for a demo.

    With `works_in_background=False`, no jobs run; run `dialtree outbox --follow` to deliver mail and to fold
    counters.
    """
    services = Services(settings, clock)
    metrics = Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        await services.open()
        if tracing is not None:
            services.database = tracing.database(services.open_database)
        worker = outbox_worker(settings, services.open_database, clock, services.deployment)
        jobs = JobWorker(services.open_database, clock, services.deployment)
        tasks = [
            asyncio.create_task(_periodically(_clean_up, services, seconds=CLEAN_UP_SECONDS), name=HOUSEKEEPING),
            asyncio.create_task(_periodically(_expire, services, seconds=EXPIRE_SECONDS), name=HOUSEKEEPING),
            asyncio.create_task(
                _periodically(_expire_for_subscribers, services, seconds=PULSE_SECONDS), name=HOUSEKEEPING
            ),
        ]
        if works_in_background:
            worker.start()
            jobs.start()
            tasks.append(asyncio.create_task(keep_folding(services.open_database, services.deployment, clock)))
            tasks.append(asyncio.create_task(keep_announcing(services.open_database, services.deployment)))
        scraping.start()
        try:
            yield
        finally:
            scraping.stop()
            await asyncio.gather(jobs.stop(), worker.stop())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await uploads.finish()
            await endpoint.finish_background_tasks()
            await services.close()
            if tracing is not None:
                await tracing.close()

    serves_graphiql = settings.graphiql == "on" or demo_key is not None
    engine = Engine(build_schema()._schema)  # noqa: SLF001 - graphql-core's schema inside Strawberry's
    run_operation = engine.run if tracing is None else tracing.operations(engine.run)
    operations = OperationRunner(run_operation, settings.documents, metrics, introspection_for_all=serves_graphiql)
    subscribers = Subscribers(settings, metrics, local=demo_key is not None)
    endpoint = GraphQLEndpoint(
        services,
        operations,
        subscribers,
        metrics,
        record_exception=None if tracing is None else tracing.record_exception,
    )
    websockets = WebSocketEndpoint(
        ConnectionServices(
            endpoint.context, operations, subscribers, endpoint.allowance, request_seconds=settings.request_seconds
        ),
        metrics,
    )
    uploads = UploadEndpoint(services, endpoint.limited_context, endpoint.allowance)
    scraping = Scraping(services, metrics, engine.documents)
    routes: list[BaseRoute] = [
        *_index_routes(settings, demo_key=demo_key, serves_graphiql=serves_graphiql),
        *health_routes(services),
        *page_routes(services),
        scraping.route(endpoint.limited_context),
        Route(GRAPHQL, endpoint),
        *download_routes(services),
        Route(UPLOAD, uploads),
    ]
    if serves_graphiql:
        routes += graphiql_routes(demo_key=demo_key)
    application = _Application(
        endpoint, websockets, routes=routes, lifespan=lifespan, middleware=[] if tracing is None else tracing.middleware
    )
    application.state.services = services
    if settings.allowed_origins or demo_key is not None:
        application.wrap(
            lambda wrapped: _only_below(
                (GRAPHQL, "/download/", UPLOAD),
                wrapped,
                allow_origins(wrapped, settings.allowed_origins, local=demo_key is not None),
            )
        )
    if demo_key is not None:
        application.wrap(lambda wrapped: TrustedHostMiddleware(wrapped, LOCAL_HOSTS, www_redirect=False))
    if tracing is not None:
        application.wrap(lambda wrapped: tracing.requests(wrapped, routes))
    application.wrap(lambda wrapped: RequestLog(wrapped, access_log=settings.access_log == "on"))
    return application


class _Application(Starlette):
    """Starlette, but GraphQL requests bypass its routing and middleware, which cost more than small operations."""

    def __init__(self, endpoint: GraphQLEndpoint, websockets: WebSocketEndpoint, **options: Any) -> None:
        super().__init__(**options)
        self._endpoint = endpoint
        self._websockets = websockets
        self._handle: ASGIApp = self._dispatch

    def wrap(self, wrapper: Callable[[ASGIApp], ASGIApp]) -> None:
        """Add ASGI middleware around everything else."""
        self._handle = wrapper(self._handle)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._handle(scope, receive, send)

    def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["path"] == GRAPHQL:
            return self._endpoint(scope, receive, send)
        if scope["type"] == "websocket" and scope["path"] == GRAPHQL:
            return self._websockets(scope, receive, send)
        return super().__call__(scope, receive, send)


def _only_below(prefixes: tuple[str, ...], others: ASGIApp, application: ASGIApp) -> ASGIApp:
    """Send requests for paths with these prefixes to the application, and all others to another one."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        matches = scope["type"] == "http" and scope["path"].startswith(prefixes)
        await (application if matches else others)(scope, receive, send)

    return dispatch


def _index_routes(settings: Settings, *, demo_key: str | None, serves_graphiql: bool) -> list[Route | Mount]:
    """The console at `/`; without it, GraphiQL or a line of text."""
    if settings.console == "on":
        return console_routes(demo_key=demo_key, serves_graphiql=serves_graphiql)

    async def index(_request: Request) -> Response:
        if serves_graphiql:
            return RedirectResponse("/graphiql")
        return PlainTextResponse("Dialtree serves GraphQL at /graphql.\n")

    return [Route("/", index)]


async def _periodically(work: Callable[[Services], Awaitable[None]], services: Services, *, seconds: float) -> None:
    log = RetryLogger(logger, "housekeeping failed")
    while True:
        try:
            await work(services)
            log.success()
        except Exception:
            log.exception()
        await asyncio.sleep(seconds)


async def _clean_up(services: Services) -> None:
    await clean_up(_context(services))


async def _expire(services: Services) -> None:
    await expire_invitations(_context(services))


async def _expire_for_subscribers(services: Services) -> None:
    """Expire invitations in time while there are subscribers: each request does so, but theirs were long ago."""
    if services.feed is not None and services.feed.subscriber_count:
        await _expire(services)


def _context(services: Services) -> Context:
    return Context(services.open_database, services.clock, services.deployment)
