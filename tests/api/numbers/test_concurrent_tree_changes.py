"""Changes to numbers and to the tree at the same time: one of two that exclude each other is refused."""

from __future__ import annotations

import pytest

from tests.api.numbers.pool import (
    ALLOCATE,
    CLIENTS,
    CREATE,
    MOVE,
    POOL,
    TEAMS,
    Pool,
)
from tests.support.concurrency import (
    Call,
    ConcurrentServers,
    outcomes,
)


def test_allocating_while_the_target_moves_succeeds_or_is_not_found(pool: Pool, servers: ConcurrentServers) -> None:
    server = pool.server
    server.ask(ALLOCATE, pool.allocate("North", 400).variables, token=pool.token)
    north = server.create_key(organization="Acme/North", role="ADMIN")
    move = "mutation ($input: MoveOrganizationInput!) { moveOrganization(input: $input) { userErrors { code } } }"
    calls = []
    for n in range(CLIENTS):
        calls.append(Call(ALLOCATE, pool.allocate("Desk", 5).variables, north))
        if n % 4 == 3:
            goal = pool.places["South" if n % 8 == 3 else "North"]
            calls.append(pool.call(move, organizationId=pool.places["Desk"], parentId=goal))
    payloads = servers.send_together(calls)
    told = {
        query: outcomes(payload for call, payload in zip(calls, payloads, strict=True) if call.query == query)
        for query in (ALLOCATE, move)
    }
    assert told[move] == {"done": CLIENTS // 4}
    assert set(told[ALLOCATE]) <= {"done", "NOT_FOUND"}
    assert pool.held()["Desk"] == 5 * told[ALLOCATE]["done"]
    assert server.differences() == []


def test_of_two_moves_that_would_create_a_cycle_one_is_refused(pool: Pool, servers: ConcurrentServers) -> None:
    move = "mutation ($input: MoveOrganizationInput!) { moveOrganization(input: $input) { userErrors { code } } }"
    circle = zip(TEAMS, [*TEAMS[1:], TEAMS[0]], strict=True)
    payloads = servers.send_together(
        [pool.call(move, organizationId=pool.places[team], parentId=pool.places[goal]) for team, goal in circle]
    )
    assert outcomes(payloads) == {"done": 3, "INVALID_INPUT": 1}
    query = "{ organization { descendants { totalCount } } }"
    assert pool.server.ask(query, token=pool.token)["organization"]["descendants"]["totalCount"] == 5
    assert pool.server.differences() == []


def test_moving_numbers_into_an_organization_being_deleted_loses_none(pool: Pool, servers: ConcurrentServers) -> None:
    delete = """mutation ($input: DeleteOrganizationInput!) {
      deleteOrganization(input: $input) { changedCount userErrors { code } } }"""
    create = "mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { userErrors { code } } }"
    numbers = sorted(pool.numbers)
    calls = [
        pool.call(MOVE, numberIds=[pool.numbers[numbers[n]]], organizationId=pool.places["Desk"])
        for n in range(CLIENTS)
    ]
    calls += [pool.allocate("Desk", 3) for _ in range(4)]
    calls += [pool.call(create, parentId=pool.places["Desk"], name=f"Cell {n}") for n in range(3)]
    calls.insert(CLIENTS // 2, pool.call(delete, organizationId=pool.places["North"]))
    payloads = servers.send_together(calls)
    deleted = payloads.pop(CLIENTS // 2)
    assert deleted["userErrors"] == []
    assert set(outcomes(payloads)) <= {"done", "NOT_FOUND"}
    into = sum(payload["changedCount"] for payload in payloads if payload.get("changedCount"))
    assert deleted["changedCount"] == into
    assert pool.held() == {"Acme": POOL}
    assert pool.server.differences() == []


# One wins


@pytest.mark.parametrize("what", list(CREATE))
def test_of_concurrent_identical_creations_one_succeeds(pool: Pool, servers: ConcurrentServers, what: str) -> None:
    query, values = CREATE[what]
    more = {"seriesId": pool.series} if what == "number" else {}
    payloads = servers.send_together([pool.call(query, **values, **more)] * CLIENTS)
    assert outcomes(payloads) == {"done": 1, "ALREADY_EXISTS": CLIENTS - 1}
    assert pool.server.differences() == []
