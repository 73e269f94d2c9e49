"""Streaming reports: in chunks, from one snapshot, and releasing everything when aborted."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import literal_column, select, text

from app import downloads
from db.core.engines import sqlite_path
from db.core.statements import Row, Statement
from domain.reports import Report
from resolvers.reports import contents as reports
from tests.api.reports.conftest import Reports
from tests.support.server import Server
from tests.support.waiting import PATIENCE, wait_until

_OPEN = Statement(
    select(literal_column("count(*)"))
    .select_from(text("pg_stat_activity"))
    .where(
        literal_column("datname = current_database()"),
        literal_column("pid <> pg_backend_pid()"),
        literal_column("state LIKE 'idle in transaction%'"),
    )
)


@pytest.fixture(autouse=True)
def pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read two at a time, so that ten numbers are many pieces."""
    monkeypatch.setattr("db.core.sqlite_connection.STREAM_BATCH_ROWS", 2)
    monkeypatch.setattr("db.core.postgresql_connection.STREAM_BATCH_ROWS", 2)


class Client:
    """Reads a download chunk by chunk and can stop at any time."""

    def __init__(self, server: Server, url: str, *, takes: int | None = None, pause: float = 0) -> None:
        self._server = server
        self._parts = urlsplit(url)
        self._takes = takes
        self._pause = pause
        self.pieces: list[bytes] = []
        self.status = 0
        self.finished = False
        self.stopped = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.gone = asyncio.Event()

    async def run(self) -> None:
        """Ask, and take what comes."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": self._parts.path,
            "raw_path": self._parts.path.encode(),
            "query_string": self._parts.query.encode(),
            "root_path": "",
            "headers": [],
            "server": ("dialtree.test", 80),
            "client": ("127.0.0.1", 1),
        }
        await self._server.application(scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        await asyncio.sleep(self._pause)
        if message["body"]:
            self.pieces.append(message["body"])
        self.finished = not message.get("more_body", False)
        if len(self.pieces) == self._takes:
            self.stopped.set()
            await self.goes_on.wait()


def leaves_nothing_open(server: Server) -> None:
    """Assert that no connection or transaction of a download is left."""
    path = sqlite_path(server.url)
    if path is not None:
        assert not [thread for thread in threading.enumerate() if "sqlite-export" in thread.name]
        with closing(sqlite3.connect(path)) as connection:
            # An open reader would hold the log back.
            assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        return

    async def count() -> int:
        row = await server.database.fetch_one(_OPEN)
        return int(row[0]) if row else -1

    wait_until(lambda: server.run(count()) == 0, lambda: "a transaction is left open")


def test_the_first_chunk_is_sent_before_any_row_is_read(bank: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    def numbers(*_: Any) -> AsyncIterator[list[Row]]:
        raise AssertionError

    monkeypatch.setattr("resolvers.reports.contents.exports.numbers", numbers)
    client = Client(bank.server, bank.link("phoneNumbersReport")["url"], takes=1)

    async def take() -> None:
        asking = asyncio.create_task(client.run())
        await client.stopped.wait()
        client.gone.set()
        await asking

    bank.server.run(take())
    assert client.pieces == ['\ufeff"Series","Number","Organization","Status","Reserved Tag","Path"\r\n'.encode()]


def test_a_report_is_streamed_in_chunks_of_a_few_rows(bank: Reports) -> None:
    client = Client(bank.server, bank.link("phoneNumbersReport")["url"])
    bank.server.run(client.run())
    assert [piece.count(b"\r\n") for piece in client.pieces] == [1, 2, 2, 2, 2, 2]
    assert client.finished
    leaves_nothing_open(bank.server)


def test_an_aborted_download_releases_its_connection(bank: Reports) -> None:
    url = bank.link("phoneNumbersReport")["url"]

    async def give_up() -> Client:
        client = Client(bank.server, url, takes=3)
        asking = asyncio.create_task(client.run())
        await client.stopped.wait()
        client.gone.set()
        await asking
        return client

    # More often than the limit of concurrent downloads.
    for _ in range(downloads.MAX_CONCURRENT_DOWNLOADS + 2):
        client = bank.server.run(give_up())
        assert (len(client.pieces), client.finished) == (3, False)
        leaves_nothing_open(bank.server)
    assert len(bank.get(url).text.splitlines()) == 11


def test_a_link_is_not_looked_up_any_longer_when_the_client_leaves(
    bank: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(bank.server, bank.link("phoneNumbersReport")["url"])

    async def hang(*_: Any) -> None:
        client.gone.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("db.access.authentication.callers_by_key", hang)
    bank.server.run(asyncio.wait_for(client.run(), PATIENCE / 10))
    assert client.pieces == []


def test_a_download_to_a_stalled_client_is_aborted(bank: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "SEND_SECONDS", 0.05)
    client = Client(bank.server, bank.link("phoneNumbersReport")["url"], takes=2)
    bank.server.run(client.run())
    assert not client.finished
    leaves_nothing_open(bank.server)


@pytest.mark.parametrize(("bytes_per_second", "finished"), [(10, True), (1_000_000, False)])
def test_a_download_to_a_slow_client_is_aborted(
    bank: Reports,
    monkeypatch: pytest.MonkeyPatch,
    bytes_per_second: int,
    finished: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr(downloads, "SEND_SECONDS", 0.8)
    monkeypatch.setattr(downloads, "MIN_BYTES_PER_SECOND", bytes_per_second)
    client = Client(bank.server, bank.link("phoneNumbersReport")["url"], pause=0.2)
    bank.server.run(client.run())
    assert client.finished == finished
    leaves_nothing_open(bank.server)


def test_a_report_is_a_snapshot_despite_concurrent_changes(bank: Reports) -> None:
    url = bank.link("phoneNumbersReport")["url"]
    before = bank.get(url).content
    client = Client(bank.server, url, takes=2)
    variables = {
        "input": {"numberIds": [bank.number("+14185550109")], "organizationId": bank.organization("Bank/=Sales")}
    }
    query = "mutation ($input: MoveNumbersInput!) { moveNumbers(input: $input) { changedCount } }"
    token = bank.token()

    async def change_meanwhile() -> Any:
        asking = asyncio.create_task(client.run())
        await client.stopped.wait()
        answer = await bank.server.post(query, variables, token=token)
        client.goes_on.set()
        await asking
        return answer

    assert bank.server.run(change_meanwhile()) == {"data": {"moveNumbers": {"changedCount": 1}}}
    assert b"".join(client.pieces) == before
    assert bank.get(url).content != before


def test_too_many_downloads_at_once_are_refused_and_not_recorded(bank: Reports) -> None:
    url = bank.link("phoneNumbersReport")["url"]
    others = [bank.link("phoneNumbersReport", role=role)["url"] for role in ("ADMIN", "VIEWER")]
    count = "{ organization { activity { totalCount } } }"
    began_with = bank.ask(count)["organization"]["activity"]["totalCount"]
    clients = [Client(bank.server, one, takes=2) for one in (others * downloads.MAX_OF_ONE)]

    async def crowd() -> Any:
        asking = [asyncio.create_task(client.run()) for client in clients]
        for client in clients:
            await client.stopped.wait()
        refused = await bank.server.client.get(url)
        for client in clients:
            client.goes_on.set()
        await asyncio.gather(*asking)
        return refused

    response = bank.server.run(crowd())
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert response.text == "Too many reports are being downloaded. Try again in a minute.\n"
    assert all(client.finished for client in clients)
    assert bank.get(url).status_code == 200
    recorded = bank.ask(count)["organization"]["activity"]["totalCount"] - began_with
    assert recorded == downloads.MAX_CONCURRENT_DOWNLOADS + 1


@pytest.mark.parametrize("roots", [1, 2])
def test_neither_a_caller_nor_a_root_beside_others_takes_all_downloads(bank: Reports, roots: int) -> None:
    if roots == 2:
        bank.server.import_organizations("path,time_zone,threshold\nRival,,\n")
    owner, viewer = (bank.link("phoneNumbersReport", role=role)["url"] for role in ("OWNER", "VIEWER"))
    clients = [Client(bank.server, owner, takes=2) for _ in range(downloads.MAX_OF_ONE)]

    async def crowd() -> Any:
        asking = [asyncio.create_task(client.run()) for client in clients]
        for client in clients:
            await client.stopped.wait()
        responses = [await bank.server.client.get(url) for url in (owner, viewer)]
        for client in clients:
            client.goes_on.set()
        await asyncio.gather(*asking)
        return responses

    refused, other = bank.server.run(crowd())
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.text == "2 reports are being downloaded for you. Try again when one of them has ended.\n"
    assert other.status_code == (200 if roots == 1 else 429)
    assert bank.get(owner).status_code == 200


def test_a_report_that_fails_while_streaming_is_not_a_complete_response(
    bank: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: Any) -> AsyncIterator[list[str]]:
        yield ['"a","b"\r\n']
        raise OSError("the database is gone")

    monkeypatch.setitem(reports._REPORTS, Report.PHONE_NUMBERS, breaks)
    client = Client(bank.server, bank.link("phoneNumbersReport")["url"])
    with pytest.raises(OSError, match="the database is gone"):
        bank.server.run(client.run())
    assert (len(client.pieces), client.finished) == (2, False)
    leaves_nothing_open(bank.server)
