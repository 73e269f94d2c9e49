"""Concurrent clients: each number goes to one of them, every counter stays exact, and there are no deadlocks."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.concurrency import (
    Call,
    ConcurrentServers,
    concurrent_servers,
    outcome,
    outcomes,
    processes,
    send_together_over_http,
)
from tests.support.server import Server

CLIENTS = 32
POOL = 1000
TEAMS = ("North", "South", "East", "West")
STRATEGIES = ("LOWEST", "LONGEST_UNUSED", "CONTIGUOUS")
# The refusals that a late client may get.
TOO_LATE = {"done", "CONFLICT", "INVALID_TRANSITION", "INSUFFICIENT_NUMBERS"}

DONE = "changedCount operationId userErrors { code }"
ALLOCATE = f"mutation ($input: AllocateNumbersInput!) {{ allocateNumbers(input: $input) {{ {DONE} }} }}"
WITHDRAW = f"mutation ($input: WithdrawNumbersInput!) {{ withdrawNumbers(input: $input) {{ {DONE} }} }}"
RESERVE = f"mutation ($input: ReserveNumbersInput!) {{ reserveNumbers(input: $input) {{ {DONE} }} }}"
UNRESERVE = f"mutation ($input: UnreserveNumbersInput!) {{ unreserveNumbers(input: $input) {{ {DONE} }} }}"
MOVE = f"mutation ($input: MoveNumbersInput!) {{ moveNumbers(input: $input) {{ {DONE} }} }}"
RETIRE = f"mutation ($input: RetireNumbersInput!) {{ retireNumbers(input: $input) {{ {DONE} }} }}"
EDIT = "mutation ($input: EditReservedTagInput!) { editReservedTag(input: $input) { userErrors { code } } }"
TAGS = """query ($id: ID!) { phoneNumber(id: $id) { reservedTag history(first: 100) { nodes {
  action reservedTagBefore reservedTagAfter } } } }"""
OPERATION = "query ($id: ID!) { node(id: $id) { ... on Operation { events(first: 500) { nodes { number } } } } }"


@dataclass(frozen=True)
class Pool:
    """A thousand available numbers at Acme (the ids of the lower half are at hand), and the teams below it."""

    server: Server
    token: str
    series: str
    places: dict[str, str]
    numbers: dict[str, str]

    def call(self, query: str, **variables: Any) -> Call:
        return Call(query, {"input": variables}, self.token)

    def allocate(self, team: str, quantity: int, strategy: str = "LOWEST") -> Call:
        values = {"toOrganizationId": self.places[team], "quantity": quantity, "strategy": strategy}
        return self.call(ALLOCATE, seriesId=self.series, **values)

    def held(self) -> Counter[str]:
        """How many numbers each organization holds."""
        query = """query ($after: String) { phoneNumbers(first: 500, after: $after) {
          nodes { number organization { name } } pageInfo { hasNextPage endCursor } } }"""
        found: Counter[str] = Counter()
        after = None
        while True:
            page = self.server.ask(query, {"after": after}, token=self.token)["phoneNumbers"]
            found.update(node["organization"]["name"] for node in page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    def tags(self) -> dict[str, set[str]]:
        """The numbers under each reserved tag."""
        query = "{ phoneNumbers(first: 500, filter: {tagged: true}) { nodes { number reservedTag } } }"
        found: dict[str, set[str]] = {}
        for node in self.server.ask(query, token=self.token)["phoneNumbers"]["nodes"]:
            found.setdefault(node["reservedTag"], set()).add(node["number"])
        return found

    def changed_by(self, payload: dict[str, Any]) -> list[str]:
        """The numbers that an operation changed, lowest first."""
        found = self.server.ask(OPERATION, {"id": payload["operationId"]}, token=self.token)
        return sorted(node["number"] for node in found["node"]["events"]["nodes"])


@pytest.fixture
def pool(server: Server) -> Pool:
    paths = ["Acme", *(f"Acme/{team}" for team in TEAMS), "Acme/North/Desk"]
    server.import_organizations("path\n" + "".join(f"{path}\n" for path in paths))
    lines = "".join(f"+1418898{n:04},+1 418,Acme\n" for n in range(POOL))
    assert server.import_numbers("number,series,organization\n" + lines).imported == POOL
    token = server.create_key(organization="Acme", role="OWNER")
    query = """{ organizations { nodes { id name } } series { nodes { id } }
      phoneNumbers(first: 500) { nodes { id number } } }"""
    found = server.ask(query, token=token)
    return Pool(
        server,
        token,
        found["series"]["nodes"][0]["id"],
        {node["name"]: node["id"] for node in found["organizations"]["nodes"]},
        {node["number"]: node["id"] for node in found["phoneNumbers"]["nodes"]},
    )


@pytest.fixture(params=[1, 4], ids=["one-application", "four-applications"])
def servers(request: pytest.FixtureRequest, server: Server) -> Iterator[ConcurrentServers]:
    with concurrent_servers(server, request.param) as ready:
        yield ready


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


def test_concurrent_reservations_of_overlapping_lists_are_all_or_nothing(
    pool: Pool, servers: ConcurrentServers
) -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable shuffle
    numbers = sorted(pool.numbers)[:160]
    lists = {f"client {n}": chance.sample(numbers, 12) for n in range(CLIENTS)}
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
    chance = random.Random(11)  # noqa: S311 - a repeatable shuffle
    numbers = sorted(pool.numbers)
    calls: list[Call] = []
    for n in range(CLIENTS):
        wanted = [pool.numbers[number] for number in chance.sample(numbers[:200], 10)]
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
    chance = random.Random(13)  # noqa: S311 - a repeatable shuffle
    numbers = sorted(pool.numbers)[:120]
    calls = []
    for n in range(4 * CLIENTS):
        wanted = [pool.numbers[number] for number in chance.sample(numbers, 5)]
        team = chance.choice(TEAMS)
        calls.append(
            chance.choice(
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


CREATE: dict[str, tuple[str, dict[str, Any]]] = {
    "organization": (
        "mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { userErrors { code } } }",
        {"name": "Twin"},
    ),
    "series": (
        "mutation ($input: CreateSeriesInput!) { createSeries(input: $input) { userErrors { code } } }",
        {"name": "Twin"},
    ),
    "number": (
        "mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { code } } }",
        {"numbers": ["+15145550000"]},
    ),
}


@pytest.mark.parametrize("what", list(CREATE))
def test_of_concurrent_identical_creations_one_succeeds(pool: Pool, servers: ConcurrentServers, what: str) -> None:
    query, values = CREATE[what]
    more = {"seriesId": pool.series} if what == "number" else {}
    payloads = servers.send_together([pool.call(query, **values, **more)] * CLIENTS)
    assert outcomes(payloads) == {"done": 1, "ALREADY_EXISTS": CLIENTS - 1}
    assert pool.server.differences() == []


def test_of_concurrent_additions_of_the_same_numbers_one_succeeds(pool: Pool, servers: ConcurrentServers) -> None:
    chance = random.Random(17)  # noqa: S311 - a repeatable shuffle
    numbers = [f"+1514555{n:04}" for n in range(200)]
    calls = [
        pool.call(CREATE["number"][0], numbers=chance.sample(numbers, 200), seriesId=pool.series) for _ in range(8)
    ]
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


# Processes


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
