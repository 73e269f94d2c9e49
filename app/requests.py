"""GraphQL over HTTP: what a request must look like, and which status an answer has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

MAX_BODY = 10 * 1024 * 1024
"""The largest body taken, in bytes; enough for a pasted list of 100,000 numbers."""

BODY_SECONDS = 30
"""How long a body may take to arrive."""

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"


class BadRequest(Exception):
    """The request is not a GraphQL request; the message says why."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What is to be run."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def read_request(request: Request) -> GraphQLRequest:
    """The GraphQL request in an HTTP request. Raises BadRequest."""
    if request.method in {"GET", "HEAD"}:
        parameters: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if parameters.get(name):
                parameters[name] = _decode(parameters[name].encode())
        return _checked(parameters)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        message = f"Send the request as {JSON}."
        raise BadRequest(message, status=415)
    return _checked(_decode(await read_body(request)))


async def read_body(request: Request, *, most: int = MAX_BODY) -> bytes:
    """The body of a request. Raises BadRequest when it is too long, or too slow to arrive."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    message = f"The body is over {most} bytes."
                    raise BadRequest(message, status=413)
    except TimeoutError:
        message = f"The body did not arrive within {BODY_SECONDS} seconds."
        raise BadRequest(message, status=408) from None
    return bytes(body)


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


def media_type(request: Request) -> str:
    """The media type of the answer: the newer one only for clients that ask for it."""
    accepted = request.headers.get("accept", "")
    return GRAPHQL_JSON if GRAPHQL_JSON in accepted else JSON


def respond(request: Request, answer: dict[str, Any], *, status: int = 200) -> Response:
    """The HTTP response of an answer."""
    return Response(
        orjson.dumps(answer),
        status_code=status,
        media_type=f"{media_type(request)}; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def status_of(request: Request, answer: dict[str, Any]) -> int:
    """The status of an answer: 200, unless the client knows better ones and nothing was run."""
    if media_type(request) == JSON or answer.get("data") is not None or not answer.get("errors"):
        return 200
    codes = {error.get("extensions", {}).get("code") for error in answer["errors"]}
    if "UNAUTHENTICATED" in codes:
        return 401
    ran = "data" in answer
    return 200 if ran else 400
