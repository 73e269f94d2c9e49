"""Concurrent clients: each number goes to one of them, every counter stays exact, and there are no deadlocks."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import text

from db.core.statements import Statement
from tests.api.numbers.pool import (
    ALLOCATE,
    CLIENTS,
    CREATE,
    EDIT,
    MOVE,
    POOL,
    RESERVE,
    RETIRE,
    STRATEGIES,
    TAGS,
    TEAMS,
    TOO_LATE,
    UNRESERVE,
    WITHDRAW,
    Pool,
)
from tests.support.concurrency import (
    Call,
    ConcurrentServers,
    outcome,
    outcomes,
    processes,
    send_together_over_http,
)
from tests.support.databases import PostgresDatabases, by_default_on_postgresql
from tests.support.inventory import Inventory
from tests.support.postgres import PostgresServer
from tests.support.server import opened
from tests.support.waiting import PATIENCE


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_concurrent_allocations_get_different_numbers(pool: Pool, servers: ConcurrentServers, strategy: str) -> None:
    calls = [pool.allocate(TEAMS[n % 4], 25, strategy) for n in range(CLIENTS)]
    payloads = servers.send_together(calls)
    assert outcomes(payloads) == {"done": CLIENTS}
    taken = [number for payload in payloads for number in pool.changed_by(payload)]
    assert len(taken) == len(set(taken)) == CLIENTS * 25
    assert sorted(taken) == sorted(taken)[: CLIENTS * 25]
    assert pool.held() == {"Acme": POOL - CLIENTS * 25} | dict.fromkeys(TEAMS, CLIENTS * 25 // 4)
    assert pool.server.differences() == []


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_allocation_above_the_remaining_numbers_gets_none(
    pool: Pool, servers: ConcurrentServers, strategy: str
) -> None:
    payloads = servers.send_together([pool.allocate(TEAMS[n % 4], 60, strategy) for n in range(CLIENTS)])
    assert outcomes(payloads) == {"done": 16, "INSUFFICIENT_NUMBERS": 16}
    assert [payload["changedCount"] for payload in payloads if not payload["userErrors"]] == [60] * 16
    assert pool.held()["Acme"] == POOL - 16 * 60
    assert pool.server.differences() == []


def test_concurrent_allocations_take_the_lowest_numbers(pool: Pool, servers: ConcurrentServers) -> None:
    payloads = servers.send_together([pool.allocate(TEAMS[n % 4], 7) for n in range(CLIENTS)])
    taken = [number for payload in payloads for number in pool.changed_by(payload)]
    assert sorted(taken) == [f"+1418898{n:04}" for n in range(CLIENTS * 7)]


def test_concurrent_allocations_of_blocks_stay_contiguous(pool: Pool, servers: ConcurrentServers) -> None:
    # A gap every twenty-five numbers: a run holds two blocks of ten, and four numbers that belong to no block.
    gaps = [pool.numbers[f"+1418898{n:04}"] for n in range(24, 500, 25)]
    pool.server.ask(RESERVE, {"input": {"numberIds": gaps, "tag": "gap"}}, token=pool.token)
    payloads = servers.send_together([pool.allocate(TEAMS[n % 4], 10, "CONTIGUOUS") for n in range(CLIENTS)])
    assert outcomes(payloads) == {"done": CLIENTS}
    for payload in payloads:
        block = [int(number) for number in pool.changed_by(payload)]
        assert block == list(range(block[0], block[0] + 10))
    assert pool.server.differences() == []


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_allocation_whose_only_number_is_taken_gets_another(postgres: PostgresServer, strategy: str) -> None:
    with opened(PostgresDatabases(postgres)) as server:
        acme = Inventory(server, "Acme\nAcme/North\n", "".join(f"+1418555010{n},+1 418,Acme,,,,,\n" for n in (0, 2, 4)))
        wanted = {"seriesId": acme.series("+1 418"), "toOrganizationId": acme.organization("Acme/North")}
        said = {"input": wanted | {"quantity": 1, "strategy": strategy}}
        token = acme.token()
        take = Statement(text("UPDATE phone_numbers SET status = 1 WHERE number = '+14185550100'"))

        async def allocate_while_taken() -> Any:
            async with server.database.write() as connection:
                await connection.execute(take)
                allocation = asyncio.create_task(server.post(ALLOCATE, said, token=token))
                # It waits for the number now.
                await asyncio.sleep(0.1)
            return (await allocation)["data"]["allocateNumbers"]

        payload = server.run(asyncio.wait_for(allocate_while_taken(), PATIENCE))
        assert (payload["changedCount"], payload["userErrors"]) == (1, [])
        assert acme.show("+14185550102", "organization { name }") == {"organization": {"name": "North"}}


def test_concurrent_reservations_of_overlapping_lists_are_all_or_nothing(
    pool: Pool, servers: ConcurrentServers
) -> None:
    rng = random.Random(7)  # noqa: S311 - a repeatable shuffle
    numbers = sorted(pool.numbers)[:160]
    lists = {f"client {n}": rng.sample(numbers, 12) for n in range(CLIENTS)}
    payloads = servers.send_together(
        [
            pool.call(RESERVE, numberIds=[pool.numbers[number] for number in wanted], tag=tag)
            for tag, wanted in lists.items()
        ]
    )
    assert set(outcomes(payloads)) <= {"done", "INVALID_TRANSITION", "CONFLICT"}
    won = {tag: set(lists[tag]) for tag, payload in zip(lists, payloads, strict=True) if not payload["userErrors"]}
    assert won
    assert pool.tags() == won
    assert pool.server.differences() == []


def test_concurrent_edits_of_one_number_are_serialized(pool: Pool, servers: ConcurrentServers) -> None:
    number = next(iter(pool.numbers.values()))
    pool.server.ask(RESERVE, {"input": {"numberIds": [number], "tag": "first"}}, token=pool.token)
    tags = [f"tag {n}" for n in range(CLIENTS)]
    payloads = servers.send_together([pool.call(EDIT, numberId=number, tag=tag) for tag in tags])
    assert outcomes(payloads) == {"done": CLIENTS}
    found = pool.server.ask(TAGS, {"id": number}, token=pool.token)["phoneNumber"]
    edits = [event for event in reversed(found["history"]["nodes"]) if event["action"] == "TAG_EDITED"]
    assert sorted(edit["reservedTagAfter"] for edit in edits) == sorted(tags)
    befores = [edit["reservedTagBefore"] for edit in edits]
    assert befores == ["first", *(edit["reservedTagAfter"] for edit in edits[:-1])]
    assert found["reservedTag"] == edits[-1]["reservedTagAfter"]
    assert pool.server.differences() == []


def test_concurrent_allocations_and_reservations_never_share_a_number(pool: Pool, servers: ConcurrentServers) -> None:
    rng = random.Random(11)  # noqa: S311 - a repeatable shuffle
    numbers = sorted(pool.numbers)
    calls: list[Call] = []
    for n in range(CLIENTS):
        wanted = [pool.numbers[number] for number in rng.sample(numbers[:200], 10)]
        calls.append(
            (
                pool.allocate(TEAMS[n % 4], 40, STRATEGIES[n % 3]),
                pool.call(RESERVE, numberIds=wanted, tag=f"client {n}"),
                pool.call(RESERVE, filter={"endsWith": f"{n % 10}7"}, tag=f"client {n}"),
                pool.call(RESERVE, numberIds=wanted, tag=f"client {n}", organizationId=pool.places["Desk"]),
            )[n // 3 % 4]
        )
    payloads = servers.send_together(calls)
    assert set(outcomes(payloads)) <= TOO_LATE
    done = {f"client {n}": payload["changedCount"] for n, payload in enumerate(payloads) if not payload["userErrors"]}
    tagged = {tag: len(found) for tag, found in pool.tags().items()}
    assert tagged == {tag: count for tag, count in done.items() if "Reserve" in calls[int(tag[7:])].query and count}
    held = pool.held()
    assert held.total() == POOL
    assert pool.server.differences() == []


def test_concurrent_changes_of_every_kind_keep_every_counter_exact(pool: Pool, servers: ConcurrentServers) -> None:
    rng = random.Random(13)  # noqa: S311 - a repeatable shuffle
    numbers = sorted(pool.numbers)[:120]
    calls = []
    for n in range(4 * CLIENTS):
        wanted = [pool.numbers[number] for number in rng.sample(numbers, 5)]
        team = rng.choice(TEAMS)
        calls.append(
            rng.choice(
                [
                    pool.call(RESERVE, numberIds=wanted, tag=f"tag {n}"),
                    pool.call(UNRESERVE, numberIds=wanted),
                    pool.call(UNRESERVE, filter={"tagContains": "tag", "endsWith": str(n % 10)}),
                    pool.call(MOVE, numberIds=wanted, organizationId=pool.places[team]),
                    pool.call(MOVE, filter={"endsWith": f"{n % 10}"}, organizationId=pool.places[team]),
                    pool.call(RETIRE, numberIds=wanted[:1]),
                    pool.allocate(team, 9, STRATEGIES[n % 3]),
                    pool.call(WITHDRAW, organizationId=pool.places[team], seriesId=pool.series, quantity=4),
                ]
            )
        )
    payloads = servers.send_together(calls)
    assert set(outcomes(payloads)) <= TOO_LATE | {"NOT_FOUND"}
    retired = sum(
        payload["changedCount"]
        for call, payload in zip(calls, payloads, strict=True)
        if call.query == RETIRE and outcome(payload) == "done"
    )
    assert pool.held().total() == POOL - retired
    assert pool.server.differences() == []


# The tree


def test_of_concurrent_additions_of_the_same_numbers_one_succeeds(pool: Pool, servers: ConcurrentServers) -> None:
    rng = random.Random(17)  # noqa: S311 - a repeatable shuffle
    numbers = [f"+1514555{n:04}" for n in range(200)]
    calls = [pool.call(CREATE["number"][0], numbers=rng.sample(numbers, 200), seriesId=pool.series) for _ in range(8)]
    assert outcomes(servers.send_together(calls)) == {"done": 1, "ALREADY_EXISTS": 7}
    assert pool.held().total() == POOL + 200
    assert pool.server.differences() == []


def test_of_concurrent_additions_of_a_retired_number_one_succeeds(pool: Pool, servers: ConcurrentServers) -> None:
    number = min(pool.numbers)
    pool.server.ask(RETIRE, {"input": {"numberIds": [pool.numbers[number]]}}, token=pool.token)
    calls = [
        pool.call(CREATE["number"][0], numbers=[number], seriesId=pool.series, organizationId=pool.places[TEAMS[n % 4]])
        for n in range(CLIENTS)
    ]
    assert outcomes(servers.send_together(calls)) == {"done": 1, "ALREADY_EXISTS": CLIENTS - 1}
    assert pool.held().total() == POOL
    assert pool.server.differences() == []


# Idempotency keys


@by_default_on_postgresql
def test_server_processes_never_allocate_the_same_number(pool: Pool) -> None:
    calls = [
        pool.allocate(TEAMS[n % 4], 40, STRATEGIES[n % 3])
        if n % 2
        else pool.call(
            RESERVE, numberIds=[pool.numbers[f"+1418898{(n * 7 + k) % 100:04}"] for k in range(9)], tag=f"{n}"
        )
        for n in range(CLIENTS)
    ]
    with processes(pool.server.url, 2) as addresses:
        payloads = asyncio.run(send_together_over_http(addresses, calls))
    assert set(outcomes(payloads)) <= TOO_LATE
    tagged = {tag: len(found) for tag, found in pool.tags().items()}
    assert tagged == {str(n): 9 for n in range(0, CLIENTS, 2) if outcome(payloads[n]) == "done"}
    allocated = 40 * sum(outcome(payloads[n]) == "done" for n in range(1, CLIENTS, 2))
    assert POOL - pool.held()["Acme"] == allocated
    assert pool.server.differences() == []
