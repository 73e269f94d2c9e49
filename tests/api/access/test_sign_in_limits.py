"""Failed sign-ins are limited by account and by client address, in every process, without locking the owner out."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from domain.limits import QUARTER, SIGN_IN_FROM_ADDRESS, Window
from resolvers.access import attempts
from tests.api.access.conftest import EMAIL, PASSWORD
from tests.api.access.test_sign_in import SIGN_IN
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.server import LOCAL, Server

HOME, ATTACKER = "198.51.100.1", "203.0.113.7"
MINUTE, DAY = 60, 24 * 3600
WRONG = {
    "code": "INVALID_CREDENTIALS",
    "message": "Wrong email address or password.",
    "path": ["input"],
}


def sign_in(server: Server, password: str = PASSWORD, *, email: str = EMAIL, at: str = LOCAL) -> list[Any]:
    """Sign in from a client address; returns the errors."""
    variables = {"email": email, "password": password}
    payload = server.ask(SIGN_IN, variables, token=None, client_address=at)["signIn"]
    assert (payload["token"] is None) == bool(payload["userErrors"])
    errors: list[Any] = payload["userErrors"]
    return errors


def limited(wait: str) -> dict[str, Any]:
    message = f"Too many failed sign-ins with this email address. Try again in {wait}."
    return {"code": "LIMIT_EXCEEDED", "message": message, "path": ["input", "email"]}


def fail(server: Server, times: int, **caller: str) -> None:
    for _ in range(times):
        assert sign_in(server, "wrong", **caller) == [WRONG]


@pytest.mark.parametrize("email", [EMAIL, "nobody@bank.test"])
def test_a_throttled_account_refuses_other_addresses_until_the_window_ends(bank: Inventory, email: str) -> None:
    fail(bank.server, 5, email=email, at=ATTACKER)
    bank.server.advance(5 * MINUTE)
    fail(bank.server, 5, email=email.upper(), at="2001:db8::1")
    before = dump(bank.server)
    for at in (ATTACKER, "2001:db8::1", HOME, LOCAL):
        assert sign_in(bank.server, email=email, at=at) == [limited("10 minutes")]
    assert dump(bank.server) == before
    bank.server.advance(10 * MINUTE - 1)
    assert sign_in(bank.server, email=email, at=HOME) == [limited("1 minute")]
    bank.server.advance(1)
    assert sign_in(bank.server, email=email, at=HOME) == ([] if email == EMAIL else [WRONG])


def test_a_throttled_account_admits_an_address_that_signed_in_before(bank: Inventory) -> None:
    assert sign_in(bank.server, at=HOME) == []
    bank.server.advance(30 * DAY - 1)
    fail(bank.server, 10, at=ATTACKER)
    assert sign_in(bank.server, at=ATTACKER) == [limited("15 minutes")]
    assert sign_in(bank.server, at=HOME) == []
    # The sign-in has also reset the account's count.
    fail(bank.server, 10, at=ATTACKER)
    assert sign_in(bank.server, at=ATTACKER) == [limited("15 minutes")]


def test_an_address_is_forgotten_thirty_days_after_its_last_sign_in(bank: Inventory) -> None:
    assert sign_in(bank.server, at=HOME) == []
    bank.server.advance(30 * DAY)
    fail(bank.server, 10, at=ATTACKER)
    assert sign_in(bank.server, at=HOME) == [limited("15 minutes")]


def test_a_known_address_has_its_own_count(bank: Inventory) -> None:
    assert sign_in(bank.server, at="2001:db8:0:1::1") == []
    # The same network.
    fail(bank.server, 10, at="2001:db8:0:1:ffff::2")
    before = dump(bank.server)
    assert sign_in(bank.server, at="2001:db8:0:1::1") == [limited("15 minutes")]
    assert dump(bank.server) == before
    assert sign_in(bank.server, at=HOME) == []
    bank.server.advance(15 * MINUTE)
    assert sign_in(bank.server, at="2001:db8:0:1::1") == []


def test_an_address_is_known_for_one_account_only(bank: Inventory) -> None:
    bank.server.create_administrator(organization="Bank", role="OWNER", email="bo@bank.test", password=PASSWORD)
    assert sign_in(bank.server, email="bo@bank.test", at=HOME) == []
    fail(bank.server, 10, at=ATTACKER)
    assert sign_in(bank.server, at=HOME) == [limited("15 minutes")]


def test_an_address_is_limited_over_all_accounts(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    smaller = replace(SIGN_IN_FROM_ADDRESS, windows=(Window(3, QUARTER),))
    monkeypatch.setattr(attempts, "SIGN_IN_FROM_ADDRESS", smaller)
    for _ in range(5):
        # Only failures count.
        assert sign_in(bank.server, at="2001:db8::1") == []
    fail(bank.server, 1, at="2001:db8::1")
    assert sign_in(bank.server, at="2001:db8::1") == []
    fail(bank.server, 1, email="x" * 300, at="2001:db8::1")
    fail(bank.server, 1, email="nobody@bank.test", at="2001:db8::2")
    before = dump(bank.server)
    message = "Too many failed sign-ins from your network address. Try again in 15 minutes."
    refused = {"code": "LIMIT_EXCEEDED", "message": message, "path": ["input"]}
    for email in (EMAIL, "other@bank.test", "x" * 300):
        assert sign_in(bank.server, email=email, at="2001:db8::3") == [refused]
    assert dump(bank.server) == before
    assert sign_in(bank.server, at="2001:db8:0:1::1") == []
    bank.server.advance(15 * MINUTE)
    assert sign_in(bank.server, at="2001:db8::3") == []


def test_clients_without_an_address_count_as_one(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    smaller = replace(SIGN_IN_FROM_ADDRESS, windows=(Window(2, QUARTER),))
    monkeypatch.setattr(attempts, "SIGN_IN_FROM_ADDRESS", smaller)
    fail(bank.server, 1, email="a@bank.test", at="")
    fail(bank.server, 1, email="b@bank.test", at="no address")
    assert [error["code"] for error in sign_in(bank.server, at="")] == ["LIMIT_EXCEEDED"]
    assert sign_in(bank.server, at=HOME) == []


def test_all_processes_count_together(bank: Inventory) -> None:
    with closing(Server(bank.server.url)) as other:
        fail(bank.server, 5, at=ATTACKER)
        fail(other, 5, at=ATTACKER)
        for server in (bank.server, other):
            assert sign_in(server, at=ATTACKER) == [limited("15 minutes")]


def test_concurrent_attempts_from_several_addresses_count_together(bank: Inventory) -> None:
    async def all_at_once() -> list[str]:
        variables = {"email": EMAIL, "password": "wrong"}
        posts = (
            bank.server.post(SIGN_IN, variables, token=None, client_address=f"203.0.113.{number}")
            for number in range(15)
        )
        answers = await asyncio.gather(*posts)
        return [answer["data"]["signIn"]["userErrors"][0]["code"] for answer in answers]

    codes = bank.server.run(all_at_once())
    assert (codes.count("INVALID_CREDENTIALS"), codes.count("LIMIT_EXCEEDED")) == (10, 5)


def test_counters_reveal_no_addresses_and_are_deleted_when_they_end(bank: Inventory) -> None:
    sign_in(bank.server, at=HOME)
    fail(bank.server, 2, email="nobody@bank.test", at=ATTACKER)
    counters = dump(bank.server)["limit_counters"]
    assert sorted(total for _, total, _ in counters) == [0, 0, 1, 2, 2]
    assert not any(text in str(counters) for text in (HOME, ATTACKER, "nobody", "bank.test"))
    bank.server.advance(15 * MINUTE - 1)
    bank.server.tidy()
    assert dump(bank.server)["limit_counters"] == counters
    bank.server.advance(1)
    bank.server.tidy()
    assert [total for _, total, _ in dump(bank.server)["limit_counters"]] == [1]
    bank.server.advance(30 * DAY)
    bank.server.tidy()
    assert dump(bank.server)["limit_counters"] == []
