"""Counters while many change numbers: exact in every snapshot, and alerts are those of one serial order."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from db.core.engines import open_database
from mail.messages import ThresholdReached
from resolvers import check
from tests.api.numbers.pool import EDIT, MOVE, RESERVE, RETIRE, UNRESERVE, Pool
from tests.support.concurrency import Call, ConcurrentServers, concurrent_servers, outcomes
from tests.support.outbox import mails
from tests.support.server import Server
from tests.support.server_process import ServerProcess, server_process

MOVE_TREE = "mutation ($input: MoveOrganizationInput!) { moveOrganization(input: $input) { userErrors { code } } }"
THRESHOLD = """mutation ($input: SetUtilizationThresholdInput!) {
  setUtilizationThreshold(input: $input) { userErrors { code } } }"""
INVITE = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code } } }"
UTILIZATION = """{ organizations(first: 20) { nodes {
  name utilization { total available reserved inUse } inventory { total available reserved }
} } }"""
KILLS = int(os.environ.get("DIALTREE_TEST_KILLS", "1"))


def changes(pool: Pool, count: int, seed: int) -> list[Call]:
    """Random changes to few numbers and to the tree; many are refused, because they come too late."""
    rng = random.Random(seed)  # noqa: S311 - generated data
    ids = list(pool.numbers.values())[:20]
    calls = []
    for number in range(count):
        chosen = [rng.choice(ids)]
        desk = {"organizationId": pool.places["Desk"], "parentId": pool.places[rng.choice(["North", "South"])]}
        calls.append(
            rng.choice(
                [
                    pool.call(RESERVE, numberIds=chosen, tag=f"tag {number}"),
                    pool.call(RESERVE, numberIds=chosen, tag=f"tag {number}", idempotencyKey=f"{seed} {number}"),
                    pool.call(UNRESERVE, numberIds=chosen),
                    pool.call(EDIT, numberId=chosen[0], tag=f"edit {number}"),
                    pool.call(MOVE, numberIds=chosen, organizationId=pool.places[rng.choice(["Desk", "East"])]),
                    pool.call(MOVE_TREE, **desk),
                    pool.call(RETIRE, numberIds=[rng.choice(list(pool.numbers.values()))]),
                    pool.call(
                        INVITE,
                        firstName="Ada",
                        lastName="Ling",
                        email=f"{seed}.{number}@acme.test",
                        sendInvitation=False,
                    ),
                ]
            )
        )
    return calls


@contextmanager
def checking(url: str, server: Server) -> Iterator[list[str]]:
    """Recount everything again and again, each time in one snapshot, and fold in between; yields the differences."""
    differences: list[str] = []
    ended = threading.Event()
    rounds = 0

    async def check_repeatedly() -> None:
        nonlocal rounds
        database = await open_database(url)
        while not ended.is_set() or not rounds:
            differences.extend([difference async for difference in check.differences(database)])
            rounds += 1
        await database.close()

    thread = threading.Thread(target=lambda: asyncio.run(check_repeatedly()))
    thread.start()
    try:
        yield differences
    finally:
        ended.set()
        thread.join()
        server.fold()


def test_counters_are_exact_in_every_snapshot(pool: Pool, server: Server) -> None:
    with concurrent_servers(server, 2) as servers, checking(server.url, server) as differences:
        for seed in range(3):
            outcomes(servers.send_together(changes(pool, 60, seed)))
            servers.servers[1].fold()
    assert differences == []
    shown = server.ask(UTILIZATION, token=pool.token)["organizations"]["nodes"]
    server.fold()
    assert server.ask(UTILIZATION, token=pool.token)["organizations"]["nodes"] == shown
    assert server.differences() == []


def test_unfolded_changes_are_in_every_answer(pool: Pool, server: Server) -> None:
    ids = list(pool.numbers.values())[:3]
    query = """query ($of: [ID!]) {
      sorted: phoneNumbers(orderBy: {field: ORGANIZATION, direction: DESC}, first: 4) {
        nodes { organization { name } }
      }
      phoneNumbers(filter: {organizationIds: $of}) { totalCount statusCounts { status count } }
      organizations(first: 20) { nodes { utilization { total } inventory { total } } }
    }"""
    assert outcomes([_only(server, pool.call(MOVE, numberIds=ids, organizationId=pool.places["East"]))]) == {"done": 1}
    answers = []
    for fold in (False, True):
        if fold:
            server.fold()
        answers.append(server.ask(query, {"of": [pool.places["East"]]}, token=pool.token))
    assert answers[0] == answers[1]
    holders = [node["organization"]["name"] for node in answers[0]["sorted"]["nodes"]]
    assert holders == ["East", "East", "East", "Acme"]
    assert answers[0]["phoneNumbers"]["totalCount"] == 3


def _only(server: Server, call: Call) -> dict[str, Any]:
    return ConcurrentServers([server]).send_together([call])[0]


def test_alerts_under_load_are_those_of_one_serial_order(pool: Pool, server: Server) -> None:
    """Every change is one number, so each mail shows exactly the threshold, and there is one more up than down."""
    server.create_administrator(organization="Acme", role="OWNER", email="ada@acme.test", password="long enough by now")
    ids = list(pool.numbers.values())[:10]
    east = pool.places["East"]
    assert _only(server, pool.call(MOVE, numberIds=ids, organizationId=east))["changedCount"] == 10
    assert _only(server, pool.call(RESERVE, numberIds=ids[:7], tag="x"))["changedCount"] == 7
    assert mails(server) == []
    reached = 0
    with concurrent_servers(server, 2) as servers:
        for _ in range(4):
            up = [pool.call(RESERVE, numberIds=[id_], tag="y") for id_ in ids[7:]]
            down = [pool.call(UNRESERVE, numberIds=[id_]) for id_ in ids[:7]]
            assert outcomes(servers.send_together([*up, *down])) == {"done": 10}
            # Three in use: below the threshold again, whatever the order was.
            figures = [(mail.facts.counts.in_use, mail.facts.counts.total) for mail in _alerts(server)]
            assert set(figures) <= {(8, 10)}
            reached = len(figures)
            again = [pool.call(UNRESERVE, numberIds=[id_]) for id_ in ids[7:]]
            assert outcomes(servers.send_together(again)) == {"done": 3}
            assert _only(server, pool.call(RESERVE, numberIds=ids[:7], tag="z"))["changedCount"] == 7
            assert len(_alerts(server)) == reached
        assert _only(server, pool.call(RESERVE, numberIds=ids[7:8], tag="z"))["changedCount"] == 1
    assert len(_alerts(server)) == reached + 1
    assert server.differences() == []


def _alerts(server: Server) -> list[Any]:
    return [mail for mail in mails(server) if isinstance(mail.facts, ThresholdReached)]


@pytest.mark.long
def test_counters_are_exact_while_processes_are_killed(pool: Pool, server: Server, tmp_path: Path) -> None:
    folders = [tmp_path / f"{number}" for number in range(2)]
    for folder in folders:
        folder.mkdir()
    with checking(server.url, server) as differences:
        for seed in range(KILLS):
            with ExitStack() as stack:
                running = [
                    stack.enter_context(server_process(folder, environment={"DIALTREE_DATABASE_URL": server.url}))
                    for folder in folders
                ]
                _load_until_killed(running, changes(pool, 400, 100 + seed), after=0.3 + 0.1 * (seed % 10))
    assert differences == []
    assert server.differences() == []


def _load_until_killed(running: list[ServerProcess], calls: list[Call], *, after: float) -> None:
    """Send the calls to both processes; kill the first one meanwhile."""

    def kill() -> None:
        time.sleep(after)
        running[0].stop(signal.SIGKILL)

    async def send() -> None:
        async def one(client: httpx.AsyncClient, index: int, call: Call) -> None:
            headers = {"Authorization": f"Bearer {call.token}"}
            body = {"query": call.query, "variables": call.variables}
            try:
                await client.post(f"{running[index % 2].address}/graphql", json=body, headers=headers)
            except httpx.TransportError:
                assert index % 2 == 0

        limits = httpx.Limits(max_connections=32)
        async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as client:
            await asyncio.gather(*(one(client, index, call) for index, call in enumerate(calls)))

    killer = threading.Thread(target=kill)
    killer.start()
    asyncio.run(send())
    killer.join()
