"""Expired invitations are ended before the caller reads them, for the caller's own root alone."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any
from unittest.mock import patch

from db.organizations.queries import root_ids
from resolvers.core.context import Context
from resolvers.housekeeping import clean_up
from resolvers.users import expiry
from tests.api.http.test_held_up_writes import while_held_up
from tests.api.users.actions import DAY, FREE, figures, invited, user
from tests.support.database_dump import dump
from tests.support.databases import PostgresDatabases
from tests.support.inventory import Inventory
from tests.support.postgres import PostgresServer
from tests.support.server import Server, opened
from tests.support.waiting import PATIENCE

VIEWER = "{ viewer { role } }"


def _pending(bank: Inventory) -> int:
    """How many invitations the database has as pending."""
    return sum(row[9] is not None for row in dump(bank.server)["users"])


def test_expired_invitations_of_another_root_keep_nobody_waiting(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    rival = {"Authorization": f"Bearer {bank.token('Rival')}"}
    bank.server.advance(20 * DAY)
    # Anyone who writes waits, and so would a request that ends an invitation.
    for method, path, request in (
        ("POST", "/graphql", {"json": {"query": VIEWER}}),
        ("GET", "/metrics", {}),
    ):
        response = while_held_up(bank.server, method, path, headers=rival, **request)
        assert response.status_code == 200, response.text
    assert _pending(bank) == 1
    assert user(bank, someone["id"])["status"] == "NOT_INVITED"
    assert bank.server.differences() == []


def test_housekeeping_ends_the_expired_invitations_of_all_roots(bank: Inventory) -> None:
    invited(bank)
    bank.server.advance(20 * DAY)
    bank.server.tidy()
    assert _pending(bank) == 0


def test_a_root_that_is_being_changed_does_not_hold_up_the_housekeeping_of_others(postgres: PostgresServer) -> None:
    with opened(PostgresDatabases(postgres)) as server:
        company = Inventory(server, "Acme\nBank\n")
        for root in ("Acme", "Bank"):
            company.mutate(
                "inviteUser",
                "userErrors { message }",
                {"firstName": "Ann", "lastName": "Lee", "email": "ann@bank.test"},
                at=root,
            )
        server.advance(20 * DAY)
        context = Context(server.database, server.clock, server._deployment)

        async def tidy_while_locked() -> None:
            async with server.database.write(bulk=True) as connection:
                await connection.lock_tree((await root_ids(connection))[:1], exclusive=True)
                await clean_up(context)

        with patch.object(expiry, "BATCH_SECONDS", 0.5):
            server.run(asyncio.wait_for(tidy_while_locked(), PATIENCE))
        assert _pending(company) == 1
        server.tidy()
        assert _pending(company) == 0


def test_a_time_limit_keeps_the_invitations_that_have_been_ended(bank: Inventory) -> None:
    for name in ("Bea", "Cyd", "Dan", "Eve", "Fay"):
        invited(bank, name)
    invited(bank, "Gus", numberId=bank.number(FREE))
    token, expire, batches = bank.token(), expiry._expire, 0

    async def hang_in_third(*arguments: Any) -> None:
        nonlocal batches
        batches += 1
        if batches == 3:
            await asyncio.Event().wait()
        await expire(*arguments)

    with closing(Server(bank.server.url, request_seconds=1)) as limited, patch.object(expiry, "BATCH", 2):
        limited.clock.now = bank.server.clock.now
        limited.advance(20 * DAY)
        with patch.object(expiry, "_expire", hang_in_third):
            (error,) = limited.execute(VIEWER, token=token)["errors"]
        assert (error["extensions"]["code"], _pending(bank)) == ("TIMEOUT", 2)
        assert "errors" not in limited.execute(VIEWER, token=token)
    assert (figures(bank)["pendingInvitations"], _pending(bank)) == (1, 0)
    assert bank.server.differences() == []
