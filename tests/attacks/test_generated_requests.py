"""Thousands of generated requests are answered without a fault, and none holds the event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from app.serving import tune_garbage_collector
from schema.root.schema import build_schema
from tests.attacks.generated_requests import GeneratedRequest, RequestGenerator
from tests.attacks.target import NUMBERS, ORGANIZATIONS
from tests.support.databases import SQLiteDatabases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

WANTED = int(os.environ.get("DIALTREE_TEST_REQUESTS", "2000"))
ROUND = 1_000
"""How many requests one inventory gets, since they change it."""

SEED = int(os.environ.get("DIALTREE_TEST_SEED", "0"))
MAX_HOLD_SECONDS = 0.25
"""Processor time, so that other work of the machine does not count."""

SCHEMA = build_schema()._schema
IDS = """{
  organizations(first: 10) { nodes { id } } phoneNumbers(first: 12) { nodes { id } edges { cursor } }
  series { nodes { id } } users { nodes { id } } administrators { nodes { id } } apiKeys { id }
  organization { activity(first: 5) { nodes { id } } }
}"""

CALLERS = ((None, "OWNER"), (None, "OWNER"), (None, "VIEWER"), ("Acme/Sales", "ADMIN"))


class Holds:
    """The longest time that the event loop ran without a turn to others."""

    longest = 0.0


@contextmanager
def measured() -> Iterator[Holds]:
    holds, run = Holds(), asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        started_at = time.thread_time()
        run(handle)
        holds.longest = max(holds.longest, time.thread_time() - started_at)

    thresholds = gc.get_threshold()
    tune_garbage_collector()
    try:
        with patch.object(asyncio.Handle, "_run", timed):
            yield holds
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


async def send(server: Server, request: GeneratedRequest) -> tuple[int, bytes]:
    """The status and body of the answer to a request."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": request.query_string,
        "headers": request.headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("dialtree.test", 80),
    }
    incoming = [{"type": "http.request", "body": request.body, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return incoming.pop() if incoming else await asyncio.Event().wait()

    async def keep(message: Any) -> None:
        sent.append(message)

    await server.application(scope, receive, keep)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def known_ids(value: Any) -> list[str]:
    """All texts in the data of an answer."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [found for one in inner for found in known_ids(one)]
    return [value]


def problems(server: Server, requests: Sequence[GeneratedRequest], statuses: Counter[int]) -> list[str]:
    found = []
    with measured() as holds:
        for request in requests:
            holds.longest = 0.0
            status, body = server.run(send(server, request))
            statuses[status] += 1
            if status >= 500 or b"INTERNAL_SERVER_ERROR" in body:
                found.append(f"{status} {body[:500]!r}: {request!r:.3000}")
            if holds.longest > MAX_HOLD_SECONDS:
                found.append(f"held the event loop for {holds.longest:.3f} s: {request!r:.3000}")
    return found


@pytest.mark.long
def test_generated_requests_are_answered_without_a_fault(tmp_path: Path) -> None:
    databases, statuses, found = SQLiteDatabases(tmp_path), Counter[int](), []
    for seed in range(SEED, SEED + -(-WANTED // ROUND)):
        with opened(databases, rate_limit=0, anonymous_rate_limit=0) as server:
            inventory = Inventory(server, ORGANIZATIONS, NUMBERS)
            ids = known_ids(server.ask(IDS, token=inventory.token()))
            tokens = [
                inventory.token(*caller) for caller in ((None, "OWNER"), (None, "VIEWER"), ("Acme/Sales", "ADMIN"))
            ]
            generator = RequestGenerator(SCHEMA, seed, tokens=[*tokens, inventory.token()], ids=ids)
            found += [
                f"seed {seed}: {problem}"
                for problem in problems(server, [generator.request() for _ in range(ROUND)], statuses)
            ]
            found += server.differences()
    assert found == []
    assert {200, 400, 405, 415} <= statuses.keys()
