"""Authentication is part of a request: it ends with the time limit and when the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed

from app.application import create_application
from app.settings import Settings
from tests.api.numbers.conftest import NUMBERS, TREE
from tests.support.inventory import Inventory
from tests.support.live_server import serving
from tests.support.server import Server
from tests.support.subscribing import socket

SECONDS = 0.3
QUERY = "{ viewer { role } }"


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, TREE, NUMBERS)


@contextmanager
def without_keys() -> Iterator[None]:
    """Let nobody read an API key, as a lock on the table does."""

    async def hang(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    with patch("db.access.authentication.callers_by_key", hang):
        yield


def test_authentication_ends_with_the_time_limit(bank: Inventory) -> None:
    headers = {"Authorization": f"Bearer {bank.token()}"}
    link = urlsplit(bank.ask("{ phoneNumbersReport { url } }")["phoneNumbersReport"]["url"])
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/graphql", {"json": {"query": QUERY}, "headers": headers}),
        ("POST", "/upload", {"content": b"number\n", "headers": headers}),
        ("GET", "/metrics", {"headers": headers}),
        ("GET", f"{link.path}?{link.query}", {}),
    ]
    with closing(Server(bank.server.url, request_seconds=SECONDS)) as limited, without_keys():
        for method, path, request in requests:
            sent = limited.client.request(method, path, **request)
            response = limited.run(asyncio.wait_for(sent, 20 * SECONDS))
            assert (response.status_code, f"longer than {SECONDS} seconds" in response.text) == (504, True), path


def test_authentication_of_a_socket_ends_with_the_time_limit(bank: Inventory) -> None:
    settings = Settings(database_url=bank.server.url, request_seconds=SECONDS)
    application = create_application(settings, clock=bank.server.clock, works_in_background=False)
    with serving(application) as address:
        with socket(address, token=bank.token()) as client, without_keys():
            (error,) = client.message(client.subscribe(QUERY))["payload"]
        with socket(address) as client, without_keys(), pytest.raises(ConnectionClosed) as closed:
            client.begin(Authorization=f"Bearer {bank.token()}")
    assert error["extensions"]["code"] == "TIMEOUT"
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, f"{SECONDS} seconds" in closed.value.rcvd.reason) == (1013, True)
