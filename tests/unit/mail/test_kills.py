"""A server that is killed repeatedly under load, between commits and deliveries, loses no mail.

`DIALTREE_TEST_KILLS=20` kills it that often; without it once.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from domain.mail import MailState
from tests.support.concurrency import free_port, wait_until_ready
from tests.support.databases import by_default_on_postgresql
from tests.support.inventory import Inventory
from tests.support.mail_delivery import SUPPLIER
from tests.support.outbox import mails
from tests.support.server import Server
from tests.support.smtp_server import MailServer, mail_server
from tests.support.waiting import PATIENCE, wait_until

KILLS = int(os.environ.get("DIALTREE_TEST_KILLS", "1"))
REPOSITORY = Path(__file__).parents[3]
CLIENTS = 6
REQUESTS = 5
"""As many requests as an organization may send in an hour."""

REQUEST = "mutation ($input: RequestMoreNumbersInput!) { requestMoreNumbers(input: $input) { userErrors { code } } }"
INVITE = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code } } }"
INVITE_MANY = "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { userErrors { code } } }"


@contextmanager
def serving(url: str, mx: MailServer) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`dialtree serve` in a process that is killed at the end, if it was not before."""
    port = free_port()
    environment = os.environ | {
        "DIALTREE_DATABASE_URL": url,
        "DIALTREE_SMTP_URL": f"smtp://127.0.0.1:{mx.port}",
        "DIALTREE_MAIL_RETRY_SECONDS": "0.2",
        "DIALTREE_SUPPLIER_EMAIL": SUPPLIER,
    }
    command = [sys.executable, "-c", "from app.command import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, process)
            yield address, process
        finally:
            process.kill()


class Load:
    """Clients that run until the server dies; `answered` has the changes that were confirmed."""

    def __init__(self, token: str) -> None:
        self.answered: set[str] = set()
        self._token = token
        self._names = itertools.count(1)
        self._requests = itertools.count(1)
        self._was_answered = asyncio.Event()

    async def press(self, address: str, process: subprocess.Popen[bytes]) -> None:
        """Press until something was answered, a moment longer, and kill the server."""
        self._was_answered.clear()
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE, trust_env=False) as client,
            asyncio.TaskGroup() as pressing,
        ):
            for _ in range(CLIENTS):
                pressing.create_task(self._press(client))
            await asyncio.wait_for(self._was_answered.wait(), PATIENCE)
            await asyncio.sleep(random.uniform(0, 1.5))  # noqa: S311 - a moment, no secret
            process.kill()

    async def _press(self, client: httpx.AsyncClient) -> None:
        try:
            while True:
                note, email = f"note {next(self._names)}", f"bo{next(self._names)}@halcyon.example"
                person = {"firstName": "Bo", "lastName": "Rask", "email": email}
                if next(self._requests) <= REQUESTS:
                    assert await self._ask(client, REQUEST, quantity=1, note=note) == []
                    self.answered.add(note)
                    self._was_answered.set()
                assert await self._ask(client, INVITE, **person) == []
                self.answered.add(email)
                self._was_answered.set()
                # Refusals and dry runs send no mail.
                assert await self._ask(client, INVITE, **person) != []
                assert await self._ask(client, REQUEST, quantity=0, note=f"refused {note}") != []
                tried = person | {"email": f"tried.{email}"}
                assert await self._ask(client, INVITE_MANY, rows=[tried], dryRun=True) == []
        except httpx.TransportError:
            return

    async def _ask(self, client: httpx.AsyncClient, query: str, **input_: Any) -> list[Any]:
        response = await client.post("/graphql", json={"query": query, "variables": {"input": input_}})
        answer = response.json()
        (payload,) = answer["data"].values()
        errors: list[Any] = payload["userErrors"]
        return errors


def committed(company: Inventory) -> set[str]:
    """The notes of requests and the addresses of users that are in the database."""
    found = set()
    activity = """query ($after: String) { organization { activity(first: 500, after: $after) {
      nodes { action changes { field after } } pageInfo { hasNextPage endCursor }
    } } }"""
    users = """query ($after: String) { users(first: 500, after: $after) {
      nodes { email } pageInfo { hasNextPage endCursor }
    } }"""
    for query in (activity, users):
        page: dict[str, Any] = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
        while page["pageInfo"]["hasNextPage"]:
            data = company.ask(query, {"after": page["pageInfo"]["endCursor"]})
            page = data["users"] if "users" in data else data["organization"]["activity"]
            found |= {node["email"] for node in page["nodes"] if "email" in node}
            changes = itertools.chain.from_iterable(node.get("changes", ()) for node in page["nodes"])
            found |= {change["after"] for change in changes if change["field"] == "note"}
    return found


def arrived(mx: MailServer) -> dict[str, set[str]]:
    """The Message-IDs of what came in, by what it was about."""
    by_subject: dict[str, set[str]] = defaultdict(set)
    for got in mx.received:
        about = got.to[0]
        if about == SUPPLIER:
            body = got.mail.get_body(("plain",))
            assert body is not None
            about = next(line for line in body.get_content().splitlines() if line.startswith(("note", "refused")))
        by_subject[about].add(got.mail["Message-ID"])
    return by_subject


def wait_for_the_post(server: Server) -> None:
    def nothing_waits() -> bool:
        return all(mail.state is not MailState.WAITING for mail in mails(server))

    wait_until(nothing_waits, lambda: "mail still waits")


@by_default_on_postgresql
def test_exactly_the_mails_of_committed_mutations_arrive_when_servers_are_killed(
    company: Inventory, server: Server
) -> None:
    load = Load(company.token())
    with mail_server() as mx:
        for kill in range(KILLS):
            # At first, no delivery is acknowledged before the end.
            mx.reply_seconds = 0.1 if kill else PATIENCE
            with serving(server.url, mx) as (address, process):
                server.run(load.press(address, process))
            if not kill:
                assert {mail.state for mail in mails(server)} == {MailState.WAITING}
        mx.reply_seconds = 0
        with serving(server.url, mx):
            wait_for_the_post(server)
    came = arrived(mx)
    assert load.answered <= committed(company)
    assert set(came) == committed(company)
    assert {len(ids) for ids in came.values()} == {1}
    assert {mail.state for mail in mails(server)} == {MailState.SENT}
    assert server.differences() == []
