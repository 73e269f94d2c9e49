"""GraphQL over HTTP: decode requests and encode responses, following the GraphQL-over-HTTP specification.

Works on plain ASGI messages, because Starlette's request and response objects cost more than small operations do.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope, Send

from app.json_size import MAX_VALUES, has_too_many_values
from domain.errors import (
    OutcomeUnknown,
    RateLimitExceeded,
    RequestFailed,
    TimeLimitExceeded,
    Unavailable,
)

MAX_BODY_BYTES = 10 * 1024 * 1024
"""Enough for a pasted list of 100,000 numbers."""

BODY_SECONDS = 30
"""Time limit for the arrival of a body."""

MIN_COMPRESSED_BYTES = 1_024
"""Smaller responses fit into a packet or two without compression."""

MAX_INLINE_GZIP_BYTES = 64 * 1024
"""The largest response that is compressed on the event loop, which takes about a millisecond."""

GZIP_LEVEL = 4
RETRY_AFTER_SECONDS = 5
RETRY_AFTER = {"Retry-After": str(RETRY_AFTER_SECONDS)}
"""The header of every response without an answer because the database is away."""

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
PARTIAL_SUCCESS = 294
"""GraphQL over HTTP's status of an operation that was executed with errors. Registered nowhere else, so it means that
only together with GraphQL's own media type."""

METHODS = ("GET", "HEAD", "POST")


HeaderList = Sequence[tuple[bytes, bytes]]


class BadRequest(Exception):
    """The request is not a valid GraphQL request; the message says why."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Disconnected(Exception):
    """The client has disconnected."""


class Headers(NamedTuple):
    """The request headers that Dialtree reads; missing ones are empty."""

    content_type: str = ""
    accept: str = ""
    authorization: str = ""
    organization: str = ""
    host: str = ""
    content_encoding: str = ""
    accept_encoding: str = ""
    cost: str = ""
    """`1` asks for the operation's cost in the response."""

    origin: str = ""
    scheme: str = "http"

    @property
    def media_type(self) -> str:
        """The media type of the response: `application/graphql-response+json` only if the client accepts it."""
        return GRAPHQL_JSON if GRAPHQL_JSON in self.accept else JSON

    @property
    def names_media_type(self) -> bool:
        """Whether Accept names a media type that a response can have."""
        return JSON in self.accept or GRAPHQL_JSON in self.accept or self.accepts_events

    @property
    def accepts_events(self) -> bool:
        """Whether the client asks for the response as server-sent events."""
        return EVENT_STREAM in self.accept

    @property
    def base_url(self) -> str:
        """The server's URL as the client addressed it, used in links."""
        return f"{self.scheme}://{self.host}/" if self.host else ""


_HEADER_INDEXES = {
    b"content-type": 0,
    b"accept": 1,
    b"authorization": 2,
    b"dialtree-organization": 3,
    b"host": 4,
    b"content-encoding": 5,
    b"accept-encoding": 6,
    b"dialtree-cost": 7,
    b"origin": 8,
}


def read_headers(scope: Scope) -> Headers:
    """The headers of a request; the first value of a repeated header."""
    found = [""] * 9 + [scope.get("scheme", "http")]
    for name, value in scope["headers"]:
        index = _HEADER_INDEXES.get(name)
        if index is not None and not found[index]:
            found[index] = value.decode("latin-1")
    accept = _HEADER_INDEXES[b"accept"]
    found[accept] = found[accept].lower()
    return Headers._make(found)


def client_address(scope: Scope) -> str | None:
    """The IP address of the client, as forwarded by a trusted proxy; None where there is none, as on a Unix socket."""
    client = scope.get("client")
    return client[0] if client else None


class GraphQLRequest(NamedTuple):
    """An operation to run, as text or by the id of a trusted document."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    document_id: str | None = None


async def read_request(
    scope: Scope, headers: Headers, receive: Receive, limit: AbstractContextManager[None]
) -> GraphQLRequest:
    """Decode the GraphQL request in an HTTP request; the body must arrive within the time limit. Raises BadRequest."""
    if scope["method"] not in METHODS:
        raise BadRequest("Send the request with GET or POST.", status=405)
    if scope["method"] != "POST":
        if not headers.authorization and not headers.names_media_type:
            # Whatever a link, an image or a form of a foreign page sends. GraphQL over HTTP has 200 for such clients.
            raise BadRequest(f"Send a token, or name {JSON} in Accept to query by GET.", status=200)
        parameters: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        for name in ("variables", "extensions"):
            if parameters.get(name):
                parameters[name] = _parse_json(parameters[name].encode())
        return parse_request(parameters)
    if headers.content_encoding not in {"", "identity"}:
        raise BadRequest("Send the body without Content-Encoding: compressed requests are not supported.", status=415)
    if headers.content_type != JSON and headers.content_type.partition(";")[0].strip().lower() != JSON:
        raise BadRequest(f"Send the request as {JSON}.", status=415)
    body = await read_body(receive, limit)
    if await has_too_many_values(body):
        raise BadRequest(f"The request has more than {MAX_VALUES} JSON values.", status=413)
    return parse_request(_parse_json(body))


async def read_body(receive: Receive, limit: AbstractContextManager[None], *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The body of a request. Raises Disconnected, and BadRequest if the body is too large or slower than the limit."""
    parts: list[bytes] = []
    size = 0
    more = True
    try:
        with limit:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > max_bytes:
                    raise BadRequest(f"The body is larger than {max_bytes} bytes.", status=413)
                more = message.get("more_body", False)
    except TimeoutError:
        raise BadRequest(f"The body did not arrive within {BODY_SECONDS} seconds.", status=408) from None
    return b"".join(parts)


def _parse_json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if not _is_utf8(text):
            raise BadRequest("The request is not encoded in UTF-8.") from None
        raise BadRequest(f"The request is not JSON: {error}.") from None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def parse_request(body: Any) -> GraphQLRequest:
    """Return the GraphQL request in a JSON value. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("A GraphQL request is a JSON object.")
    query, variables, name = body.get("query"), body.get("variables"), body.get("operationName")
    document_id = _document_id(body)
    if query is None and document_id is None:
        raise BadRequest("Send `query` or `documentId`.")
    if not isinstance(query, str | None) or (query is not None and not query.strip()):
        raise BadRequest("`query` must be a string.")
    if not isinstance(variables, dict | None):
        raise BadRequest("`variables` must be an object.")
    if not isinstance(name, str | None):
        raise BadRequest("`operationName` must be a string.")
    if not isinstance(body.get("extensions"), dict | None):
        raise BadRequest("`extensions` must be an object.")
    return GraphQLRequest(query, variables, name or None, document_id)


def _document_id(body: dict[str, Any]) -> str | None:
    """The id of a trusted document, as `documentId` or as clients of Apollo send it. Raises BadRequest."""
    document_id, extensions = body.get("documentId"), body.get("extensions")
    if document_id is None and isinstance(extensions, dict) and isinstance(extensions.get("persistedQuery"), dict):
        document_id = extensions["persistedQuery"].get("sha256Hash")
    if not isinstance(document_id, str | None):
        raise BadRequest("`documentId` must be a string.")
    return document_id or None


async def respond(
    send: Send,
    headers: Headers,
    response: dict[str, Any],
    *,
    status: int = 200,
    compress: bool = False,
    more_headers: HeaderList = (),
) -> None:
    """Send a GraphQL response, compressed if that is allowed, worthwhile and accepted by the client."""
    body = orjson.dumps(response)
    encoded = compress and len(body) >= MIN_COMPRESSED_BYTES and accepts_gzip(headers.accept_encoding)
    if encoded:
        body = await _gzip(body)
    response_headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", _CONTENT_TYPES[headers.media_type]),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *more_headers,
    ]
    if compress:
        response_headers.append((b"vary", b"Accept-Encoding"))
    if encoded:
        response_headers.append((b"content-encoding", b"gzip"))
    response_headers += _HEADERS_OF_STATUS.get(status, ())
    await send({"type": "http.response.start", "status": status, "headers": response_headers})
    await send({"type": "http.response.body", "body": body})


def failure_status(error: RequestFailed) -> int:
    """The HTTP status of a failed request."""
    return _FAILURES.get(error.code, HTTPStatus.SERVICE_UNAVAILABLE)


_FAILURES = {
    Unavailable.code: HTTPStatus.SERVICE_UNAVAILABLE,
    OutcomeUnknown.code: HTTPStatus.SERVICE_UNAVAILABLE,
    TimeLimitExceeded.code: HTTPStatus.GATEWAY_TIMEOUT,
    RateLimitExceeded.code: HTTPStatus.TOO_MANY_REQUESTS,
}
_HEADERS_OF_STATUS: dict[int, HeaderList] = {
    HTTPStatus.METHOD_NOT_ALLOWED: [(b"allow", ", ".join(METHODS).encode())],
    HTTPStatus.SERVICE_UNAVAILABLE: [(b"retry-after", b"%d" % RETRY_AFTER_SECONDS)],
}
_CONTENT_TYPES = {name: f"{name}; charset=utf-8".encode() for name in (JSON, GRAPHQL_JSON)}


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return parameter.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


async def _gzip(body: bytes) -> bytes:
    compress = partial(gzip.compress, body, compresslevel=GZIP_LEVEL, mtime=0)
    if len(body) <= MAX_INLINE_GZIP_BYTES:
        return compress()
    # Compressing a large response would block the event loop.
    return await asyncio.to_thread(compress)


def status_of(headers: Headers, response: dict[str, Any]) -> int:
    """The HTTP status of a response.

    A request that failed for a reason outside of GraphQL has the status of that reason. Otherwise 200, unless there are
    errors and the client accepts the newer media type: then 294 if anything was executed, else 400 or 401.
    """
    partial_status = 200 if headers.media_type == JSON else PARTIAL_SUCCESS
    if not response.get("errors"):
        return 200
    if any(value is not None for value in (response.get("data") or {}).values()):
        return partial_status
    codes = {error.get("extensions", {}).get("code") for error in response["errors"]}
    for code, status in _FAILURES.items():
        if code in codes:
            return status
    if headers.media_type == JSON:
        return 200
    if "UNAUTHENTICATED" in codes:
        return 401
    return partial_status if "data" in response else 400
