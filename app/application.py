"""The Starlette application: routes, and what lives as long as the server does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from app.delivery import outbox_worker
from app.downloads import download_routes
from app.endpoint import GraphQLEndpoint
from app.graphiql import graphiql_routes
from app.health import health_routes
from app.pages import page_routes
from app.services import Services
from app.settings import Settings
from execution.engine import Engine
from resolvers.core.context import Clock, Context, system_clock
from resolvers.housekeeping import clean_up
from schema.root.schema import build_schema

if TYPE_CHECKING:
    from app.tracing import Tracing

logger = logging.getLogger("dialtree")

GRAPHQL = "/graphql"
TIDY_SECONDS = 3600
HOUSEKEEPING = "housekeeping"
"""The name of the task that goes on for as long as the application does, and sleeps most of the time."""


def create_application(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    demo_key: str | None = None,
    delivers_mail: bool = True,
    tracing: Tracing | None = None,
) -> Starlette:
    """The application. `demo_key` is written into GraphiQL's page, so it is given in a demo alone.

    Where it does not deliver mail, `dialtree outbox --follow` does.
    """
    services = Services(settings, clock)

    @contextlib.asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        await services.open()
        if tracing is not None:
            services.database = tracing.database(services.open_database)
        worker = outbox_worker(settings, services.open_database, clock, services.deployment)
        if delivers_mail:
            worker.start()
        tidying = asyncio.create_task(_keep_tidy(services), name=HOUSEKEEPING)
        try:
            yield
        finally:
            await worker.stop()
            tidying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tidying
            await endpoint.finish()
            await services.close()
            if tracing is not None:
                await tracing.close()

    shows_console = settings.graphiql == "on" or demo_key is not None
    engine = Engine(build_schema()._schema)  # noqa: SLF001 - graphql-core's schema inside Strawberry's
    run_operation = engine.run if tracing is None else tracing.operations(engine.run)
    endpoint = GraphQLEndpoint(
        services,
        run_operation,
        introspection_for_all=shows_console,
        note_fault=None if tracing is None else tracing.note_fault,
    )
    routes: list[BaseRoute] = [
        Route("/", _front_door(shows_console=shows_console)),
        *health_routes(services),
        *page_routes(services),
        endpoint.metrics.route(endpoint.context),
        Route(GRAPHQL, endpoint),
        *download_routes(services),
    ]
    if shows_console:
        routes += graphiql_routes(demo_key=demo_key)
    if tracing is None:
        return _Application(endpoint, routes=routes, lifespan=lifespan)
    return _TracedApplication(endpoint, tracing, routes=routes, lifespan=lifespan)


class _Application(Starlette):
    """Starlette, but for GraphQL: those requests go straight to their endpoint."""

    def __init__(self, endpoint: GraphQLEndpoint, **options: Any) -> None:
        super().__init__(**options)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == GRAPHQL:
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _TracedApplication(_Application):
    """The same, with a span around each request."""

    def __init__(self, endpoint: GraphQLEndpoint, tracing: Tracing, **options: Any) -> None:
        super().__init__(endpoint, middleware=tracing.middleware, **options)
        self._traced = tracing.requests(super().__call__, self.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._traced(scope, receive, send)


def _front_door(*, shows_console: bool) -> Callable[[Request], Awaitable[Response]]:
    async def front_door(_request: Request) -> Response:
        if shows_console:
            return RedirectResponse("/graphiql")
        return PlainTextResponse("Dialtree answers GraphQL at /graphql.\n")

    return front_door


async def _keep_tidy(services: Services) -> None:
    while True:
        try:
            await clean_up(Context(services.open_database, services.clock, services.deployment))
        except Exception:
            logger.exception("tidying failed; it is tried again in an hour")
        await asyncio.sleep(TIDY_SECONDS)
