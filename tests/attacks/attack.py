"""What an attack is: bytes for one connection."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

JSON = "application/json"
TOKEN = b"{{TOKEN}}"
"""Stands for the `Authorization` header, which anonymous attackers leave out."""

NAMES = ("ROOT", "NUMBER", "SERIES", "USER", "KEY", "LINK", "CURSOR")
"""What `{{NAME}}` stands for in an attack: ids of the inventory, its owner's key, a download link, a cursor."""


MASK = b"\x00\x00\x00\x00"
"""The mask of a frame that leaves its data as it is."""


class Text(NamedTuple):
    """The data of a WebSocket text message, which may hold names of the inventory."""

    data: bytes


def frame(data: bytes, opcode: int = 0x81, *, length: int | None = None) -> bytes:
    """A WebSocket frame of a client; `length` is what it promises."""
    size = len(data) if length is None else length
    if size < 126:
        head = bytes([opcode, 0x80 | size])
    elif size < 65_536:
        head = bytes([opcode, 0xFE]) + size.to_bytes(2, "big")
    else:
        head = bytes([opcode, 0xFF]) + size.to_bytes(8, "big")
    return head + MASK + data


@dataclass(frozen=True, slots=True)
class Attack:
    """Bytes to send on one connection."""

    name: str
    data: bytes
    is_open: bool = False
    """The request is not complete, so that only the server can end the connection, if anybody."""

    statuses: frozenset[int] | None = None
    """The statuses that are right; None if any below 500 is."""

    answer: str | None = None
    """What the answer contains."""

    then: tuple[bytes | Text, ...] = ()
    """What to send once the answer has begun."""


def http(
    name: str,
    method: str = "GET",
    target: str = "/graphql",
    *,
    headers: Sequence[tuple[str, str | bytes]] = (),
    body: bytes = b"",
    length: bool = True,
    statuses: Sequence[int] | None = None,
    answer: str | None = None,
) -> Attack:
    """An attack by one HTTP request."""
    lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: 127.0.0.1", b"Connection: close"]
    lines += [f"{key}: ".encode() + (value if isinstance(value, bytes) else value.encode()) for key, value in headers]
    if length and (body or method == "POST"):
        lines.append(b"Content-Length: %d" % len(body))
    head = b"\r\n".join(lines)
    return Attack(name, head + b"\r\n" + TOKEN + b"\r\n" + body, statuses=_set(statuses), answer=answer)


def posted(name: str, body: bytes, *, content_type: str | bytes = JSON, **options: Any) -> Attack:
    """An attack by the body of a POST request to `/graphql`."""
    headers = [("Content-Type", content_type), *options.pop("headers", ())]
    return http(name, "POST", body=body, headers=headers, **options)


def query(name: str, text: str, variables: Mapping[str, Any] | None = None, **options: Any) -> Attack:
    """An attack by an operation."""
    return posted(name, json.dumps({"query": text, "variables": variables}).encode(), **options)


def _set(statuses: Sequence[int] | None) -> frozenset[int] | None:
    return None if statuses is None else frozenset(statuses)


def body_of(attack: Attack) -> bytes:
    """The body of an attack by one HTTP request."""
    return attack.data.partition(TOKEN + b"\r\n")[2]
