"""`/download/…`: stream the report behind a signed link."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager, ExitStack, aclosing, contextmanager
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from app.request_limit import RequestLimits, time_limit_exceeded
from app.requests import BadRequest, Disconnected, failure_status
from app.services import Services
from domain.errors import DialtreeError, RequestFailed
from resolvers.core.context import Context
from resolvers.reports import contents as reports
from resolvers.reports import links as report_links
from resolvers.reports.links import InvalidLink

logger = logging.getLogger("dialtree")

MAX_CONCURRENT_DOWNLOADS = 4
"""Per process. Each download holds a database connection until it ends."""

MAX_OF_ONE = MAX_CONCURRENT_DOWNLOADS // 2
"""How many of them a caller has, and a root beside other roots."""

MIN_BYTES_PER_SECOND = 20_000
SEND_SECONDS = 60
"""How far the client may fall behind that pace."""

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

    def __init__(
        self, chunks: AsyncGenerator[bytes, None], filename: str, slot: AbstractContextManager[object]
    ) -> None:
        super().__init__(chunks, headers=_headers(filename), media_type=CSV)
        self._chunks = chunks
        self._slot = slot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, and free its slot."""
        with self._slot:
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send the chunks until the client stalls or is too slow."""
        behind = 0.0

        async def send_at_pace(message: Message) -> None:
            nonlocal behind
            started_at = time.monotonic()
            async with asyncio.timeout(SEND_SECONDS - behind):
                await send(message)
            waited = time.monotonic() - started_at
            # What the buffers of the network take at once is no credit for later.
            behind = max(0.0, behind + waited - len(message.get("body", b"")) / MIN_BYTES_PER_SECOND)

        async with aclosing(self._chunks):
            try:
                await super().stream_response(send_at_pace)
            except TimeoutError:
                # The response stays incomplete, so the server closes the connection and the client sees an error.
                logger.warning("aborted a download: the client reads less than %s bytes/s", MIN_BYTES_PER_SECOND)


class _Slots:
    """The downloads that run."""

    def __init__(self) -> None:
        self._running: list[tuple[str, ...]] = []

    @contextmanager
    def take(self, *owners: str) -> Iterator[None]:
        """Take a slot for the owners. Raises BadRequest if there is none, or if one of them has too many."""
        if any(sum(owner in others for others in self._running) >= MAX_OF_ONE for owner in owners):
            message = f"{MAX_OF_ONE} reports are being downloaded for you. Try again when one of them has ended."
            raise BadRequest(message, status=429)
        if len(self._running) >= MAX_CONCURRENT_DOWNLOADS:
            raise BadRequest("Too many reports are being downloaded. Try again in a minute.", status=503)
        self._running.append(owners)
        try:
            yield
        finally:
            self._running.remove(owners)


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _failure(message: str, status: int) -> Response:
    return PlainTextResponse(f"{message}\n", status, {**_HEADERS, "Retry-After": "60"})


class _Downloads:
    """Streams reports, a few at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limits = RequestLimits(seconds=services.settings.request_seconds)
        self._slots = _Slots()

    async def answer(self, request: Request) -> Response:
        """Answer a request; only what comes before the file has a time limit."""
        try:
            with self._limits.limit(partial(_departure, request.receive)):
                return await self._begin(request)
        except Disconnected:
            # Nobody receives it.
            return Response()
        except TimeoutError:
            error = time_limit_exceeded(self._limits.seconds)
            return _failure(str(error), failure_status(error))
        except RequestFailed as error:
            return _failure(str(error), failure_status(error))
        except BadRequest as error:
            return _failure(error.message, error.status)
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
        owners = [context.actor.key] if context.single_root else [context.actor.key, f"root:{context.root_id}"]
        with ExitStack() as slot:
            slot.enter_context(self._slots.take(*owners))
            organization = await reports.record_download(context, report)
            return _Download(reports.stream_report(context, report, organization), report.filename, slot.pop_all())


def download_routes(services: Services) -> list[Route]:
    """The download route. It needs no `Authorization` header: the signed link identifies the caller."""
    return [Route("/download/{filename}", _Downloads(services).answer, methods=["GET"])]
