"""The protocol graphql-transport-ws: every misuse closes the connection with the protocol's code."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from app import websocket_connection
from tests.api.subscriptions.conftest import ORIGIN, Live
from tests.support.subscribing import socket

INIT = {"type": "connection_init"}
QUERY = {"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { name } }"}}
FOLLOW = {"type": "subscribe", "id": "1", "payload": {"query": "subscription { phoneNumbersChanged { cursor } }"}}
TOKEN = object()
"""Stands for a `connection_init` with a valid token."""

CLOSING: dict[str, tuple[list[Any], int]] = {
    "no JSON": (["{"], 4400),
    "no object": (["[]"], 4400),
    "binary": ([b"{}"], 4400),
    "no type": ([{}], 4400),
    "a type of the server": ([{"type": "connection_ack"}], 4400),
    "an unknown type": ([{"type": "start"}], 4400),
    "a payload that is a text": ([{"type": "ping", "payload": "x"}], 4400),
    "a token that is no text": ([{**INIT, "payload": {"Authorization": 1}}], 4400),
    "no token": ([INIT], 4403),
    "an unknown token": ([{**INIT, "payload": {"authorization": "Bearer dtk_x"}}], 4403),
    "initialised twice": ([TOKEN, INIT], 4429),
    "subscribed too early": ([QUERY], 4401),
    "no id": ([TOKEN, {**QUERY, "id": ""}], 4400),
    "an id that is a number": ([TOKEN, {**QUERY, "id": 1}], 4400),
    "a long id": ([TOKEN, {**QUERY, "id": "x" * 129}], 4400),
    "no operation": ([TOKEN, {**QUERY, "payload": None}], 4400),
    "no query": ([TOKEN, {**QUERY, "payload": {}}], 4400),
    "variables that are a list": ([TOKEN, {**QUERY, "payload": {"query": "{ a }", "variables": []}}], 4400),
    "an id in use": ([TOKEN, FOLLOW, FOLLOW], 4409),
    "a large message": ([TOKEN, "x" * 1_048_577], 1009),
}


@pytest.mark.parametrize("case", CLOSING)
def test_a_misuse_closes_the_connection(one_live: Live, case: str) -> None:
    messages, code = CLOSING[case]
    with socket(one_live.address) as client:
        for message in messages:
            if message is TOKEN:
                client.begin(Authorization=f"Bearer {one_live.bank.token()}")
            else:
                client.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


@pytest.mark.parametrize("offered", [None, [Subprotocol("graphql-ws")]])
def test_another_subprotocol_is_not_spoken(one_live: Live, offered: list[Subprotocol] | None) -> None:
    with socket(one_live.address, subprotocols=offered) as client, pytest.raises(ConnectionClosed) as closed:
        client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4406


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [(ORIGIN, True), ("own", True), ("https://other.example.test", False), ("null", False), ("file://", False)],
)
def test_the_origin_is_checked(one_live: Live, origin: str, *, accepted: bool) -> None:
    options = {"origin": Origin(one_live.address if origin == "own" else origin)}
    if accepted:
        with socket(one_live.address, token=one_live.bank.token(), **options):
            return
    with pytest.raises(InvalidStatus) as refused, socket(one_live.address, **options):
        pass
    assert refused.value.response.status_code == 403


def test_a_silent_connection_is_closed(one_live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_connection, "INIT_SECONDS", 0.1)
    with socket(one_live.address) as client, pytest.raises(ConnectionClosed) as closed:
        client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4408


def test_a_flood_of_messages_closes_the_connection(one_live: Live) -> None:
    with socket(one_live.address, token=one_live.bank.token()) as client:
        for _ in range(2 * websocket_connection.MESSAGES_AT_ONCE):
            with suppress(ConnectionClosed):
                client.send({"type": "pong"})
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4429


def test_operations_run_side_by_side(one_live: Live) -> None:
    with socket(one_live.address, token=one_live.bank.token()) as client:
        client.send({"type": "ping", "payload": {"n": 1}})
        assert client.receive() == {"type": "pong", "payload": {"n": 1}}
        client.send({"type": "pong"})
        follows = client.subscribe("subscription { utilizationChanged { total } }")
        assert client.data(follows) == {"total": 4}
        asks = client.subscribe("{ viewer { role } }")
        assert client.data(asks) == {"role": "OWNER"}
        assert client.message(asks) == {"type": "complete", "id": asks}
        wrong = client.subscribe("{ nothing }")
        assert client.message(wrong)["payload"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
        client.send({"type": "complete", "id": follows})
        client.send({"type": "complete", "id": "unknown"})
        again = client.subscribe("subscription { utilizationChanged { total } }")
        assert client.data(again) == {"total": 4}


def test_the_token_may_come_with_the_upgrade(one_live: Live) -> None:
    headers = {"Authorization": f"Bearer {one_live.bank.token()}"}
    with socket(one_live.address, additional_headers=headers) as client:
        client.begin()
        asks = client.subscribe("{ viewer { role } }")
        assert client.data(asks) == {"role": "OWNER"}


def test_a_caller_acts_from_an_organization(one_live: Live) -> None:
    headers = {"Authorization": f"Bearer {one_live.bank.token()}"}
    with socket(one_live.address, additional_headers=headers) as client:
        client.begin(**{"Dialtree-Organization": one_live.bank.organization("Bank/Sales")})
        follows = client.subscribe("subscription { utilizationChanged { total } }")
        assert client.data(follows) == {"total": 1}


def test_a_connection_outlives_the_time_limit_of_request_heads(one_live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.protocol.HEAD_SECONDS", 0.1)
    with socket(one_live.address, token=one_live.bank.token()) as client:
        with pytest.raises(TimeoutError):
            client.connection.recv(timeout=0.5)
        asks = client.subscribe("{ viewer { role } }")
        assert client.data(asks) == {"role": "OWNER"}
