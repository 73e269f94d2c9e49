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

from app.services import Services
from domain.errors import DialtreeError
from resolvers.core.context import Context
from resolvers.reports import contents as reports
from resolvers.reports import links as report_links
from resolvers.reports.links import InvalidLink

logger = logging.getLogger("dialtree")

AT_ONCE = 4
"""How many downloads a process serves at once: each holds a connection to the database for as long as it takes."""

STALLED_SECONDS = 60
"""How long a client may take nothing before its download is ended."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


CSV = "text/csv; charset=utf-8; header=present"


def _headers(filename: str) -> dict[str, str]:
    return {**_HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}"}


class _Download(StreamingResponse):
    """A file that is being made: whatever ends the download, ends the reading as well."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], filename: str) -> None:
        super().__init__(pieces, headers=_headers(filename), media_type=CSV)
        self._pieces = pieces

    async def stream_response(self, send: Send) -> None:
        """Send the pieces, as long as the client takes them."""

        async def patiently(message: Message) -> None:
            async with asyncio.timeout(STALLED_SECONDS):
                await send(message)

        async with aclosing(self._pieces):
            try:
                await super().stream_response(patiently)
            except TimeoutError:
                # The response stays unfinished, so the server ends the connection: the file does not look whole.
                logger.warning("a download was given up: its client took nothing for %s seconds", STALLED_SECONDS)


def download_routes(services: Services) -> list[Route]:
    """The route of downloads, which needs no header: the link says who asks."""
    places = asyncio.Semaphore(AT_ONCE)

    async def download(request: Request) -> Response:
        context = Context(services.open_database, services.clock, services.deployment)
        try:
            wanted = await report_links.redeem(context, request.query_params.get("link", ""))
            if request.method == "HEAD":
                head = Response(headers=_headers(wanted.filename), media_type=CSV)
                # How long the file would be is not known, and not nothing.
                del head.headers["content-length"]
                return head
            if places.locked():
                message = "Too many reports are being downloaded; try again in a minute.\n"
                return PlainTextResponse(message, 503, {**_HEADERS, "Retry-After": "60"})
            organization = await reports.record_download(context, wanted)
        except (InvalidLink, DialtreeError) as refusal:
            return PlainTextResponse(f"{refusal.message}\n", 403, _HEADERS)

        async def pieces() -> AsyncGenerator[bytes, None]:
            async with places, aclosing(reports.stream_report(context, wanted, organization)) as written:
                async for piece in written:
                    yield piece

        return _Download(pieces(), wanted.filename)

    return [Route("/download/{filename}", download, methods=["GET"])]
