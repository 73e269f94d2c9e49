"""A server that runs trusted documents only, asked over HTTP, server-sent events and WebSocket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.application import create_application
from app.settings import Settings
from tests.support.databases import SQLiteDatabases
from tests.support.inventory import Inventory
from tests.support.live_server import serving
from tests.support.server import opened
from tests.support.subscribing import events, parsed, socket

ROLE = "query Role { viewer { role } }"
OTHER = "{ viewer { id } }"
ANSWER = {"data": {"viewer": {"role": "OWNER"}}}


def _code(response: dict[str, Any]) -> str:
    code: str = response["errors"][0]["extensions"]["code"]
    return code


def test_only_trusted_documents_run_on_every_protocol(tmp_path: Path) -> None:
    (tmp_path / "role.graphql").write_text(ROLE)
    with opened(SQLiteDatabases(tmp_path)) as server:
        bank = Inventory(server, "Bank\n", "")
        settings = Settings(
            database_url=server.url, trusted_documents=tmp_path / "role.graphql", trusted_documents_only="on"
        )
        with serving(create_application(settings, clock=server.clock)) as address:
            token = bank.token()

            def ask(**body: Any) -> httpx.Response:
                headers = {"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"}
                return httpx.post(f"{address}/graphql", json=body, headers=headers)

            for body in ({"documentId": "role"}, {"query": ROLE}, {"query": ROLE, "documentId": "unknown"}):
                assert ask(**body).json() == ANSWER
            found = ask(documentId="unknown")
            assert (found.status_code, _code(found.json())) == (400, "PERSISTED_QUERY_NOT_FOUND")
            found = ask(query=OTHER)
            assert (found.status_code, _code(found.json())) == (400, "TRUSTED_DOCUMENT_REQUIRED")
            apollo = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
            assert _code(ask(**apollo).json()) == "PERSISTED_QUERY_NOT_FOUND"
            with events(address, {"documentId": "role"}, token=token) as response:
                assert next(parsed(response)) == ("next", ANSWER)
            with events(address, {"query": OTHER}, token=token) as response:
                assert "TRUSTED_DOCUMENT_REQUIRED" in str(next(parsed(response)))
            with socket(address, token=token) as client:
                client.send({"type": "subscribe", "id": "1", "payload": {"documentId": "role"}})
                assert client.receive() == {"type": "next", "id": "1", "payload": ANSWER}
                assert client.receive() == {"type": "complete", "id": "1"}
                refused = client.subscribe(OTHER)
                assert _code({"errors": client.message(refused)["payload"]}) == "TRUSTED_DOCUMENT_REQUIRED"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Send `query` or `documentId`."),
        ({"documentId": 7}, "`documentId` must be a string."),
        ({"documentId": "x", "query": " "}, "`query` must be a string."),
    ],
)
def test_requests_without_an_operation_are_refused(tmp_path: Path, body: dict[str, Any], message: str) -> None:
    with opened(SQLiteDatabases(tmp_path)) as server:
        response = server.run(server.client.post("/graphql", json=body))
        assert (response.status_code, response.json()["errors"][0]["message"]) == (400, message)
        response = server.run(server.client.post("/graphql", json={"documentId": "x"}))
        assert _code(response.json()) == "PERSISTED_QUERY_NOT_SUPPORTED"
