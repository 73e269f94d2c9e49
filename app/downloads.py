"""`/download/…`: stream the report behind a signed link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Send

from app.request_limit import RequestLimits, time_limit_exceeded
from app.requests import Disconnected, failure_status
from app.services import Services
from domain.errors import DialtreeError, RequestFailed
from resolvers.core.context import Context
from resolvers.reports import contents as reports
from resolvers.reports import links as report_links
from resolvers.reports.links import InvalidLink

logger = logging.getLogger("dialtree")

MAX_CONCURRENT_DOWNLOADS = 4
"""Per process. Each download holds a database connection until it ends."""

SEND_SECONDS = 60
"""Time limit for the client to accept each chunk."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


CSV = "text/csv; charset=utf-8; header=present"


def _headers(filename: str) -> dict[str, str]:
    return {**_HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}"}


class _Download(StreamingResponse):
    """A file streamed while it is generated. The generator is closed however the download ends."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], filename: str) -> None:
        super().__init__(chunks, headers=_headers(filename), media_type=CSV)
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        """Send the chunks until the client stalls."""

        async def send_with_timeout(message: Message) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        async with aclosing(self._chunks):
            try:
                await super().stream_response(send_with_timeout)
            except TimeoutError:
                # The response stays incomplete, so the server closes the connection and the client sees an error.
                logger.warning("aborted a download: the client read nothing for %s seconds", SEND_SECONDS)


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _failure(error: RequestFailed) -> Response:
    return PlainTextResponse(f"{error}\n", failure_status(error), {**_HEADERS, "Retry-After": "60"})


class _Downloads:
    """Streams reports, a few at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limits = RequestLimits(seconds=services.settings.request_seconds)
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_DOWNLOADS)

    async def answer(self, request: Request) -> Response:
        """Answer a request; only what comes before the file has a time limit."""
        try:
            with self._limits.limit(partial(_departure, request.receive)):
                return await self._begin(request)
        except Disconnected:
            # Nobody receives it.
            return Response()
        except TimeoutError:
            return _failure(time_limit_exceeded(self._limits.seconds))
        except RequestFailed as error:
            return _failure(error)
        except (InvalidLink, DialtreeError) as error:
            return PlainTextResponse(f"{error.message}\n", 403, _HEADERS)

    async def _begin(self, request: Request) -> Response:
        services = self._services
        context = Context(services.open_database, services.clock, services.deployment)
        report = await report_links.redeem(context, request.query_params.get("link", ""))
        if request.method == "HEAD":
            head = Response(headers=_headers(report.filename), media_type=CSV)
            # The length of the file is unknown; Starlette would send that of the empty body.
            del head.headers["content-length"]
            return head
        if self._slots.locked():
            return PlainTextResponse(
                "Too many reports are being downloaded. Try again in a minute.\n",
                503,
                {**_HEADERS, "Retry-After": "60"},
            )
        organization = await reports.record_download(context, report)

        async def chunks() -> AsyncGenerator[bytes, None]:
            async with self._slots, aclosing(reports.stream_report(context, report, organization)) as written:
                async for chunk in written:
                    yield chunk

        return _Download(chunks(), report.filename)


def download_routes(services: Services) -> list[Route]:
    """The download route. It needs no `Authorization` header: the signed link identifies the caller."""
    return [Route("/download/{filename}", _Downloads(services).answer, methods=["GET"])]
