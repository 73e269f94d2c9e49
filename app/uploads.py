"""`POST /upload`: store a file in the database while it arrives, for a job to read it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.rate_limits import Allowance
from app.requests import (
    BODY_SECONDS,
    BadRequest,
    Disconnected,
    Headers,
    client_address,
    failure_status,
    read_headers,
)
from app.services import Services
from domain.errors import DialtreeError, RateLimitExceeded, RequestFailed, Unauthenticated, Unavailable
from resolvers.core.context import Context
from resolvers.uploads.files import receive_upload
from schema.core.ids import encode

PATH = "/upload"
MAX_CONCURRENT_UPLOADS = 8
"""Per process."""

MIN_BYTES_PER_SECOND = 10_000
"""After the first `BODY_SECONDS`, a body must arrive at least that fast."""

BYTES_PER_POINT = 100
"""How many bytes use up a point of the rate limit."""

NOT_A_FILE = frozenset({"multipart/form-data", "application/x-www-form-urlencoded", "application/json"})

_STATUSES: dict[str, int] = {
    Unauthenticated.code: HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "CONFLICT": HTTPStatus.CONFLICT,
    "LIMIT_EXCEEDED": HTTPStatus.TOO_MANY_REQUESTS,
}

ContextOf = Callable[..., Awaitable[Context]]
AllowanceOf = Callable[..., Allowance | None]


class UploadEndpoint:
    """Receives files, as an ASGI application. What is wrong is answered as JSON with `errors`, as GraphQL does."""

    def __init__(self, services: Services, context_of: ContextOf, allowance_of: AllowanceOf) -> None:
        self._max_bytes = services.settings.upload_bytes
        self._write_seconds = services.settings.request_seconds
        self._context_of = context_of
        self._allowance_of = allowance_of
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle an HTTP request."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            response = await self._receive(scope, receive)
        except Disconnected:
            return
        except asyncio.CancelledError:
            # Only a server that stops cancels requests.
            response = _refusal("The server is stopping. Send the file again.", Unavailable.code, 503)
        except BadRequest as error:
            response = _refusal(error.message, "BAD_REQUEST", error.status)
        except DialtreeError as error:
            response = _refusal(error.message, error.code.value, _STATUSES.get(error.code.value, 400))
        except RequestFailed as error:
            response = _refusal(str(error), error.code, _STATUSES.get(error.code, failure_status(error)))
            if isinstance(error, RateLimitExceeded):
                response.headers["Retry-After"] = str(error.retry_after)
        await response(scope, receive, send)

    async def finish(self) -> None:
        """Wait until the uploads that a stopping server has cancelled are deleted and answered."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _receive(self, scope: Scope, receive: Receive) -> Response:
        headers = read_headers(scope)
        self._check_head(Request(scope), headers)
        address = client_address(scope)
        context = await self._context_of(headers, client_address=address)
        scope["dialtree.caller"] = context.actor
        if self._running >= MAX_CONCURRENT_UPLOADS:
            raise BadRequest("Too many files are being uploaded. Try again in a minute.", status=503)
        self._running += 1
        try:
            allowance = self._allowance_of(context.caller, address=address)
            upload = await receive_upload(context, self._parts(receive, allowance), seconds=self._write_seconds)
        finally:
            self._running -= 1
        body = {
            "id": encode("Upload", upload.id),
            "size": upload.size,
            "expiresAt": upload.expires_at.isoformat(),
        }
        return JSONResponse(body, HTTPStatus.CREATED, _HEADERS)

    def _check_head(self, request: Request, headers: Headers) -> None:
        """Refuse what can be refused before the body arrives. Raises BadRequest."""
        if request.method != "POST":
            raise BadRequest("Send the file with POST.", status=405)
        if headers.content_encoding not in {"", "identity"}:
            raise BadRequest("Send the file without Content-Encoding: compressed files are not supported.", status=415)
        if headers.content_type.partition(";")[0].strip().lower() in NOT_A_FILE:
            raise BadRequest("Send the file itself as the body, as text/csv.", status=415)
        if int(request.headers.get("content-length", 0)) > self._max_bytes:
            raise self._too_large()

    def _too_large(self) -> BadRequest:
        return BadRequest(f"The file is larger than {self._max_bytes} bytes.", status=413)

    async def _parts(self, receive: Receive, allowance: Allowance | None) -> AsyncIterator[bytes]:
        """Yield the parts of the body. Raises BadRequest for one that is empty, too large or too slow."""
        size, waited = 0, 0.0
        more = True
        while more:
            started_at = time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, BODY_SECONDS + size / MIN_BYTES_PER_SECOND - waited)):
                    message = await receive()
            except TimeoutError:
                raise BadRequest("The file arrives too slowly.", status=408) from None
            waited += time.monotonic() - started_at
            if message["type"] == "http.disconnect":
                raise Disconnected
            part = message.get("body", b"")
            size += len(part)
            if size > self._max_bytes:
                raise self._too_large()
            if allowance is not None:
                allowance.use(1 + len(part) // BYTES_PER_POINT)
            yield part
            more = message.get("more_body", False)
        if not size:
            raise BadRequest("The file is empty.")


_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _refusal(message: str, code: str, status: int) -> Response:
    # The rest of a body that was not read must not be taken for another request.
    headers = {**_HEADERS, "Connection": "close"}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "POST"
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "60"
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status, headers)
