"""Attacks on subscriptions: frames and messages of WebSockets, and operations over WebSocket and as events."""

from __future__ import annotations

import json
from typing import Any

from tests.attacks import operations, requests_over_http
from tests.attacks.attack import JSON, TOKEN, Attack, Text, body_of, frame, http

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n" + TOKEN + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
_FOLLOW = "subscription { phoneNumbersChanged { cursor } }"


def _message(type_: str, **fields: Any) -> Text:
    return Text(json.dumps({"type": type_, **fields}).encode())


def _subscribe(query: str, id_: str = "1") -> Text:
    return _message("subscribe", id=id_, payload={"query": query})


_INIT = _message("connection_init")
_CLOSE = frame(b"\x03\xe8", 0x88)


def _frames(name: str, *frames: bytes | Text) -> Attack:
    return Attack(f"frames: {name}", HANDSHAKE, then=frames)


FRAMES = [
    _frames("nothing but an end", _CLOSE),
    _frames("unmasked", b"\x81\x02{}"),
    _frames("reserved bits", frame(b"{}", 0xF1)),
    _frames("unknown opcode", frame(b"{}", 0x83)),
    _frames("a part of nothing", frame(b"{}", 0x80)),
    _frames("a message within a message", frame(b"{", 0x01), frame(b"{}")),
    _frames("a ping in parts", frame(b"x", 0x09)),
    _frames("a long ping", frame(b"x" * 126, 0x89)),
    _frames("not UTF-8", frame(b"\xff\xfe")),
    _frames("half a character", frame(b"\xc3", 0x01), frame(b"", 0x80), _CLOSE),
    _frames("binary", frame(b"{}", 0x82)),
    _frames("one byte as close code", frame(b"\x03", 0x88)),
    _frames("a close code of nobody", frame(b"\x00\x00", 0x88)),
    _frames("a reason that is not UTF-8", frame(b"\x03\xe8\xff", 0x88)),
    _frames("promises 8 EiB", frame(b"", length=2**63 - 1)),
    _frames("promises 2 MiB", frame(b"x" * 1_000, length=2**21)),
    _frames("a message of 1 MiB", frame(b"[" * 2**20)),
    _frames("a message in bytes", frame(b"{", 0x01), frame(b" ", 0x00) * 100_000, frame(b"}", 0x80)),
    _frames("100,000 empty messages", frame(b"") * 100_000),
    _frames("100,000 pings", frame(b"", 0x89) * 100_000),
    _frames("10,000 long pings", frame(b"x" * 125, 0x89) * 10_000),
    _frames("100,000 pongs", frame(b"", 0x8A) * 100_000),
    _frames("100,000 ends", _CLOSE * 100_000),
    _frames("another handshake", HANDSHAKE),
]

_MESSAGES: dict[str, list[bytes | Text]] = {
    "lone surrogate": [frame(b'{"type": "\\ud800"}')],
    "NaN": [frame(b'{"type": NaN}')],
    "100,000 lists": [frame(b"[" * 100_000 + b"]" * 100_000)],
    "500,000 values": [frame(b'{"type": "ping", "payload": {"a": [' + b"1," * 500_000 + b"1]}}")],
    "a payload of 1,000 keys": [_message("connection_init", payload={f"k{n}": n for n in range(1_000)})],
    "a token of 100 KB": [_message("connection_init", payload={"authorization": "Bearer " + "x" * 100_000})],
    "an organization that is none": [_message("connection_init", payload={"Dialtree-Organization": "\u0000"})],
    "init twice": [_INIT, _INIT],
    "subscribe before init": [_subscribe(_FOLLOW)],
    "1,000 inits": [_INIT] * 1_000,
    "1,000 times one id": [_INIT, *[_subscribe(_FOLLOW)] * 1_000],
    "100 ids": [_INIT, *(_subscribe(_FOLLOW, str(n)) for n in range(100))],
    "200 ids": [_INIT, *(_subscribe(_FOLLOW, str(n)) for n in range(200))],
    "begun and ended": [_INIT, *[_subscribe(_FOLLOW), _message("complete", id="1")] * 100],
    "completes of nothing": [_INIT, *[_message("complete", id="x")] * 200],
    "pings with payloads": [_INIT, *[_message("ping", payload={"a": "x" * 10_000})] * 200],
    "a null id": [_INIT, _message("subscribe", id=None, payload={"query": _FOLLOW})],
    "an unknown cursor": [_INIT, _subscribe('subscription { phoneNumbersChanged(after: "x") { cursor } }')],
    "a cursor of a list": [
        _INIT,
        _subscribe('subscription { phoneNumbersChanged(after: "{{CURSOR}}") { cursor } }'),
    ],
    "a job that is a number": [_INIT, _subscribe('subscription { jobProgress(id: "{{NUMBER}}") { id } }')],
    "two fields": [_INIT, _subscribe("subscription { a: jobProgress(id: 1) { id } b: jobProgress(id: 1) { id } }")],
    "introspection": [_INIT, _subscribe("subscription { __typename }")],
    "skipped": [_INIT, _subscribe("subscription { utilizationChanged @skip(if: true) { total } }")],
}
MESSAGES = [_frames(f"message {name}", *messages, _CLOSE) for name, messages in _MESSAGES.items()]

_OPERATIONS = [*operations.ALL, *requests_over_http.WRONG_TYPES]


def _over_websocket(attack: Attack) -> Attack:
    payload = b'{"type": "subscribe", "id": "1", "payload": ' + body_of(attack) + b"}"
    return Attack(f"WebSocket, {attack.name}", HANDSHAKE, then=(_INIT, Text(payload), _CLOSE))


def _as_events(attack: Attack) -> Attack:
    headers = [("Content-Type", JSON), ("Accept", "text/event-stream")]
    return http(f"events, {attack.name}", "POST", body=body_of(attack), headers=headers)


ALL: list[Attack] = [
    *FRAMES,
    *MESSAGES,
    *(_over_websocket(attack) for attack in _OPERATIONS if attack.data.startswith(b"POST /graphql ")),
    *(_as_events(attack) for attack in _OPERATIONS if attack.data.startswith(b"POST /graphql ")),
]
