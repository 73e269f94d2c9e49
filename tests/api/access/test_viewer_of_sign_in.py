"""The viewer in the payloads of `signIn` and `setPassword`: the new caller, in their own scope."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.access.administrators.actions import invite
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.outbox import token_of
from tests.support.server import Server

SECRET = "correct horse battery"
VIEWER = """viewer { id name email role
  actingOrganization { id name path } homeOrganization {
    name path utilization { total } childCount descendants { nodes { name path } } users { totalCount }
    administrators { nodes { name } }
  } }"""
SIGN_IN = f"signIn(input: {{email: $email, password: $password}}) {{ token {VIEWER} userErrors {{ code }} }}"
DECLARED = "mutation ($email: String!, $password: String!)"


@pytest.fixture
def tree(server: Server) -> Inventory:
    """A root with two organizations below it; each has an owner, and Sales holds one number of two."""
    rows = "+14188984760,+1 418,Bank,AVAILABLE,,,,\n+14188984761,+1 418,Bank/Sales,IN_USE,,Bo,Rask,bo@bank.test\n"
    inventory = Inventory(server, "Bank\nBank/Sales\nBank/Sales/Night\nBank/Retail\n", rows)
    for place, name in (("Bank", "ada"), ("Bank/Sales", "sal")):
        server.create_administrator(organization=place, role="OWNER", email=f"{name}@bank.test", password=SECRET)
    return inventory


def execute(tree: Inventory, selection: str, *, token: str | None = None, password: str = SECRET) -> dict[str, Any]:
    said = {"email": "sal@bank.test", "password": password}
    return tree.server.execute(f"{DECLARED} {{ {selection} }}", said, token=token)


@pytest.mark.parametrize("caller", [None, "OWNER"], ids=["anonymous", "the owner of the root"])
def test_signing_in_returns_the_viewer_of_the_new_token(tree: Inventory, caller: str | None) -> None:
    token = None if caller is None else tree.token("Bank", caller)
    signed_in = execute(tree, SIGN_IN, token=token)["data"]["signIn"]
    assert signed_in["userErrors"] == []
    assert signed_in["viewer"] == tree.server.ask(f"{{ {VIEWER} }}", token=signed_in["token"])["viewer"]
    home = signed_in["viewer"]["homeOrganization"]
    assert (home["name"], home["path"], home["utilization"], home["users"]) == (
        "Sales",
        "Sales",
        {"total": 1},
        {"totalCount": 1},
    )
    assert [node["path"] for node in home["descendants"]["nodes"]] == ["Sales/Night"]


def test_a_refused_sign_in_has_no_viewer(tree: Inventory) -> None:
    refused = execute(tree, SIGN_IN, password="wrong")["data"]["signIn"]
    assert refused == {"token": None, "viewer": None, "userErrors": [{"code": "INVALID_CREDENTIALS"}]}


def test_setting_a_password_returns_the_viewer_of_the_new_token(tree: Inventory) -> None:
    invite(tree, "Una", organizationId=tree.organization("Bank/Sales"))
    document = f"""mutation ($token: String!) {{
      setPassword(input: {{token: $token, password: "a brand new password"}}) {{ token {VIEWER} userErrors {{ code }} }}
    }}"""
    link = token_of(tree.server, "una@bank.test")
    done = tree.server.execute(document, {"token": link}, token=None)
    # An ADMIN may not list administrators, here as in the query.
    assert [error["path"][-1] for error in done["errors"]] == ["administrators"]
    payload = done["data"]["setPassword"]
    asked = tree.server.execute(f"{{ {VIEWER} }}", token=payload["token"])
    assert payload["viewer"] == asked["data"]["viewer"]
    assert payload["viewer"]["name"] == "Una"
    again = tree.server.execute(document, {"token": link}, token=None)["data"]["setPassword"]
    assert (again["token"], again["viewer"], again["userErrors"]) == (None, None, [{"code": "NOT_FOUND"}])


CREATE = 'createSeries(input: {name: "+1 514"}) { series { name } userErrors { code } }'


def test_the_next_mutation_of_an_anonymous_operation_is_still_anonymous(tree: Inventory) -> None:
    before = dump(tree.server)["series"]
    answer = execute(tree, f"{SIGN_IN} {CREATE}")
    assert answer["data"]["signIn"]["viewer"]["name"] == "sal"
    assert answer["data"]["createSeries"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert dump(tree.server)["series"] == before


def test_the_next_mutation_acts_as_the_caller_of_the_request(tree: Inventory) -> None:
    # Only the root may create series: the owner of Sales may not.
    answer = execute(tree, f"{SIGN_IN} {CREATE}", token=tree.token("Bank"))["data"]
    assert answer["signIn"]["viewer"]["homeOrganization"]["name"] == "Sales"
    assert answer["createSeries"] == {"series": {"name": "+1 514"}, "userErrors": []}


def test_two_sign_ins_of_one_operation_have_their_own_viewers(tree: Inventory) -> None:
    root = f'root: signIn(input: {{email: "ada@bank.test", password: "{SECRET}"}}) {{ token {VIEWER} }}'
    answer = execute(tree, f"{root} {SIGN_IN}")["data"]
    found = [(answer[name]["viewer"]["actingOrganization"]["path"]) for name in ("root", "signIn")]
    totals = [answer[name]["viewer"]["homeOrganization"]["utilization"]["total"] for name in ("root", "signIn")]
    assert (found, totals) == (["Bank", "Sales"], [2, 1])
