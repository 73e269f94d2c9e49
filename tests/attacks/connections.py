"""Attacks by what is sent on a connection: half requests, several requests, other protocols."""

from __future__ import annotations

from tests.attacks.attack import TOKEN, Attack

_BODY = b'{"query": "{ __typename }"}'
_HEAD = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n" + TOKEN + b"Content-Type: application/json\r\n"
_WHOLE = _HEAD + b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY
_LAST = _WHOLE.replace(b"Host:", b"Connection: close\r\nHost:")
_HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n" + TOKEN + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)

HALF_OPEN = [
    Attack(f"half open: {name}", data, is_open=True)
    for name, data in {
        "nothing": b"",
        "one byte": b"P",
        "blank lines": b"\r\n" * 100,
        "request line": b"POST /graphql HTTP/1.1\r\n",
        "half a header": b"POST /graphql HTTP/1.1\r\nHost: a",
        "no body": _HEAD + b"Content-Length: 100\r\n\r\n",
        "half a body": _HEAD + b"Content-Length: 100\r\n\r\n" + _BODY,
        "half a chunk": _HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n" + _BODY,
        "no last chunk": _HEAD + b"Transfer-Encoding: chunked\r\n\r\n1b\r\n" + _BODY + b"\r\n",
        "waits for 100": _HEAD + b"Content-Length: 27\r\nExpect: 100-continue\r\n\r\n",
        "half a handshake": _HANDSHAKE,
        "a WebSocket that says nothing": _HANDSHAKE + b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
        "promises 10 GB": _HEAD + b"Content-Length: 10000000000\r\n\r\n" + b" " * 1_000,
    }.items()
]

OTHER_PROTOCOLS = [
    Attack(f"protocol: {name}", data)
    for name, data in {
        "TLS": bytes.fromhex("16030100a5010000a10303") + b"\x00" * 160 + b"\r\n\r\n",
        "SSH": b"SSH-2.0-OpenSSH_9.0\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/0.9": b"GET /graphql\r\n\r\n",
        "HTTP/1.0": b"GET /health/live HTTP/1.0\r\n\r\n",
        "HTTP/9.9": b"GET /health/live HTTP/9.9\r\n\r\n",
        "null bytes": b"\x00" * 1_000 + b"\r\n\r\n",
        "no host": b"GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n",
        "two hosts": b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "line feeds only": b"GET /health/live HTTP/1.1\nHost: a\nConnection: close\n\n",
        "header without a colon": b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
        "10,000 headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 10_000 + b"Connection: close\r\n\r\n",
        "200,000 headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 200_000 + b"\r\n",
        "long header name": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A" * 100_000 + b": b\r\n\r\n",
        "long request line": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
        "negative length": _HEAD + b"Content-Length: -1\r\n\r\n" + _BODY,
        "length is no number": _HEAD + b"Content-Length: abc\r\n\r\n" + _BODY,
        "huge length": _HEAD + b"Content-Length: " + b"9" * 100 + b"\r\n\r\n" + _BODY,
        "two lengths": _HEAD + b"Content-Length: 27\r\nContent-Length: 5\r\n\r\n" + _BODY,
        "length and chunks": _HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    }.items()
]

PIPELINED = [
    Attack("pipelined: 50 requests", _WHOLE * 49 + _LAST),
    Attack("pipelined: garbage after a request", _LAST + b"garbage\r\n\r\n"),
    Attack("pipelined: a body that is too long", _WHOLE + b"}}}}" + _LAST),
    Attack("pipelined: refused, then valid", b"PUT /graphql HTTP/1.1\r\nHost: a\r\n\r\n" + _LAST),
    Attack(
        "pipelined: behind an upgrade",
        _HEAD + b"Connection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Length: 29\r\n\r\n"
        b"GET /health/live HTTP/1.1\r\n\r\n",
        statuses=frozenset({400}),
    ),
    Attack(
        "pipelined: trailers without end",
        _HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 200_000,
        statuses=frozenset({431}),
    ),
    Attack("pipelined: smuggled", _HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\n" + _LAST),
]

WEB_SOCKETS = [
    Attack(f"WebSocket: {name}", data, statuses=frozenset({101, 200, 400, 403, 404, 405, 408, 414, 415, 426, 431}))
    for name, data in {
        "valid": _HANDSHAKE + b"\r\n",
        "graphql-transport-ws": _HANDSHAKE + b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
        "graphql-ws": _HANDSHAKE + b"Sec-WebSocket-Protocol: graphql-ws\r\n\r\n",
        "evil origin": _HANDSHAKE + b"Origin: http://evil.example\r\n\r\n",
        "no key": _HANDSHAKE.replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"") + b"\r\n",
        "odd key": _HANDSHAKE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"\xff\xff") + b"\r\n",
        "old version": _HANDSHAKE.replace(b"Version: 13", b"Version: 8") + b"\r\n",
        "version is no number": _HANDSHAKE.replace(b"Version: 13", b"Version: x") + b"\r\n",
        "compressed": _HANDSHAKE + b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n\r\n",
        "large protocol": _HANDSHAKE + b"Sec-WebSocket-Protocol: " + b"a" * 50_000 + b"\r\n\r\n",
        "by POST": _HANDSHAKE.replace(b"GET", b"POST") + b"Content-Length: 0\r\n\r\n",
        "to another path": _HANDSHAKE.replace(b"/graphql", b"/health/live") + b"\r\n",
        "with a body": _HANDSHAKE + b"Content-Length: 10\r\n\r\n0123456789",
        "with half a body": _HANDSHAKE + b"Content-Length: 10\r\n\r\n01234",
        "in chunks": _HANDSHAKE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "200 headers": _HANDSHAKE + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n",
        "frames at once": _HANDSHAKE + b"\r\n" + b"\x81\xff" + b"\xff" * 1_000,
    }.items()
]

ALL: list[Attack] = [*OTHER_PROTOCOLS, *PIPELINED, *WEB_SOCKETS, *HALF_OPEN]
