"""GraphQL over server-sent events: the protocol of graphql-sse with a connection for each operation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from app.operations import Ran, StreamFailed

KEEP_ALIVE_SECONDS = 12
"""How long a stream may be silent: proxies close silent connections."""

_STOP = "dialtree.stop"

_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    # nginx would collect events otherwise.
    (b"x-accel-buffering", b"no"),
)
_COMMENT = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"

Events = AsyncGenerator[dict[str, Any], None]


def stop_event(scope: Scope) -> asyncio.Event:
    """Return the event of a request that ends its stream when the server stops, even if it is set before."""
    event: asyncio.Event = scope.setdefault(_STOP, asyncio.Event())
    return event


async def responses_of(ran: Ran) -> Events:
    """Yield the responses of an operation; an error that ends a subscription is its last one."""
    if ran.stream is None:
        yield ran.response
        return
    try:
        async for response in ran.stream:
            yield response
    except StreamFailed as failed:
        yield failed.response
    finally:
        await ran.stream.aclose()


async def send_events(scope: Scope, receive: Receive, send: Send, events: Events) -> None:
    """Send the responses of an operation as events, until it completes, the client leaves or the server stops.

    Where the server stops, the stream ends without the event that completes it, so that the client connects again.
    A response to HEAD ends at once.
    """
    stopped = stop_event(scope)
    if scope["method"] == "HEAD":
        stopped.set()
    ends: list[asyncio.Future[Any]] = [asyncio.ensure_future(_left(receive)), asyncio.ensure_future(stopped.wait())]
    try:
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        await _send(send, _COMMENT)
        if await _send_all(send, events, ends):
            await _send(send, _COMPLETE)
        if not ends[0].done():
            await send({"type": "http.response.body", "body": b""})
    finally:
        for end in ends:
            end.cancel()
        await events.aclose()


async def _send_all(send: Send, events: Events, ends: list[asyncio.Future[Any]]) -> bool:
    """Send each response; whether all of them were sent."""
    while True:
        following = asyncio.ensure_future(anext(events, None))
        try:
            while not following.done():
                await asyncio.wait([following, *ends], timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if any(end.done() for end in ends):
                    return False
                if not following.done():
                    await _send(send, _COMMENT)
        finally:
            if not following.done():
                following.cancel()
                await asyncio.wait([following])
        response = following.result()
        if response is None:
            return True
        await _send(send, b"event: next\ndata: %b\n\n" % orjson.dumps(response))


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
