"""A server that stops tells its subscribers to connect again, and does not wait for them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from app.application import create_application
from app.settings import Settings
from tests.support.databases import SQLiteDatabases
from tests.support.inventory import Inventory
from tests.support.live_server import serving
from tests.support.server import opened
from tests.support.subscribing import events, parsed, socket

UTILIZATION = "subscription { utilizationChanged { total } }"


def test_subscriptions_end_with_the_server(tmp_path: Path) -> None:
    with opened(SQLiteDatabases(tmp_path)) as server, ExitStack() as running:
        token = Inventory(server, "Bank\n").token()
        application = create_application(Settings(database_url=server.url), clock=server.clock)
        address = running.enter_context(serving(application))
        with (
            socket(address, token=token) as client,
            events(address, {"query": UTILIZATION}, token=token) as response,
        ):
            follows = client.subscribe(UTILIZATION)
            received = parsed(response)
            assert client.data(follows) == next(received)[1]["data"]["utilizationChanged"] == {"total": 0}
            running.close()
            with pytest.raises(ConnectionClosed) as closed:
                client.receive()
            assert list(received) == []
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
