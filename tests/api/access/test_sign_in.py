"""Signing in and out: tokens, their expiry, and responses that reveal nothing about addresses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from resolvers.access.password_hashing import verify_password
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
def test_signing_in_returns_a_token(bank: Inventory, email: str) -> None:
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


def test_only_the_digest_of_a_token_is_stored(bank: Inventory) -> None:
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
def test_too_many_failures_block_an_address_for_a_while_known_or_not(bank: Inventory, email: str) -> None:
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


def test_a_token_expires(bank: Inventory) -> None:
    token = sign_in(bank.server)["token"]
    bank.server.advance(12 * HOURS - 1)
    assert not unauthenticated(bank.server.execute(ME, token=token))
    bank.server.advance(1)
    assert unauthenticated(bank.server.execute(ME, token=token))


def test_signing_out_ends_only_the_token_used(bank: Inventory) -> None:
    first, second = sign_in(bank.server)["token"], sign_in(bank.server)["token"]
    assert first != second
    sign_out = "mutation { signOut { userErrors { code } } }"
    assert bank.server.ask(sign_out, token=first) == {"signOut": {"userErrors": []}}
    assert unauthenticated(bank.server.execute(ME, token=first))
    assert unauthenticated(bank.server.execute(sign_out, token=first))
    assert not unauthenticated(bank.server.execute(ME, token=second))


def test_signing_out_requires_a_token(bank: Inventory) -> None:
    assert unauthenticated(bank.server.execute("mutation { signOut { userErrors { code } } }", token=None))


def test_signing_out_does_not_revoke_an_api_key(bank: Inventory) -> None:
    token = bank.token()
    bank.server.ask("mutation { signOut { userErrors { code } } }", token=token)
    assert not unauthenticated(bank.server.execute(ME, token=token))


@pytest.mark.parametrize("token", ["", " ", "dts_wrong", "dtk_wrong", "x" * 5000, "null"])
def test_an_invalid_token_is_anonymous(bank: Inventory, token: str) -> None:
    assert unauthenticated(bank.server.execute(ME, token=token))


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_only_the_bearer_scheme_is_accepted(bank: Inventory, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {bank.token()}".strip()}
    response = bank.server.run(bank.server.client.post("/graphql", json={"query": ME}, headers=headers))
    assert unauthenticated(response.json())


def test_concurrent_wrong_passwords_are_all_counted(bank: Inventory) -> None:
    async def all_at_once() -> list[str]:
        variables = {"email": EMAIL, "password": "wrong"}
        answers = await asyncio.gather(*(bank.server.post(SIGN_IN, variables, token=None) for _ in range(25)))
        return [answer["data"]["signIn"]["userErrors"][0]["code"] for answer in answers]

    codes = bank.server.run(all_at_once())
    assert (codes.count("INVALID_CREDENTIALS"), codes.count("LIMIT_EXCEEDED")) == (10, 15)


def test_an_overlong_address_counts_for_the_client_only(bank: Inventory) -> None:
    before = dump(bank.server)
    found = sign_in(bank.server, email="a" * 100_000 + "@bank.test")
    assert [error["code"] for error in found["userErrors"]] == ["INVALID_CREDENTIALS"]
    after = dump(bank.server)
    assert [total for _, total, _ in after.pop("limit_counters")] == [1]
    assert after == {name: rows for name, rows in before.items() if name != "limit_counters"}


def test_signing_in_resets_the_failure_count(bank: Inventory) -> None:
    for _ in range(3):
        for _ in range(9):
            sign_in(bank.server, password="wrong")
        assert sign_in(bank.server)["userErrors"] == []


def test_a_password_changed_while_it_is_verified_signs_nobody_in(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign_in(bank.server)["token"]
    change = """mutation ($current: String!, $new: String!) {
      changePassword(input: {currentPassword: $current, newPassword: $new}) { userErrors { code } }
    }"""
    changed = "juniper ladder quartz"

    async def verify_late(*arguments: Any) -> bool:
        verified = await verify_password(*arguments)
        monkeypatch.undo()
        answer = await bank.server.post(change, {"current": PASSWORD, "new": changed}, token=token)
        assert answer == {"data": {"changePassword": {"userErrors": []}}}
        return verified

    monkeypatch.setattr("resolvers.access.sign_in.verify_password", verify_late)
    assert [error["code"] for error in sign_in(bank.server)["userErrors"]] == ["INVALID_CREDENTIALS"]
    assert len(dump(bank.server)["access_tokens"]) == 1
    assert sign_in(bank.server, password=changed)["userErrors"] == []
