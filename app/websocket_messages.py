"""The messages of graphql-transport-ws: read strictly, and refused with the protocol's close codes."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import orjson

from app.requests import BadRequest, GraphQLRequest, Headers, parse_request

SUBPROTOCOL = "graphql-transport-ws"
MAX_ID_LENGTH = 128
MAX_REASON_BYTES = 120
"""A close frame has room for 123 bytes."""


class CloseCode(IntEnum):
    """Why the server closes a connection."""

    GOING_AWAY = 1001
    INVALID_DATA = 1007
    TRY_AGAIN = 1013
    INTERNAL_ERROR = 4500
    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    BAD_SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_IN_USE = 4409
    TOO_MANY = 4429


class Closed(Exception):
    """The connection is to be closed."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")


class Message(NamedTuple):
    """A message of a client."""

    type: str
    id: str | None
    payload: dict[str, Any] | None


_TYPES = frozenset({"connection_init", "ping", "pong", "subscribe", "complete"})
_WITH_ID = frozenset({"subscribe", "complete"})


def read_message(text: str | None) -> Message:
    """Return a client's message. Raises Closed for anything else."""
    if text is None:
        raise Closed(CloseCode.BAD_MESSAGE, "Send messages as text.")
    try:
        decoded = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closed(CloseCode.BAD_MESSAGE, "The message is not JSON.") from None
    if not isinstance(decoded, dict):
        raise Closed(CloseCode.BAD_MESSAGE, "A message is a JSON object.")
    type_, id_, payload = decoded.get("type"), decoded.get("id"), decoded.get("payload")
    if not isinstance(type_, str) or type_ not in _TYPES:
        raise Closed(CloseCode.BAD_MESSAGE, "The message has no type that clients may send.")
    if not isinstance(payload, dict | None):
        raise Closed(CloseCode.BAD_MESSAGE, "`payload` must be an object.")
    if type_ in _WITH_ID and not (isinstance(id_, str) and 0 < len(id_) <= MAX_ID_LENGTH):
        raise Closed(CloseCode.BAD_MESSAGE, f"`id` must be a text of 1 to {MAX_ID_LENGTH} characters.")
    if type_ not in _WITH_ID:
        id_ = None
    return Message(type_, id_, payload)


def operation_in(message: Message) -> GraphQLRequest:
    """Return the operation in a `subscribe` message. Raises Closed."""
    try:
        return parse_request(message.payload)
    except BadRequest as error:
        raise Closed(CloseCode.BAD_MESSAGE, error.message) from None


def authenticated_by(headers: Headers, payload: dict[str, Any] | None) -> Headers:
    """Return the headers with what the payload of `connection_init` has in their place; browsers can send no headers.

    Raises Closed if a value is not a text.
    """
    given = {name.lower(): value for name, value in (payload or {}).items()}
    for name, field in (("authorization", "authorization"), ("dialtree-organization", "organization")):
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise Closed(CloseCode.BAD_MESSAGE, f"`{name}` must be a text.")
        headers = headers._replace(**{field: value})
    return headers
