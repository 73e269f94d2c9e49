"""No log line, metric or error answer contains a secret, whatever is asked of the server."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from db.core.migrations import migrate
from tests.support.server_process import create_bank, run_command, server_process
from tests.support.waiting import PATIENCE

PASSWORD = "correct horse battery"
WRONG = "hunter2 hunter2 hunter2"
SECRETS = {
    "DIALTREE_SECRET": "0123456789abcdef-first-signing-key,0123456789abcdef-second-signing-key",
    "DIALTREE_SMTP_URL": "smtp://mailer:smtp-password-1@127.0.0.1:9?starttls=off",
}
MUTATIONS = {
    "inviteUser": ("InviteUserInput", {"firstName": "Bo", "lastName": "Rask", "email": "bo@bank.example"}, ""),
    "createApiKey": ("CreateApiKeyInput", {"name": "new", "role": "OWNER"}, "secret"),
    "inviteAdministrator": (
        "InviteAdministratorInput",
        {"name": "Ada", "email": "ada@bank.example", "role": "VIEWER"},
        "",
    ),
    "requestPasswordReset": ("RequestPasswordResetInput", {"email": "owner@bank.example"}, ""),
    "acceptInvitation": ("AcceptInvitationInput", {"token": "an-unknown-invitation-token"}, ""),
}
HANDSHAKE = """GET {path} HTTP/1.1
Host: {host}
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Protocol: graphql-transport-ws

"""


class Caller:
    """Asks a server, and remembers all that it answered and all the secrets that it was told."""

    def __init__(self, client: httpx.Client, key: str) -> None:
        self._client = client
        self.secrets = {key, PASSWORD, WRONG, *SECRETS["DIALTREE_SECRET"].split(","), "smtp-password-1"}
        self.errors: list[str] = []
        self._key = key

    def ask(self, query: str, variables: Any = None, *, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or self._key}"}
        response = self._client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        answer = response.json()
        self.errors.append(str(answer.get("errors")))
        return answer.get("data")

    def mutate(self, name: str, kind: str, values: dict[str, Any], selection: str) -> Any:
        query = (
            f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code message }} }} }}"
        )
        payload = self.ask(query, {"input": values})[name]
        self.errors.append(str(payload["userErrors"]))
        return payload

    def get(self, path: str, **headers: str) -> str:
        response = self._client.get(path, headers=headers)
        if response.is_error:
            self.errors.append(response.text)
        return response.text

    def connect(self, path: str) -> None:
        """Open a WebSocket, and close it."""
        place = self._client.base_url
        with socket.create_connection((place.host, place.port), PATIENCE) as client:
            handshake = HANDSHAKE.format(path=path, host=place.netloc.decode())
            client.sendall(handshake.replace("\n", "\r\n").encode())
            assert client.recv(1_000).startswith(b"HTTP/1.1 101")


@pytest.mark.parametrize("log_format", [pytest.param("text", marks=pytest.mark.long), "json"])
def test_no_secret_is_logged_measured_or_answered(tmp_path: Path, log_format: str) -> None:
    url = f"sqlite:///{tmp_path / 'dialtree.db'}"
    asyncio.run(migrate(url))
    place = ("--organization", create_bank(url), "--role", "OWNER")
    key = run_command(url, "key", "create", "--name", "k", *place).strip()
    owner = ("--email", "owner@bank.example", *place, "--password-stdin")
    run_command(url, "admin", "create", *owner, stdin=PASSWORD)
    environment = SECRETS | {
        "DIALTREE_DATABASE_URL": url,
        "DIALTREE_LOG_FORMAT": log_format,
        "DIALTREE_ACCESS_LOG": "on",
        "DIALTREE_MAIL_RETRY_SECONDS": "0.2",
        # Unknown, so it is named, but its value may be a secret.
        "DIALTREE_SECRT": "misspelled-secret-value",
    }
    with (
        server_process(tmp_path, environment=environment) as server,
        httpx.Client(base_url=server.address, timeout=PATIENCE, trust_env=False) as client,
    ):
        caller = Caller(client, key)
        caller.secrets.add("misspelled-secret-value")
        use(caller)
        metrics = caller.get("/metrics", Authorization=f"Bearer {key}")
        take_away(tmp_path / "dialtree.db", "phone_numbers")
        caller.ask("{ phoneNumbers { nodes { id } } }")
        take_away(tmp_path / "dialtree.db", "api_keys")
        caller.ask("{ viewer { id } }")
        caller.get("/health/ready")
        caller.get("/metrics", Authorization=f"Bearer {key}")
        server.stop()
    log = server.log.read_text(encoding="utf-8")
    assert "a request failed" in log
    assert "INTERNAL_SERVER_ERROR" in "".join(caller.errors)
    for where in (log, metrics, "\n".join(caller.errors)):
        assert [secret for secret in caller.secrets if secret in where] == []
        assert re.findall(r"dt[ks]_[\w-]{20,}|\$argon2\w*\$", where) == []


def use(caller: Caller) -> None:
    """Sign in, invite, create keys, download, and fail at each."""
    sign_in = "SignInInput", "token"
    for password in (WRONG, PASSWORD):
        payload = caller.mutate("signIn", sign_in[0], {"email": "owner@bank.example", "password": password}, sign_in[1])
        if payload["token"]:
            caller.secrets.add(payload["token"])
    caller.ask("{ viewer { id } }", token="dtk_" + "unknown-key" * 4)
    caller.secrets.add("unknown-key" * 4)
    for name, (kind, values, selection) in MUTATIONS.items():
        payload = caller.mutate(name, kind, values, selection)
        if selection and payload[selection]:
            caller.secrets.add(payload[selection])
    link = urlsplit(caller.ask("{ phoneNumbersReport { url } }")["phoneNumbersReport"]["url"])
    signed = link.query.removeprefix("link=")
    caller.secrets.add(signed)
    assert "Reserved Tag" in caller.get(f"{link.path}?{link.query}")
    caller.get(f"{link.path}?{link.query}x")
    caller.get("/invitation?token=an-unknown-invitation-token")
    caller.secrets.add("an-unknown-invitation-token")
    caller.connect("/graphql?token=a-token-in-the-address")
    caller.secrets.add("a-token-in-the-address")
    caller.ask('mutation { signIn(input: { email: "a", password: "' + WRONG + '", extra: 1 }) { token } }')
    malformed: dict[str, Any] = {"email": 1, "password": WRONG}
    caller.ask("mutation ($input: SignInInput!) { signIn(input: $input) { token } }", {"input": malformed})
    caller.ask("{ nothing }")


def take_away(path: Path, table: str) -> None:
    """Rename a table, so that requests fail with an error that the server does not expect."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO gone_{table}")
