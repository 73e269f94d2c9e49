"""Request ids: each request has one, in its response and in every line that is logged while it runs."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable
from contextvars import ContextVar
from itertools import count
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("dialtree.access")

REQUEST_ID_HEADER = "X-Request-Id"
_HEADER = REQUEST_ID_HEADER.lower().encode()
_ACCEPTED = re.compile(rb"[A-Za-z0-9._:=+/-]{1,128}")
"""Ids of clients and proxies that are safe to log."""

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_process = secrets.token_hex(6).encode()
_numbers = count(1)


def current_request_id() -> str:
    """The id of the request that is being handled, or an empty string."""
    return _request_id.get()


def add_request_id(record: logging.LogRecord) -> bool:
    """Add the id of the current request to a log record; a logging filter that keeps every record."""
    record.request_id = _request_id.get()
    return True


class RequestLog:
    """ASGI middleware that assigns request ids and, if asked to, logs a line for each request."""

    def __init__(self, application: ASGIApp, *, access_log: bool) -> None:
        self._application = application
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._application(scope, receive, send)
            return
        request_id = _request_id_of(scope)
        _request_id.set(request_id.decode())
        started_at, status = perf_counter(), 0

        def send_with_id(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.accept"}:
                status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id)]
            return send(message)

        try:
            await self._application(scope, receive, send_with_id)
        finally:
            if self._access_log:
                _log(scope, status, seconds=perf_counter() - started_at)


def _request_id_of(scope: Scope) -> bytes:
    """The client's id for the request, if it is safe to repeat, or a new one."""
    for name, value in scope["headers"]:
        if name == _HEADER and _ACCEPTED.fullmatch(value):
            accepted: bytes = value
            return accepted
    return b"%s-%x" % (_process, next(_numbers))


def _log(scope: Scope, status: int, *, seconds: float) -> None:
    # Without the query string, which holds the secrets of links.
    client, caller = scope.get("client"), scope.get("dialtree.caller")
    logger.info(
        "%s %s %s %.1f ms client=%s caller=%s",
        scope.get("method", "WEBSOCKET"),
        scope["path"].encode("unicode_escape").decode()[:200],
        status or "disconnected",
        seconds * 1_000,
        client[0] if client else "-",
        f"{caller.kind.name}:{caller.id}" if caller else "-",
    )
