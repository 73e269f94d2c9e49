"""Concurrent requests with one idempotency key."""

from __future__ import annotations

from tests.api.numbers.pool import (
    CLIENTS,
    POOL,
    RESERVE,
    Pool,
)
from tests.support.concurrency import (
    Call,
    ConcurrentServers,
    outcomes,
)


def test_concurrent_requests_with_one_idempotency_key_run_once(pool: Pool, servers: ConcurrentServers) -> None:
    call = pool.allocate("North", 10)
    keyed = Call(call.query, {"input": {**call.variables["input"], "idempotencyKey": "once"}}, call.token)
    payloads = servers.send_together([keyed] * CLIENTS)
    assert outcomes(payloads) == {"done": CLIENTS}
    assert {payload["changedCount"] for payload in payloads} == {10}
    assert len({payload["operationId"] for payload in payloads}) == 1
    assert pool.held() == {"Acme": POOL - 10, "North": 10}
    assert pool.server.differences() == []


def test_concurrent_refused_requests_with_one_idempotency_key_get_one_response(
    pool: Pool, servers: ConcurrentServers
) -> None:
    call = pool.allocate("North", POOL + 1)
    keyed = Call(call.query, {"input": {**call.variables["input"], "idempotencyKey": "once"}}, call.token)
    assert outcomes(servers.send_together([keyed] * CLIENTS)) == {"INSUFFICIENT_NUMBERS": CLIENTS}
    assert pool.held() == {"Acme": POOL}


def test_different_requests_with_one_idempotency_key_are_refused(pool: Pool, servers: ConcurrentServers) -> None:
    calls = []
    for n in range(CLIENTS):
        call = pool.allocate("North", n + 1)
        calls.append(Call(call.query, {"input": {**call.variables["input"], "idempotencyKey": "once"}}, call.token))
    payloads = servers.send_together(calls)
    assert outcomes(payloads) == {"done": 1, "IDEMPOTENCY_MISMATCH": CLIENTS - 1}
    assert pool.held()["North"] == sum(payload["changedCount"] for payload in payloads)
    assert pool.server.differences() == []


def test_concurrent_changes_of_one_number_with_one_key_are_one(pool: Pool, servers: ConcurrentServers) -> None:
    number, number_id = next(iter(pool.numbers.items()))
    keyed = pool.call(RESERVE, numberIds=[number_id], tag="desk", idempotencyKey="once")
    payloads = servers.send_together([keyed] * CLIENTS)
    assert outcomes(payloads) == {"done": CLIENTS}
    assert len({payload["operationId"] for payload in payloads}) == 1
    assert pool.tags() == {"desk": {number}}
    assert pool.server.differences() == []


def test_changes_of_different_numbers_with_one_key_are_refused_but_for_one(
    pool: Pool, servers: ConcurrentServers
) -> None:
    numbers = list(pool.numbers.values())[:CLIENTS]
    payloads = servers.send_together(
        [pool.call(RESERVE, numberIds=[number], tag="desk", idempotencyKey="once") for number in numbers]
    )
    assert outcomes(payloads) == {"done": 1, "IDEMPOTENCY_MISMATCH": CLIENTS - 1}
    assert [len(tagged) for tagged in pool.tags().values()] == [1]
    assert pool.server.differences() == []
