"""Reading request bodies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app import requests
from app.request_limit import RequestLimits
from app.requests import BadRequest, Disconnected


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


class Arriving:
    """Messages, each of which takes so many turns of the event loop."""

    def __init__(self, *messages: dict[str, Any], turns: int) -> None:
        self.messages = list(messages)
        self.turns = turns
        self.given_up = False

    async def __call__(self) -> dict[str, Any]:
        try:
            for _ in range(self.turns):
                await asyncio.sleep(0)
            if not self.messages:
                await asyncio.Event().wait()
            return self.messages.pop(0)
        except asyncio.CancelledError:
            self.given_up = True
            raise


async def read(receive: Any, *, max_bytes: int = requests.MAX_BODY_BYTES) -> bytes:
    limits = RequestLimits(seconds=requests.BODY_SECONDS)
    return await requests.read_body(receive, limits.limit(), max_bytes=max_bytes)


@pytest.mark.parametrize("turns", [0, 1, 3])
async def test_a_body_is_read_completely_in_one_or_more_parts(turns: int) -> None:
    assert await read(Arriving(part(b"ab"), turns=turns)) == b"ab"
    assert await read(Arriving({"type": "http.request"}, turns=turns)) == b""
    parts = (part(b"a", more=True), part(b"", more=True), part(b"bc", more=True), part(b"d"))
    assert await read(Arriving(*parts, turns=turns)) == b"abcd"


@pytest.mark.parametrize("turns", [0, 2])
@pytest.mark.parametrize("sizes", [(11,), (10, 1), (1, 10), (4, 4, 4)])
async def test_a_body_that_is_too_long_is_refused(sizes: tuple[int, ...], turns: int) -> None:
    parts = [part(b"x" * size, more=True) for size in sizes]
    with pytest.raises(BadRequest, match=r"^The body is larger than 10 bytes\.$") as refused:
        await read(Arriving(*parts, turns=turns), max_bytes=10)
    assert refused.value.status == 413
    assert await read(Arriving(part(b"x" * 10), turns=turns), max_bytes=10) == b"x" * 10


@pytest.mark.parametrize("turns", [0, 2])
@pytest.mark.parametrize("before", [(), (part(b"a", more=True),)])
async def test_a_body_that_does_not_arrive_in_time_is_refused(
    monkeypatch: pytest.MonkeyPatch, before: tuple[dict[str, Any], ...], turns: int
) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.05)
    receive = Arriving(*before, turns=turns)
    with pytest.raises(BadRequest, match=r"did not arrive within 0\.05 seconds") as refused:
        await read(receive)
    assert refused.value.status == 408
    assert receive.given_up


@pytest.mark.parametrize("turns", [0, 2])
async def test_a_client_that_disconnects_while_sending_raises_disconnected(turns: int) -> None:
    gone = {"type": "http.disconnect"}
    for messages in ((gone,), (part(b"a", more=True), gone)):
        with pytest.raises(Disconnected):
            await read(Arriving(*messages, turns=turns))


async def test_a_cancelled_request_stops_waiting_for_its_body() -> None:
    receive = Arriving(turns=1)
    reading = asyncio.ensure_future(read(receive))
    for _ in range(4):
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert receive.given_up
