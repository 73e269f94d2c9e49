"""Liveness and readiness checks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.requests import RETRY_AFTER
from app.services import Services
from resolvers.core.health import database_responds


def health_routes(services: Services) -> list[Route]:
    """The routes `/health/live` and `/health/ready`, which need no token."""

    async def live(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    async def ready(_request: Request) -> PlainTextResponse:
        if services.database is not None and await database_responds(services.database):
            return PlainTextResponse("ready\n")
        return PlainTextResponse("the database does not answer\n", 503, RETRY_AFTER)

    return [Route("/health/live", live), Route("/health/ready", ready)]
