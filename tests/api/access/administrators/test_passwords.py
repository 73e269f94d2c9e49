"""Password resets that reveal no known addresses, single-use links, and changing your own password."""

from __future__ import annotations

import pytest

from resolvers.access.password_hashing import hash_password
from tests.api.access.administrators.actions import DAY, codes, invite, set_password, sign_in, viewer
from tests.api.access.administrators.conftest import OWNER, PASSWORD
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.outbox import mails, token_of
from tests.support.server import LOCAL

NEW = "a brand new password"
CHANGE = """mutation ($current: String!, $new: String!) {
  changePassword(input: {currentPassword: $current, newPassword: $new}) { userErrors { code } } }"""
SET = """mutation ($token: String!, $password: String!) {
  setPassword(input: {token: $token, password: $password}) { userErrors { code } } }"""
HOUR = 3600


def forget(bank: Inventory, email: str, *, at: str = LOCAL) -> object:
    document = """mutation ($email: String!) { requestPasswordReset(input: {email: $email}) {
      userErrors { code message path } } }"""
    return bank.server.ask(document, {"email": email}, token=None, client_address=at)["requestPasswordReset"]


def change(bank: Inventory, token: str, current: str, new: str) -> list[str]:
    document = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
      userErrors { code path } } }"""
    said = {"input": {"currentPassword": current, "newPassword": new}}
    return codes(bank.server.ask(document, said, token=token)["changePassword"])


def test_a_password_is_reset_through_the_mailed_link(bank: Inventory) -> None:
    old = sign_in(bank, OWNER, PASSWORD)["token"]
    forget(bank, "Owner@Bank.test")
    (mail,) = mails(bank.server)
    assert (mail.kind.name, mail.to) == ("PASSWORD_RESET", [OWNER])
    done = set_password(bank, token_of(bank.server, OWNER))
    assert done["userErrors"] == []
    assert viewer(bank, done["token"])["email"] == OWNER
    # Sessions of the old password have ended.
    assert viewer(bank, old) is None
    assert codes(sign_in(bank, OWNER, PASSWORD)) == ["INVALID_CREDENTIALS"]
    assert sign_in(bank, OWNER, NEW)["token"]


@pytest.mark.parametrize("email", ["nobody@bank.test", "", "x" * 10_000 + "@bank.test", "no address", "\0"])
def test_the_response_does_not_reveal_whether_an_address_is_known(bank: Inventory, email: str) -> None:
    before = dump(bank.server)
    assert forget(bank, email) == {"userErrors": []}
    after = dump(bank.server)
    # By client and by recipient, each for an hour and for a day; an address that is too long is not even counted.
    assert [total for _, total, _ in after["limit_counters"]] == [1] * (4 if len(email) < 255 else 0)
    assert after | {"limit_counters": []} == before
    assert forget(bank, OWNER) == {"userErrors": []}
    assert len(mails(bank.server)) == 1


@pytest.mark.parametrize("email", [OWNER, "nobody@bank.test"])
def test_resets_are_limited_by_recipient(bank: Inventory, email: str) -> None:
    sent = []
    for hour in range(6):
        for number in range(7):
            before = dump(bank.server)
            at = f"203.0.113.{10 * hour + number}"
            assert forget(bank, email.upper() if number % 2 else email, at=at) == {"userErrors": []}
            if number >= 5 or hour >= 4:
                # A limited request counts nothing and sends nothing.
                assert dump(bank.server) == before
        sent.append(len(mails(bank.server)))
        bank.server.advance(HOUR)
    assert sent == ([5, 10, 15, 20, 20, 20] if email == OWNER else [0] * 6)
    bank.server.advance(DAY - 6 * HOUR - 1)
    forget(bank, email)
    assert len(mails(bank.server)) == sent[-1]
    bank.server.advance(1)
    forget(bank, email)
    assert len(mails(bank.server)) == sent[-1] + (email == OWNER)


def test_resets_are_limited_by_client(bank: Inventory) -> None:
    for number in range(20):
        assert forget(bank, f"nobody{number}@bank.test", at=f"2001:db8::{number}") == {"userErrors": []}
    before = dump(bank.server)
    assert forget(bank, OWNER, at="2001:db8::ffff") == {"userErrors": []}
    assert dump(bank.server) == before
    assert forget(bank, OWNER, at="2001:db8:0:1::1") == {"userErrors": []}
    assert len(mails(bank.server)) == 1
    bank.server.advance(HOUR)
    assert forget(bank, OWNER, at="2001:db8::ffff") == {"userErrors": []}
    assert len(mails(bank.server)) == 2


def test_the_page_for_resets_has_the_same_limits(bank: Inventory) -> None:
    async def post() -> str:
        async with bank.server.client_at("203.0.113.7") as client:
            return (await client.post("/password", data={"email": OWNER})).text

    first = bank.server.run(post())
    assert {bank.server.run(post()) for _ in range(6)} == {first}
    assert len(mails(bank.server)) == 5


def test_a_link_sets_a_password_once(bank: Inventory) -> None:
    forget(bank, OWNER)
    first = token_of(bank.server, OWNER)
    forget(bank, OWNER)
    second = token_of(bank.server, OWNER)
    assert codes(set_password(bank, first)) == []
    before = dump(bank.server)
    assert codes(set_password(bank, first, "yet another password")) == ["NOT_FOUND"]
    # The other links that were sent no longer work either.
    assert codes(set_password(bank, second, "yet another password")) == ["NOT_FOUND"]
    assert dump(bank.server) == before


def test_a_password_link_expires_after_an_hour(bank: Inventory) -> None:
    forget(bank, OWNER)
    token = token_of(bank.server, OWNER)
    bank.server.advance(HOUR - 1)
    assert codes(set_password(bank, token, "short")) == ["INVALID_INPUT"]
    bank.server.advance(1)
    before = dump(bank.server)
    assert codes(set_password(bank, token)) == ["EXPIRED"]
    assert dump(bank.server) == before


@pytest.mark.parametrize(
    "password",
    ["", "elevenchars", "x" * 1001, " " * 12, "x" * 12, "password1234", "PassWord1234", "Owner@Bank.TEST"],
)
def test_an_invalid_password_keeps_the_link_valid(bank: Inventory, password: str) -> None:
    forget(bank, OWNER)
    token = token_of(bank.server, OWNER)
    done = set_password(bank, token, password)
    assert (codes(done), done["userErrors"][0]["path"]) == (["INVALID_INPUT"], ["input", "password"])
    assert (done["token"], done["expiresAt"]) == (None, None)
    assert codes(set_password(bank, token)) == []


def test_an_invited_administrator_can_request_another_link(bank: Inventory) -> None:
    invite(bank)
    bank.server.advance(20 * DAY)
    forget(bank, "una@bank.test")
    query = "{ administrators { nodes { name status } } }"
    statuses = {node["name"]: node["status"] for node in bank.ask(query)["administrators"]["nodes"]}
    assert statuses["Una"] == "INVITED"
    assert codes(set_password(bank, token_of(bank.server, "una@bank.test"))) == []


def test_links_are_not_stored_in_the_database(bank: Inventory) -> None:
    forget(bank, OWNER)
    assert token_of(bank.server, OWNER) not in str(dump(bank.server))


def test_an_administrator_changes_their_password(bank: Inventory) -> None:
    here, there = (sign_in(bank, OWNER, PASSWORD)["token"] for _ in range(2))
    forget(bank, OWNER)
    assert change(bank, here, PASSWORD, NEW) == []
    assert viewer(bank, here)["email"] == OWNER
    assert viewer(bank, there) is None
    assert codes(set_password(bank, token_of(bank.server, OWNER))) == ["NOT_FOUND"]
    assert sign_in(bank, OWNER, NEW)["token"]


def test_a_wrong_current_password_is_refused_and_counted(bank: Inventory) -> None:
    here = sign_in(bank, OWNER, PASSWORD)["token"]
    for _ in range(10):
        assert change(bank, here, "wrong", NEW) == ["INVALID_CREDENTIALS"]
    assert change(bank, here, PASSWORD, NEW) == ["LIMIT_EXCEEDED"]
    bank.server.advance(15 * 60)
    assert change(bank, here, PASSWORD, "short") == ["INVALID_INPUT"]
    assert change(bank, here, PASSWORD, NEW) == []


def test_a_key_has_no_password(bank: Inventory) -> None:
    assert change(bank, bank.token(), PASSWORD, NEW) == ["FORBIDDEN"]
    document = 'mutation { changePassword(input: {currentPassword: "x", newPassword: "y"}) { userErrors { code } } }'
    answer = bank.server.execute(document, token=None)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("by", ["link", "change", "sign out"])
def test_a_change_is_refused_if_its_session_ended_while_it_was_verified(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    token, other = (sign_in(bank, OWNER, PASSWORD)["token"] for _ in range(2))
    forget(bank, OWNER)
    mailed = token_of(bank.server, OWNER)
    hashed: list[str] = []

    async def hash_after_another_change(password: str) -> str:
        hashed.append(password)
        if len(hashed) == 1:
            if by == "link":
                done = await bank.server.post(SET, {"token": mailed, "password": NEW}, token=None)
            elif by == "change":
                done = await bank.server.post(CHANGE, {"current": PASSWORD, "new": NEW}, token=other)
            else:
                done = await bank.server.post("mutation { signOut { userErrors { code } } }", {}, token=token)
            assert "errors" not in done
        return await hash_password(password)

    monkeypatch.setattr("resolvers.access.passwords.hash_password", hash_after_another_change)
    answer = bank.server.execute(CHANGE, {"current": PASSWORD, "new": "the password of a thief"}, token=token)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert codes(sign_in(bank, OWNER, "the password of a thief")) == ["INVALID_CREDENTIALS"]
    assert sign_in(bank, OWNER, PASSWORD if by == "sign out" else NEW)["token"]
