"""The Starlette application: routes, and what lives as long as the server does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.console import console_routes
from app.delivery import outbox_worker
from app.downloads import download_routes
from app.endpoint import GraphQLEndpoint
from app.health import health_routes
from app.services import Services
from app.settings import Settings
from resolvers.context import Clock, system_clock
from resolvers.housekeeping import tidy

logger = logging.getLogger("dialtree")

TIDY_SECONDS = 3600


def create_application(
    settings: Settings, *, clock: Clock = system_clock, demo_key: str | None = None, delivers_mail: bool = True
) -> Starlette:
    """The application. `demo_key` is written into GraphiQL's page, so it is given in a demo alone.

    Where it does not deliver mail, `dialtree outbox --follow` does.
    """
    services = Services(settings, clock)

    @contextlib.asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        await services.open()
        worker = outbox_worker(settings, services.open_database, clock, services.deployment)
        if delivers_mail:
            worker.start()
        tidying = asyncio.create_task(_keep_tidy(services))
        try:
            yield
        finally:
            await worker.stop()
            tidying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tidying
            await endpoint.finish()
            await services.close()

    shows_console = settings.graphiql == "on" or demo_key is not None
    endpoint = GraphQLEndpoint(services, introspection_for_all=shows_console)
    routes: list[BaseRoute] = [
        Route("/", _front_door(shows_console=shows_console)),
        *health_routes(services),
        endpoint.metrics.route(endpoint.context),
        *download_routes(services),
        Route("/graphql", endpoint.http, methods=["GET", "POST"]),
    ]
    if shows_console:
        routes += console_routes(demo_key=demo_key)
    return Starlette(routes=routes, lifespan=lifespan)


def _front_door(*, shows_console: bool) -> Callable[[Request], Awaitable[Response]]:
    async def front_door(_request: Request) -> Response:
        if shows_console:
            return RedirectResponse("/graphiql")
        return PlainTextResponse("Dialtree answers GraphQL at /graphql.\n")

    return front_door


async def _keep_tidy(services: Services) -> None:
    while True:
        try:
            await tidy(services.open_database, services.clock)
        except Exception:
            logger.exception("tidying failed; it is tried again in an hour")
        await asyncio.sleep(TIDY_SECONDS)
