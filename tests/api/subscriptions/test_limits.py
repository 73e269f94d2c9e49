"""How many subscriptions a caller and a process may have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize("limit", [{"subscriptions": 1}, {"subscriptions_per_caller": 1}])
def test_one_subscription_too_many_is_refused(tmp_path: Path, limit: dict[str, Any]) -> None:
    with opened(SQLiteDatabases(tmp_path)) as server:
        bank = Inventory(server, "Bank\n")
        application = create_application(Settings(database_url=server.url, **limit), clock=server.clock)
        with serving(application) as address, socket(address, token=bank.token()) as client:
            first = client.subscribe(UTILIZATION)
            assert client.data(first) == {"total": 0}
            second = client.subscribe(UTILIZATION)
            assert client.message(second)["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
            with events(address, {"query": UTILIZATION}, token=bank.token()) as response:
                assert (response.status_code, response.headers["retry-after"]) == (429, "30")
            client.send({"type": "complete", "id": first})
            asks = client.subscribe("{ viewer { role } }")
            assert client.data(asks) == {"role": "OWNER"}
            with events(address, {"query": UTILIZATION}, token=bank.token()) as response:
                assert next(parsed(response)) == ("next", {"data": {"utilizationChanged": {"total": 0}}})


def test_one_connection_too_many_is_closed(tmp_path: Path) -> None:
    with opened(SQLiteDatabases(tmp_path)) as server:
        bank = Inventory(server, "Bank\n")
        settings = Settings(database_url=server.url, subscriptions_per_caller=1)
        with serving(create_application(settings, clock=server.clock)) as address:
            with socket(address, token=bank.token()), socket(address, token=bank.token(role="VIEWER")):
                with socket(address) as client, pytest.raises(ConnectionClosed) as closed:
                    client.begin(Authorization=f"Bearer {bank.token()}")
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 4429
                assert closed.value.rcvd.reason == "You have 1 connections, the maximum. Close some of them first."
            with socket(address, token=bank.token()) as client:
                assert client.data(client.subscribe(UTILIZATION)) == {"total": 0}
