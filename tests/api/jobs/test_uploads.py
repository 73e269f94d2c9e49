"""`POST /upload`: what it takes, what it refuses, and jobs that read the file."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from resolvers.core import csv_files
from resolvers.core.context import Context
from resolvers.core.csv_files import _line_count
from resolvers.uploads.files import CHUNK_BYTES, LIFETIME, MAX_FILES, delete_expired_uploads
from tests.api.jobs.actions import QUEUED, report, run, show
from tests.api.numbers.conftest import NUMBERS, TREE
from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import opened
from tests.support.server_process import server_process
from tests.support.waiting import PATIENCE, wait_until

LIMIT = 2 * CHUNK_BYTES


@pytest.fixture
def bank(databases: Databases) -> Iterator[Inventory]:
    with opened(databases, upload_bytes=LIMIT) as server:
        yield Inventory(server, TREE, NUMBERS)


def send(bank: Inventory, content: Any, *, token: str | None = None, method: str = "POST", **headers: str) -> Any:
    """The response to an upload; header names have underscores."""
    authorization = {"Authorization": f"Bearer {token or bank.token()}"}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return bank.server.run(bank.server.client.request(method, "/upload", content=content, headers=authorization | more))


def upload(bank: Inventory, content: bytes, **caller: str) -> str:
    response = send(bank, content, **caller)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def test_the_lines_of_a_file_are_counted_outside_the_event_loop(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def noted(path: Path) -> int | None:
        threads.append(threading.current_thread())
        return _line_count(path)

    monkeypatch.setattr(csv_files, "_line_count", noted)
    add = {"seriesId": bank.series("+1 418"), "uploadId": upload(bank, b"number\n+14185550200\n")}
    assert run(bank, "addNumbers", add)["state"] == "SUCCEEDED"
    assert run(bank, "inviteUsers", {"uploadId": upload(bank, b"Ann,Lee,ann@bank.test,,,\n")})["state"] == "SUCCEEDED"
    assert len(threads) == 2
    assert threading.current_thread() not in threads


def test_a_file_is_added_like_a_csv_text(bank: Inventory) -> None:
    """A byte-order mark, semicolons, a repeated line, a bad one, and no end of the last line."""
    lines = "\ufeffnumber;\r\n+14185550200;\r\n+14185550100;\r\nnonsense;\r\n+14185550200;\r\n+14185550201;"
    series = bank.series("+1 418")
    add = {"seriesId": series, "uploadId": upload(bank, lines.encode()), "onDuplicate": "SKIP"}
    job = run(bank, "addNumbers", add)
    assert (job["state"], job["changedCount"], job["done"], job["total"]) == ("SUCCEEDED", 2, 6, 6)
    assert [line.split(",")[:3] for line in report(bank, job)[1:]] == [
        ["3", '"+14185550100"', '"ALREADY_EXISTS"'],
        ["4", '"nonsense"', '"INVALID_INPUT"'],
        ["5", '"+14185550200"', '"ALREADY_EXISTS"'],
        ["", '"+14185550200"', '"CHANGED"'],
        ["", '"+14185550201"', '"CHANGED"'],
    ]
    refused = run(bank, "addNumbers", {**add, "onDuplicate": "REFUSE"})
    assert (refused["state"], refused["errors"][0]["path"]) == ("FAILED", ["input", "uploadId"])
    assert bank.server.differences() == []


def test_users_are_invited_from_a_file(bank: Inventory) -> None:
    file = upload(bank, b"first_name,last_name,email\nEve,Lund,eve@bank.test\n")
    job = run(bank, "inviteUsers", {"uploadId": file})
    assert (job["state"], job["changedCount"]) == ("SUCCEEDED", 1)
    wrong = run(bank, "inviteUsers", {"uploadId": upload(bank, b"first_name\xff\n")})
    (error,) = wrong["errors"]
    assert (wrong["state"], error["code"], error["path"]) == ("FAILED", "INVALID_INPUT", ["input", "uploadId"])
    assert error["message"].startswith("Line 1")
    assert len(dump(bank.server)["outbox"]) == 1


def test_a_file_is_refused_before_it_is_stored(bank: Inventory) -> None:
    writer, viewer = bank.token(role="USAGE_WRITER"), bank.token(role="VIEWER")
    before = dump(bank.server)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"0" * 100_000

    cases: list[tuple[Any, dict[str, str], int, str]] = [
        (b"", {}, 400, "The file is empty."),
        (b"0" * (LIMIT + 1), {}, 413, f"The file is larger than {LIMIT} bytes."),
        (endless(), {}, 413, f"The file is larger than {LIMIT} bytes."),
        (b"x", {"Content_Encoding": "gzip"}, 415, "Send the file without Content-Encoding: "),
        (b"x", {"Content_Type": "multipart/form-data; boundary=x"}, 415, "Send the file itself as the body"),
        (b"x", {"method": "PUT"}, 405, "Send the file with POST."),
        (b"x", {"token": "wrong"}, 401, "Sign in first"),
        (b"x", {"token": writer}, 403, "Your role USAGE_WRITER may not"),
        (b"x", {"token": viewer}, 403, "Your role VIEWER may not"),
        (b"x", {"Dialtree_Organization": "x"}, 404, "There is no such organization in your scope."),
    ]
    for content, options, status, message in cases:
        response = send(bank, content, **options)
        assert (response.status_code, response.headers["connection"]) == (status, "close")
        assert response.json()["errors"][0]["message"].startswith(message)
    assert dump(bank.server) == before


def test_a_file_that_stops_arriving_is_deleted(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(bank.server)
    monkeypatch.setattr("app.uploads.BODY_SECONDS", -1_000)

    async def slow() -> AsyncIterator[bytes]:
        yield b"0" * CHUNK_BYTES
        await asyncio.Event().wait()

    response = send(bank, slow())
    assert (response.status_code, response.json()["errors"][0]["message"]) == (408, "The file arrives too slowly.")
    assert dump(bank.server) == before


def test_a_file_that_expires_while_it_arrives_is_refused(bank: Inventory) -> None:
    before, server = dump(bank.server), bank.server

    async def late() -> AsyncIterator[bytes]:
        yield b"0" * CHUNK_BYTES
        server.advance(LIFETIME.total_seconds())
        await delete_expired_uploads(Context(server.database, server.clock, server._deployment))

    response = send(bank, late())
    assert response.status_code == 409
    assert response.json()["errors"] == [
        {
            "message": "The file expired before all of it had arrived. Send it again.",
            "extensions": {"code": "CONFLICT"},
        }
    ]
    assert dump(server) == before


def test_a_file_is_used_in_its_scope_by_a_job_until_it_expires(bank: Inventory) -> None:
    file = upload(bank, b"number\n+14185550200\n", token=bank.token("Bank/Sales"))
    invite = {"uploadId": file, "asJob": True}
    for place in ("Bank/Retail", "Bank/Sales/Trading"):
        payload = bank.mutate("inviteUsers", QUEUED, invite, at=place)
        assert payload["userErrors"][0]["code"] == "NOT_FOUND"
    at_once = bank.mutate("inviteUsers", QUEUED, {"uploadId": file}, at="Bank/Sales")
    assert at_once["userErrors"][0]["path"] == ["input", "uploadId"]
    waiting = bank.mutate("inviteUsers", QUEUED, invite)["job"]
    bank.server.advance(LIFETIME.total_seconds())
    bank.server.tidy()
    assert len(dump(bank.server)["uploads"]) == 1, "a job waits for it"
    bank.server.run_jobs()
    assert show(bank, waiting["id"])["errors"][0]["message"].startswith("Line 1")
    expired = bank.mutate("inviteUsers", QUEUED, invite)
    assert expired["userErrors"][0]["code"] == "NOT_FOUND"
    bank.server.tidy()
    after = dump(bank.server)
    assert (after["uploads"], after["upload_chunks"]) == ([], [])


def test_an_organization_stores_a_limited_number_of_files(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.uploads.files.MAX_FILES", 1)
    upload(bank, b"x")
    response = send(bank, b"x")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (429, "LIMIT_EXCEEDED")
    assert MAX_FILES > 1


def test_an_upload_that_a_stopping_server_cannot_finish_is_unavailable(bank: Inventory, tmp_path: Path) -> None:
    before = dump(bank.server)["uploads"]
    environment = {"DIALTREE_DATABASE_URL": bank.server.url, "DIALTREE_REQUEST_SECONDS": "1"}
    with server_process(tmp_path, environment=environment) as running:
        port = int(running.address.rpartition(":")[2])
        headers = f"Host: x\r\nAuthorization: Bearer {bank.token()}\r\nContent-Length: {2 * LIMIT}\r\n"
        head = f"POST /upload HTTP/1.1\r\n{headers}\r\n"
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(head.encode() + b"0" * CHUNK_BYTES)
            wait_until(lambda: dump(bank.server)["uploads"] != before, lambda: "nothing was stored")
            running.process.send_signal(signal.SIGTERM)
            with client.makefile("rb") as file:
                received = file.read()
        running.process.wait(PATIENCE)
        log = running.log.read_text(encoding="utf-8")
    assert received.startswith(b"HTTP/1.1 503 "), received
    assert b"\r\nretry-after: 60\r\n" in received.lower()
    assert received.endswith(
        b'{"message":"The server is stopping. Send the file again.","extensions":{"code":"UNAVAILABLE"}}]}'
    )
    assert "Traceback" not in log, log
    assert dump(bank.server)["uploads"] == before
