"""Renewing a session: a fresh token for the one of the request, which ends shortly after."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection

from db.core.migrations import alembic_config, migrate, run_in_transaction
from tests.api.access.conftest import EMAIL, PASSWORD
from tests.api.access.test_sign_in import ME, sign_in, unauthenticated
from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server

RENEW = "mutation { renewSession { token expiresAt userErrors { code message path } } }"
HOUR, DAY = 3600, 24 * 3600


def renew(server: Server, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = server.ask(RENEW, token=token)["renewSession"]
    return payload


def signed_in(server: Server, token: str) -> bool:
    return not unauthenticated(server.execute(ME, token=token))


def test_a_token_is_exchanged_and_the_old_one_ends_after_a_minute(bank: Inventory) -> None:
    old = sign_in(bank.server)["token"]
    bank.server.advance(HOUR)
    renewed = renew(bank.server, old)
    assert (renewed["expiresAt"], renewed["userErrors"]) == ("2026-11-21T22:00:00Z", [])
    assert renewed["token"] != old
    assert renewed["token"] not in str(dump(bank.server))
    bank.server.advance(59)
    assert (signed_in(bank.server, old), signed_in(bank.server, renewed["token"])) == (True, True)
    bank.server.advance(1)
    assert (signed_in(bank.server, old), signed_in(bank.server, renewed["token"])) == (False, True)
    bank.server.advance(12 * HOUR - 61)
    assert signed_in(bank.server, renewed["token"])
    bank.server.advance(1)
    assert not signed_in(bank.server, renewed["token"])


def test_a_renewal_is_no_sign_in(bank: Inventory) -> None:
    token = sign_in(bank.server)["token"]
    before = dump(bank.server)
    bank.server.advance(HOUR)
    renew(bank.server, token)
    after = dump(bank.server)
    assert len(after.pop("access_tokens")) == len(before.pop("access_tokens")) + 1
    assert after == before


def test_a_token_about_to_expire_is_not_prolonged(bank: Inventory) -> None:
    old = sign_in(bank.server)["token"]
    bank.server.advance(12 * HOUR - 10)
    renewed = renew(bank.server, old)
    assert renewed["expiresAt"] == "2026-11-22T08:59:50Z"
    bank.server.advance(10)
    assert (signed_in(bank.server, old), signed_in(bank.server, renewed["token"])) == (False, True)


def test_two_requests_with_one_token_both_get_a_session(bank: Inventory) -> None:
    async def both() -> Any:
        return await asyncio.gather(*(bank.server.post(RENEW, token=old) for _ in range(2)))

    old = sign_in(bank.server)["token"]
    tokens = [answer["data"]["renewSession"]["token"] for answer in bank.server.run(both())]
    assert len({old, *tokens}) == 3
    bank.server.advance(60)
    assert [signed_in(bank.server, token) for token in (old, *tokens)] == [False, True, True]


def test_renewals_end_thirty_days_after_the_sign_in(bank: Inventory) -> None:
    token = sign_in(bank.server)["token"]
    for _ in range(60):
        bank.server.advance(12 * HOUR - 1)
        token = renew(bank.server, token)["token"]
    bank.server.advance(59)
    token = renew(bank.server, token)["token"]
    bank.server.advance(1)
    before = dump(bank.server)
    assert renew(bank.server, token) == {
        "token": None,
        "expiresAt": None,
        "userErrors": [{"code": "EXPIRED", "message": "You signed in 30 days ago. Sign in again.", "path": []}],
    }
    assert dump(bank.server) == before
    # The last token still lasts its twelve hours.
    bank.server.advance(12 * HOUR - 2)
    assert signed_in(bank.server, token)
    bank.server.advance(1)
    assert not signed_in(bank.server, token)


def test_an_api_key_cannot_be_renewed(bank: Inventory) -> None:
    key = bank.token()
    before = dump(bank.server)
    assert renew(bank.server, key) == {
        "token": None,
        "expiresAt": None,
        "userErrors": [
            {
                "code": "FORBIDDEN",
                "message": "An API key is not a session. Only the token of a session can be renewed.",
                "path": [],
            }
        ],
    }
    assert dump(bank.server) == before


@pytest.mark.parametrize("token", [None, "dts_wrong"])
def test_renewing_requires_a_session(bank: Inventory, token: str | None) -> None:
    before = dump(bank.server)
    assert unauthenticated(bank.server.execute(RENEW, token=token))
    assert dump(bank.server) == before


def test_a_session_that_has_ended_is_not_renewed(bank: Inventory) -> None:
    token = sign_in(bank.server)["token"]
    bank.server.ask("mutation { signOut { userErrors { code } } }", token=token)
    assert unauthenticated(bank.server.execute(RENEW, token=token))
    assert dump(bank.server)["access_tokens"] == []


def change_password(server: Server, token: str) -> None:
    change = """mutation ($current: String!) {
      changePassword(input: {currentPassword: $current, newPassword: "another long password"}) { userErrors { code } }
    }"""
    assert server.ask(change, {"current": PASSWORD}, token=token) == {"changePassword": {"userErrors": []}}


def test_a_changed_password_ends_renewed_sessions(bank: Inventory) -> None:
    kept, other = sign_in(bank.server)["token"], renew(bank.server, sign_in(bank.server)["token"])["token"]
    change_password(bank.server, kept)
    assert (signed_in(bank.server, kept), signed_in(bank.server, other)) == (True, False)


def test_a_password_changed_with_the_old_token_keeps_the_renewed_session(bank: Inventory) -> None:
    old = sign_in(bank.server)["token"]
    bank.server.advance(HOUR)
    other = sign_in(bank.server)["token"]
    bank.server.advance(HOUR)
    renewed, other_renewed = renew(bank.server, old)["token"], renew(bank.server, other)["token"]
    bank.server.advance(1)
    again = renew(bank.server, renewed)["token"]
    change_password(bank.server, old)
    assert [signed_in(bank.server, token) for token in (old, renewed, again)] == [True, True, True]
    assert [signed_in(bank.server, token) for token in (other, other_renewed)] == [False, False]


def test_sessions_from_before_the_migration_can_be_renewed(databases: Databases) -> None:
    def downgrade(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), "0006")

    url = databases.create()
    with closing(Server(url)) as server:
        Inventory(server, "Bank\n")
        server.create_administrator(organization="Bank", role="ADMIN", email=EMAIL, password=PASSWORD)
        token, tokens = sign_in(server)["token"], dump(server)["access_tokens"]
    asyncio.run(run_in_transaction(url, downgrade))
    asyncio.run(migrate(url))
    with closing(Server(url)) as server:
        assert dump(server)["access_tokens"] == tokens
        assert renew(server, token)["userErrors"] == []
    databases.drop(url)
