"""`/download/…`: stream the report behind a signed link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Send

from app.request_limit import time_limit
from app.requests import failure_status
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


def download_routes(services: Services) -> list[Route]:
    """The download route. It needs no `Authorization` header: the signed link identifies the caller."""
    slots = asyncio.Semaphore(MAX_CONCURRENT_DOWNLOADS)

    async def download(request: Request) -> Response:
        context = Context(services.open_database, services.clock, services.deployment)
        try:
            report = await report_links.redeem(context, request.query_params.get("link", ""))
            if request.method == "HEAD":
                head = Response(headers=_headers(report.filename), media_type=CSV)
                # The length of the file is unknown; Starlette would send that of the empty body.
                del head.headers["content-length"]
                return head
            if slots.locked():
                return PlainTextResponse(
                    "Too many reports are being downloaded. Try again in a minute.\n",
                    503,
                    {**_HEADERS, "Retry-After": "60"},
                )
            async with time_limit(services.settings.request_seconds):
                organization = await reports.record_download(context, report)
        except (InvalidLink, DialtreeError) as error:
            return PlainTextResponse(f"{error.message}\n", 403, _HEADERS)
        except RequestFailed as error:
            return PlainTextResponse(f"{error}\n", failure_status(error), {**_HEADERS, "Retry-After": "60"})

        async def chunks() -> AsyncGenerator[bytes, None]:
            async with slots, aclosing(reports.stream_report(context, report, organization)) as written:
                async for chunk in written:
                    yield chunk

        return _Download(chunks(), report.filename)

    return [Route("/download/{filename}", download, methods=["GET"])]
