"""The attacked server: a process with an inventory, and what is known about it."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from db.core.engines import open_database
from db.core.statements import Row
from resolvers import check
from tests.attacks.attack import TOKEN, Attack, Text, frame, query
from tests.support.database_dump import all_rows
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import opened
from tests.support.server_process import ServerProcess, server_process
from tests.support.waiting import PATIENCE

ORGANIZATIONS = "Acme,,\nAcme/Sales,,\nAcme/Support,,\n"
NUMBERS = (
    "".join(
        f"+141855501{n:02},+1 418,Acme,{status}\n"
        for n, status in enumerate(["AVAILABLE,,,,"] * 20 + [f"RESERVED,tag {n},,," for n in range(5)])
    )
    + "+14185550150,+1 418,Acme,IN_USE,,Ada,Byron,ada@example.com\n"
)

_KNOWN = """{
  viewer { homeOrganization { id } } phoneNumbers(first: 1) { nodes { id } edges { cursor } }
  series { nodes { id } } users { nodes { id } } numberUtilizationReport { url }
}"""
_QUESTION = query("question", "{ __typename }")
_COUNTERS = "limit_counters"
"""Failed sign-ins are counted."""


@dataclass(frozen=True)
class Target:
    """A server that is attacked."""

    server: ServerProcess
    url: str
    values: Mapping[bytes, bytes]

    def send(self, attack: Attack, *, signed_in: bool) -> bytes:
        """Attack the server, and return all that it answers before it closes the connection."""
        data = self._filled_in(attack.data, signed_in=signed_in)
        then = b"".join(
            frame(self._filled_in(part.data, signed_in=signed_in)) if isinstance(part, Text) else part
            for part in attack.then
        )
        parts = urlsplit(self.server.address)
        received = []
        with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as connection:
            # The server may refuse before it has read everything.
            with suppress(ConnectionError):
                connection.sendall(data)
                if then:
                    received.append(connection.recv(65_536))
                    connection.sendall(then)
            with suppress(ConnectionError):
                while part := connection.recv(65_536):
                    received.append(part)
        return b"".join(received)

    def _filled_in(self, data: bytes, *, signed_in: bool) -> bytes:
        if not signed_in:
            data = data.replace(TOKEN, b"")
        for name, value in self.values.items():
            data = data.replace(name, value)
        return data

    def is_serving(self) -> bool:
        """Whether the server answers a small query."""
        return self.send(_QUESTION, signed_in=False).endswith(b'{"data":{"__typename":"Query"}}')

    def memory(self) -> int:
        """The resident memory of the server in bytes."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        return 1024 * int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])

    def rows(self) -> dict[str, list[Row]]:
        """All rows but the counters of limits."""

        async def read() -> dict[str, list[Row]]:
            database = await open_database(self.url)
            try:
                return await all_rows(database)
            finally:
                await database.close()

        return {name: rows for name, rows in asyncio.run(read()).items() if name != _COUNTERS}

    def differences(self) -> list[str]:
        """Counters that are wrong."""

        async def collect() -> list[str]:
            database = await open_database(self.url)
            try:
                return [difference async for difference in check.differences(database)]
            finally:
                await database.close()

        return asyncio.run(collect())


@contextmanager
def attacked(databases: Databases, folder: Path) -> Iterator[Target]:
    """A server process over a small inventory."""
    with opened(databases) as prepared:
        token = Inventory(prepared, ORGANIZATIONS, NUMBERS).token()
        with server_process(folder, environment={"DIALTREE_DATABASE_URL": prepared.url}) as server:
            yield Target(server, prepared.url, _values(server, token))


def _values(server: ServerProcess, token: str) -> dict[bytes, bytes]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(
        f"{server.address}/graphql", json={"query": _KNOWN}, headers=headers, timeout=PATIENCE, trust_env=False
    )
    data: Any = answer.json()["data"]
    found = {
        "ROOT": data["viewer"]["homeOrganization"]["id"],
        "NUMBER": data["phoneNumbers"]["nodes"][0]["id"],
        "CURSOR": data["phoneNumbers"]["edges"][0]["cursor"],
        "SERIES": data["series"]["nodes"][0]["id"],
        "USER": data["users"]["nodes"][0]["id"],
        "LINK": parse_qs(urlsplit(data["numberUtilizationReport"]["url"]).query)["link"][0],
        "KEY": token,
    }
    values = {b"{{%s}}" % name.encode(): str(value).encode() for name, value in found.items()}
    return {TOKEN: f"Authorization: Bearer {token}\r\n".encode(), **values}
