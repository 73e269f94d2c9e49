"""GraphQL over HTTP: what a request must look like, and which status an answer has.

Plain ASGI: a request for GraphQL is answered without passing through a framework's layers, and every request by the
same rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.types import Message, Receive, Scope, Send

MAX_BODY = 10 * 1024 * 1024
"""The largest body taken, in bytes; enough for a pasted list of 100,000 numbers."""

BODY_SECONDS = 30
"""How long a body may take to arrive."""

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
METHODS = ("GET", "HEAD", "POST")


class BadRequest(Exception):
    """The request is not a GraphQL request; the message says why."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Disconnected(Exception):
    """The client is gone."""


class Headers(NamedTuple):
    """The headers that matter; empty where there is none."""

    content_type: str = ""
    accept: str = ""
    authorization: str = ""
    organization: str = ""
    host: str = ""
    scheme: str = "http"

    @property
    def media_type(self) -> str:
        """The media type of the answer: the newer one only for clients that ask for it."""
        return GRAPHQL_JSON if GRAPHQL_JSON in self.accept else JSON

    @property
    def base_url(self) -> str:
        """Where the client found the server; links lead there."""
        return f"{self.scheme}://{self.host}/" if self.host else ""


_NAMES = {b"content-type": 0, b"accept": 1, b"authorization": 2, b"dialtree-organization": 3, b"host": 4}


def read_headers(scope: Scope) -> Headers:
    """The headers of a request; of a repeated one, the first."""
    found = ["", "", "", "", "", scope.get("scheme", "http")]
    for name, value in scope["headers"]:
        index = _NAMES.get(name)
        if index is not None and not found[index]:
            found[index] = value.decode("latin-1")
    return Headers._make(found)


class GraphQLRequest(NamedTuple):
    """What is to be run."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def read_request(scope: Scope, headers: Headers, receive: Receive) -> GraphQLRequest:
    """The GraphQL request in an HTTP request. Raises BadRequest."""
    if scope["method"] not in METHODS:
        message = "Send the request with GET or POST."
        raise BadRequest(message, status=405)
    if scope["method"] != "POST":
        parameters: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        for name in ("variables", "extensions"):
            if parameters.get(name):
                parameters[name] = _decode(parameters[name].encode())
        return _checked(parameters)
    if headers.content_type != JSON and headers.content_type.partition(";")[0].strip().lower() != JSON:
        message = f"Send the request as {JSON}."
        raise BadRequest(message, status=415)
    return _checked(_decode(await read_body(receive)))


async def read_body(receive: Receive, *, most: int = MAX_BODY) -> bytes:
    """The body of a request. Raises BadRequest when it is too long, or too slow to arrive."""
    parts: list[bytes] = []
    left = most

    def goes_on(message: Message) -> bool:
        nonlocal left
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        left -= len(parts[-1])
        if left < 0:
            text = f"The body is over {most} bytes."
            raise BadRequest(text, status=413)
        more: bool = message.get("more_body", False)
        return more

    first = _Begun(receive())
    # Nearly always the whole body is there, and setting a clock for it would take longer than reading it.
    if first.is_done and not goes_on(first.result):
        return parts[0]
    try:
        async with asyncio.timeout(BODY_SECONDS):
            more = first.is_done or goes_on(await first)
            while more:
                more = goes_on(await receive())
    except TimeoutError:
        text = f"The body did not arrive within {BODY_SECONDS} seconds."
        raise BadRequest(text, status=408) from None
    return b"".join(parts)


class _Begun:
    """An awaitable that was begun at once, to see whether it has to wait at all."""

    is_done: bool
    result: Message

    def __init__(self, awaitable: Awaitable[Message]) -> None:
        self._steps = awaitable.__await__()
        self._take(partial(next, self._steps))

    def _take(self, step: Callable[[], Any]) -> None:
        try:
            self._waits_for, self.is_done = step(), False
        except StopIteration as end:
            self.result, self.is_done = end.value, True

    def __await__(self) -> Generator[Any, Any, Message]:
        while not self.is_done:
            try:
                sent = yield self._waits_for
            except BaseException as error:  # noqa: BLE001 - a time limit, or the end: handed on to what waits
                self._take(partial(self._steps.throw, error))
            else:
                self._take(partial(self._steps.send, sent))
        return self.result


def _decode(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"The request is not JSON: {error}."
        raise BadRequest(message) from None


def _checked(body: Any) -> GraphQLRequest:
    if not isinstance(body, dict):
        message = "A GraphQL request is a JSON object."
        raise BadRequest(message)
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    if not isinstance(query, str) or not query.strip():
        message = "`query` must be a text."
        raise BadRequest(message)
    if not isinstance(variables, dict | None):
        message = "`variables` must be an object."
        raise BadRequest(message)
    if not isinstance(name, str | None):
        message = "`operationName` must be a text."
        raise BadRequest(message)
    if not isinstance(body.get("extensions"), dict | None):
        message = "`extensions` must be an object."
        raise BadRequest(message)
    return GraphQLRequest(query, variables, name or None)


async def respond(send: Send, headers: Headers, answer: dict[str, Any], *, status: int = 200) -> None:
    """Send an answer."""
    body = orjson.dumps(answer)
    fields = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", _CONTENT_TYPES[headers.media_type]),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 405:  # noqa: PLR2004 - Method Not Allowed
        fields.append((b"allow", ", ".join(METHODS).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


_CONTENT_TYPES = {name: f"{name}; charset=utf-8".encode() for name in (JSON, GRAPHQL_JSON)}


def status_of(headers: Headers, answer: dict[str, Any]) -> int:
    """The status of an answer: 200, unless the client knows better ones and nothing was run."""
    if headers.media_type == JSON or answer.get("data") is not None or not answer.get("errors"):
        return 200
    codes = {error.get("extensions", {}).get("code") for error in answer["errors"]}
    if "UNAUTHENTICATED" in codes:
        return 401
    ran = "data" in answer
    return 200 if ran else 400
