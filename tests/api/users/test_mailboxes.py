"""Mail addresses of users: spellings of one mailbox are one user, and mail goes to the normal form."""

from __future__ import annotations

import pytest

from mail.envelope import address
from tests.api.users.actions import ERRORS, USER, invited, person
from tests.support.database_dump import dump
from tests.support.inventory import HEADER, Inventory
from tests.support.outbox import mails

INVITEES = """first_name,last_name,email
Ann,Lee,anna@faß.example
Ann,Lee,user@exämple.example
Ann,Lee,user@xn--exmple-cua.example
Ann,Lee,e@acme.example
Ann,Lee,e@acme.example\u200b
"""
SPELLINGS = [
    ("user@exämple.example", "User@XN--EXMPLE-CUA.example"),
    ("anna@faß.example", "anna@xn--fa-hia.example"),
    ("JOSÉ@bank.test", "jose\u0301@Bank.test"),
    ("kim@bank。test", "kim@bank.test"),
    ("lee@Bank.test", " lee@bank.test\ufeff"),
]
REFUSED = [
    "an\u200bn@bank.test",
    "ann@ba\u00adnk.test",
    "ann\u3164@bank.test",
    "\u202eann@bank.test",
    "ann\u0007@bank.test",
    "ann..lee@bank.test",
    "ann@bank_x.test",
    "ann@xn--a.test",
    "ann@bank.test, bo@bank.test",
    "Ann <ann@bank.test>",
]


def test_the_lines_of_one_mailbox_are_one_user(bank: Inventory) -> None:
    selection = f"invitedCount lines {{ line code message }} users {{ email }} {ERRORS}"
    before = dump(bank.server)
    refused = bank.mutate("inviteUsers", selection, {"csv": INVITEES})
    assert refused["userErrors"] != []
    assert dump(bank.server) == before
    done = bank.mutate("inviteUsers", selection, {"csv": INVITEES, "onError": "SKIP"})
    assert [(bad["line"], bad["code"]) for bad in done["lines"]] == [(4, "ALREADY_EXISTS"), (6, "ALREADY_EXISTS")]
    shown = ["anna@faß.example", "user@exämple.example", "e@acme.example"]
    assert [user["email"] for user in done["users"]] == shown
    assert [mail.to for mail in mails(bank.server)] == [[email] for email in shown]
    sent_to = ["anna@xn--fa-hia.example", "user@xn--exmple-cua.example", "e@acme.example"]
    assert [address(email).addr_spec for email in shown] == sent_to
    assert bank.server.differences() == []


def test_another_spelling_of_a_users_mailbox_is_refused_and_found(bank: Inventory) -> None:
    query = "query ($text: String!) { users(filter: {text: $text}) { nodes { email } } }"
    for index, (first, second) in enumerate(SPELLINGS):
        shown = invited(bank, f"Ann{index}", email=first)["email"]
        error = bank.refused("inviteUser", ERRORS, person("Other", email=second))
        assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", "email"]), second
        found = bank.ask(query, {"text": second.strip(" \ufeff")})["users"]["nodes"]
        if second.isascii():
            assert found == [{"email": shown}], second
    assert len(mails(bank.server)) == len(SPELLINGS)


def test_an_address_that_can_not_be_one_is_refused_everywhere(bank: Inventory) -> None:
    user = invited(bank)["id"]
    report = bank.server.import_numbers(
        HEADER
        + "".join(
            f'+1418555019{index},+1 418,Bank,ASSIGNED,,Ann,Lee,"{email}"\n' for index, email in enumerate(REFUSED)
        )
    )
    assert (report.imported, [bad.line for bad in report.lines]) == (0, list(range(2, len(REFUSED) + 2)))
    assert all("is not a mail address" in bad.message for bad in report.lines)
    root = bank.organization("Bank")
    posted = len(mails(bank.server))
    for email in REFUSED:
        for name, said in (
            ("inviteUser", person("Ann", email=email)),
            ("updateUser", {"userId": user, "email": email}),
            ("inviteAdministrator", {"name": "Ann", "role": "VIEWER", "email": email}),
        ):
            error = bank.refused(name, ERRORS, said)
            assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "email"]), (name, email)
        error = bank.refused("updateOrganization", ERRORS, {"organizationId": root, "supplierEmail": email})
        assert error["path"] == ["input", "supplierEmail"]
    assert len(mails(bank.server)) == posted


def test_a_user_may_spell_their_own_address_in_another_way(bank: Inventory) -> None:
    user = invited(bank, email="user@exämple.example")["id"]
    done = bank.mutate("updateUser", f"{USER} {ERRORS}", {"userId": user, "email": "User@xn--exmple-cua.example"})
    assert (done["userErrors"], done["user"]["email"]) == ([], "User@xn--exmple-cua.example")
    assert bank.server.differences() == []


@pytest.mark.parametrize("email", ["ada@EXÄMPLE.example", "ada@xn--exmple-cua.example", " ada@exämple.example\u200b"])
def test_an_administrator_signs_in_with_any_spelling(bank: Inventory, email: str) -> None:
    password = "correct horse battery"
    bank.server.create_administrator(organization="Bank", role="OWNER", email="ada@exämple.example", password=password)
    document = "mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }"
    done = bank.server.ask(document, {"input": {"email": email, "password": password}}, token=None)["signIn"]
    assert done["userErrors"] == []
    assert done["token"]
    error = bank.refused("inviteAdministrator", ERRORS, {"name": "Ada", "role": "VIEWER", "email": email})
    assert error["code"] == "ALREADY_EXISTS"
