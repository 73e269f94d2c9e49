"""Subscriptions, queries and mutations as server-sent events."""

from __future__ import annotations

import httpx
import pytest

from app import event_streams
from tests.api.subscriptions.conftest import ORIGIN, Live
from tests.support.subscribing import events, parsed
from tests.support.waiting import PATIENCE

UTILIZATION = {"query": "subscription { utilizationChanged { total reserved } }"}
ROLE = {"query": "{ viewer { role } }"}


def test_the_events_of_a_subscription(live: Live) -> None:
    bank = live.bank
    with events(live.address, UTILIZATION, token=bank.token()) as response:
        assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        received = parsed(response)
        assert next(received) == ("next", {"data": {"utilizationChanged": {"total": 4, "reserved": 1}}})
        numbers = bank.numbers("+14185550100", "+14185550101")
        bank.mutate("reserveNumbers", "changedCount", {"numberIds": numbers, "tag": "x"})
        assert next(received) == ("next", {"data": {"utilizationChanged": {"total": 4, "reserved": 3}}})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ viewer { role } }", {"data": {"viewer": {"role": "OWNER"}}}),
        (
            'mutation { createSeries(input: { name: " " }) { series { id } } }',
            {"data": {"createSeries": {"series": None}}},
        ),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { phoneNumbersChanged(after: "x") { cursor } }', "INVALID_INPUT"),
    ],
)
def test_an_operation_that_completes(one_live: Live, query: str, expected: object) -> None:
    with events(one_live.address, {"query": query}, token=one_live.bank.token()) as response:
        (name, answer), completed = parsed(response)
    assert (name, completed) == ("next", ("complete", None))
    code = answer["errors"][0]["extensions"]["code"] if "errors" in answer else None
    assert (code or answer) == expected


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Origin": "https://other.example.test"}, 403), ({"Content-Type": "text/plain"}, 415)],
)
def test_what_is_refused_without_a_stream(one_live: Live, headers: dict[str, str], status: int) -> None:
    with events(one_live.address, UTILIZATION, token=None, **headers) as response:
        assert (response.status_code, response.headers["content-type"]) == (status, "application/json; charset=utf-8")


def test_pages_of_allowed_origins_and_get(one_live: Live) -> None:
    headers = {"Authorization": f"Bearer {one_live.bank.token()}", "Accept": "text/event-stream", "Origin": ORIGIN}
    got = httpx.get(f"{one_live.address}/graphql", params=ROLE, headers=headers)
    assert got.text == ':\n\nevent: next\ndata: {"data":{"viewer":{"role":"OWNER"}}}\n\nevent: complete\ndata:\n\n'
    mutation = {"query": "mutation { signOut { userErrors { code } } }"}
    got = httpx.get(f"{one_live.address}/graphql", params=mutation, headers=headers)
    assert "OPERATION_NOT_SUPPORTED" in got.text


def test_a_subscription_by_head_is_answered_without_events(one_live: Live) -> None:
    headers = {"Authorization": f"Bearer {one_live.bank.token()}", "Accept": "text/event-stream"}
    with httpx.Client(base_url=one_live.address, headers=headers, timeout=PATIENCE) as client:
        got = client.head("/graphql", params=UTILIZATION)
        assert (got.status_code, got.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        # On the same connection.
        assert "OWNER" in client.get("/graphql", params=ROLE).text


def test_a_subscription_needs_a_stream(one_live: Live) -> None:
    headers = {"Authorization": f"Bearer {one_live.bank.token()}"}
    answer = httpx.post(f"{one_live.address}/graphql", json=UTILIZATION, headers=headers).json()
    assert answer["errors"][0]["extensions"] == {"code": "OPERATION_NOT_SUPPORTED"}


def test_a_silent_stream_is_kept_alive(one_live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "KEEP_ALIVE_SECONDS", 0.05)
    query = {"query": "subscription { phoneNumbersChanged { cursor } }"}
    with events(one_live.address, query, token=one_live.bank.token()) as response:
        lines = response.iter_lines()
        assert [next(lines) for _ in range(6)] == [":", "", ":", "", ":", ""]
