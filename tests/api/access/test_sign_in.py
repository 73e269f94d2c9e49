"""Signing in and out: tokens, their end, and what a wrong password tells (nothing)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.api.access.conftest import EMAIL, PASSWORD
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.server import Server

SIGN_IN = """mutation ($email: String!, $password: String!) {
  signIn(input: {email: $email, password: $password}) { token expiresAt userErrors { code message path } }
}"""
VIEWER = "{ viewer { name email role homeOrganization { name } actingOrganization { name } } }"
ME = "{ viewer { id } }"
HOURS = 3600


def sign_in(server: Server, email: str = EMAIL, password: str = PASSWORD) -> dict[str, Any]:
    answer: dict[str, Any] = server.ask(SIGN_IN, {"email": email, "password": password}, token=None)["signIn"]
    return answer


def unauthenticated(found: dict[str, Any]) -> bool:
    return [error["extensions"]["code"] for error in found.get("errors", [])] == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("email", [EMAIL, "ada@bank.test", "ADA@BANK.TEST"])
def test_mail_address_and_password_give_a_token(bank: Inventory, email: str) -> None:
    signed_in = sign_in(bank.server, email)
    assert signed_in["userErrors"] == []
    assert signed_in["expiresAt"] == "2026-11-21T21:00:00Z"
    viewer = bank.server.ask(VIEWER, token=signed_in["token"])["viewer"]
    bank_ = {"name": "Bank"}
    assert viewer == {
        "name": "Ada",
        "email": EMAIL,
        "role": "ADMIN",
        "homeOrganization": bank_,
        "actingOrganization": bank_,
    }


def test_a_token_is_stored_as_a_digest_alone(bank: Inventory) -> None:
    token = sign_in(bank.server)["token"]
    stored = str(dump(bank.server))
    assert token not in stored
    assert token.removeprefix("dts_") not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(bank: Inventory) -> None:
    wrong = sign_in(bank.server, password="wrong")
    assert wrong == {
        "token": None,
        "expiresAt": None,
        "userErrors": [
            {"code": "INVALID_CREDENTIALS", "message": "Wrong email address or password.", "path": ["input"]}
        ],
    }
    for email, password in (("nobody@bank.test", PASSWORD), ("nobody@bank.test", "wrong"), ("", ""), ("x" * 5000, "")):
        assert sign_in(bank.server, email, password) == wrong
    assert dump(bank.server)["access_tokens"] == []


@pytest.mark.parametrize("email", [EMAIL, "nobody@bank.test"])
def test_too_many_failures_close_the_address_for_a_while_known_or_not(bank: Inventory, email: str) -> None:
    for _ in range(10):
        assert [error["code"] for error in sign_in(bank.server, email, "wrong")["userErrors"]] == [
            "INVALID_CREDENTIALS"
        ]
    (error,) = sign_in(bank.server, email.upper(), PASSWORD)["userErrors"]
    assert (error["code"], error["path"]) == ("LIMIT_EXCEEDED", ["input", "email"])
    bank.server.create_administrator(organization="Bank", role="OWNER", email="bo@bank.test", password=PASSWORD)
    assert sign_in(bank.server, "bo@bank.test")["userErrors"] == []
    bank.server.advance(15 * 60 + 1)
    codes = [error["code"] for error in sign_in(bank.server, email)["userErrors"]]
    assert codes == ([] if email == EMAIL else ["INVALID_CREDENTIALS"])


def test_a_token_ends_after_its_time(bank: Inventory) -> None:
    token = sign_in(bank.server)["token"]
    bank.server.advance(12 * HOURS - 1)
    assert not unauthenticated(bank.server.execute(ME, token=token))
    bank.server.advance(1)
    assert unauthenticated(bank.server.execute(ME, token=token))


def test_signing_out_ends_this_token_alone(bank: Inventory) -> None:
    first, second = sign_in(bank.server)["token"], sign_in(bank.server)["token"]
    assert first != second
    sign_out = "mutation { signOut { userErrors { code } } }"
    assert bank.server.ask(sign_out, token=first) == {"signOut": {"userErrors": []}}
    assert unauthenticated(bank.server.execute(ME, token=first))
    assert unauthenticated(bank.server.execute(sign_out, token=first))
    assert not unauthenticated(bank.server.execute(ME, token=second))


def test_nobody_can_not_sign_out(bank: Inventory) -> None:
    assert unauthenticated(bank.server.execute("mutation { signOut { userErrors { code } } }", token=None))


def test_signing_out_leaves_an_api_key_alone(bank: Inventory) -> None:
    token = bank.token()
    bank.server.ask("mutation { signOut { userErrors { code } } }", token=token)
    assert not unauthenticated(bank.server.execute(ME, token=token))


@pytest.mark.parametrize("token", ["", " ", "dts_wrong", "dtk_wrong", "x" * 5000, "null"])
def test_a_token_that_is_none_is_nobody(bank: Inventory, token: str) -> None:
    assert unauthenticated(bank.server.execute(ME, token=token))


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_only_a_bearer_token_counts(bank: Inventory, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {bank.token()}".strip()}
    response = bank.server.run(bank.server.client.post("/graphql", json={"query": ME}, headers=headers))
    assert unauthenticated(response.json())


def test_many_wrong_passwords_at_once_count_as_many(bank: Inventory) -> None:
    async def all_at_once() -> list[str]:
        variables = {"email": EMAIL, "password": "wrong"}
        answers = await asyncio.gather(*(bank.server.post(SIGN_IN, variables, token=None) for _ in range(25)))
        return [answer["data"]["signIn"]["userErrors"][0]["code"] for answer in answers]

    codes = bank.server.run(all_at_once())
    assert (codes.count("INVALID_CREDENTIALS"), codes.count("LIMIT_EXCEEDED")) == (10, 15)


def test_an_address_that_is_too_long_to_be_one_leaves_nothing_behind(bank: Inventory) -> None:
    before = dump(bank.server)
    found = sign_in(bank.server, email="a" * 100_000 + "@bank.test")
    assert [error["code"] for error in found["userErrors"]] == ["INVALID_CREDENTIALS"]
    assert dump(bank.server) == before


def test_who_has_signed_in_starts_counting_anew(bank: Inventory) -> None:
    for _ in range(3):
        for _ in range(9):
            sign_in(bank.server, password="wrong")
        assert sign_in(bank.server)["userErrors"] == []
