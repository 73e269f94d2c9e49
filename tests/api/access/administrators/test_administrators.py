"""Administrators through the API: invited, changed, deleted; the root keeps its last owner."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.access.administrators.actions import DAY, DONE, ERRORS, codes, invite, set_password, sign_in, viewer
from tests.api.access.administrators.conftest import OWNER, PASSWORD
from tests.support.inventory import Inventory
from tests.support.outbox import facts_of, mails, token_of

LIST = """{ administrators(first: 10) { totalCount nodes { id name role status organization { name } } } }"""


def administrators(bank: Inventory, **caller: Any) -> dict[str, Any]:
    found = bank.ask(LIST, **caller)["administrators"]
    assert found["totalCount"] == len(found["nodes"])
    return {node["name"]: node for node in found["nodes"]}


def test_an_invited_administrator_sets_a_password_through_the_mailed_link(bank: Inventory) -> None:
    una = invite(bank, organizationId=bank.organization("Bank/Sales"))
    assert (una["status"], una["role"], una["organization"]) == ("INVITED", "ADMIN", {"name": "Sales"})
    assert una["receivesAlerts"] is True
    (mail,) = mails(bank.server)
    assert (mail.kind.name, mail.to, facts_of(mail).organization) == (
        "ADMINISTRATOR_INVITATION",
        ["una@bank.test"],
        "Sales",
    )
    assert codes(sign_in(bank, "una@bank.test", "")) == ["INVALID_CREDENTIALS"]
    done = set_password(bank, token_of(bank.server, "una@bank.test"))
    assert done["userErrors"] == []
    assert viewer(bank, done["token"]) == {"name": "Una", "email": "una@bank.test", "role": "ADMIN"}
    assert administrators(bank)["Una"]["status"] == "ACTIVATED"
    assert sign_in(bank, "una@bank.test", "a brand new password")["token"]
    assert bank.server.differences() == []


def test_an_invitation_that_expires_leaves_an_administrator_without_access(bank: Inventory) -> None:
    invite(bank)
    token = token_of(bank.server, "una@bank.test")
    bank.server.advance(14 * DAY)
    assert administrators(bank)["Una"]["status"] == "NOT_INVITED"
    assert codes(set_password(bank, token)) == ["EXPIRED"]
    bank.server.tidy()
    assert codes(set_password(bank, token)) == ["EXPIRED"]
    bank.server.advance(31 * DAY)
    bank.server.tidy()
    assert codes(set_password(bank, token)) == ["NOT_FOUND"]


def test_an_email_address_belongs_to_one_administrator(bank: Inventory) -> None:
    said = {"name": "Other", "email": "OWNER@bank.test", "role": "VIEWER"}
    error = bank.refused("inviteAdministrator", ERRORS, said)
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", "email"])
    assert mails(bank.server) == []


@pytest.mark.parametrize(("field", "value"), [("email", "nobody"), ("name", " "), ("name", "x" * 101)])
def test_invalid_input_names_its_field(bank: Inventory, field: str, value: str) -> None:
    said = {"name": "Una", "email": "una@bank.test", "role": "VIEWER"} | {field: value}
    error = bank.refused("inviteAdministrator", ERRORS, said)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", field])


@pytest.mark.parametrize("role", ["ADMIN", "VIEWER", "USAGE_WRITER"])
def test_only_an_owner_manages_access(bank: Inventory, role: str) -> None:
    """A role above your own cannot be granted, and only owners grant roles."""
    una = invite(bank)
    changes = {
        "inviteAdministrator": {"name": "Vic", "email": "vic@bank.test", "role": "VIEWER"},
        "updateAdministrator": {"administratorId": una["id"], "role": "OWNER"},
        "deleteAdministrator": {"administratorId": una["id"]},
        "createApiKey": {"name": "Mine", "role": "VIEWER"},
    }
    for mutation, said in changes.items():
        assert bank.refused(mutation, ERRORS, said, role=role)["code"] == "FORBIDDEN"
    assert len(mails(bank.server)) == 1
    for query in (
        "{ administrators { totalCount } }",
        "{ apiKeys { id } }",
        "{ organization { administrators { totalCount } } }",
    ):
        answer = bank.server.execute(query, token=bank.token("Bank", role))
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
        assert set((answer["data"].get("organization") or answer["data"]).values()) == {None}


def test_an_administrator_outside_the_scope_is_not_found(bank: Inventory) -> None:
    una = invite(bank)
    for mutation in ("updateAdministrator", "deleteAdministrator"):
        for at in ("Bank/Sales", "Rival"):
            error = bank.refused(mutation, ERRORS, {"administratorId": una["id"]}, at=at)
            assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "administratorId"])
    assert list(administrators(bank, at="Bank/Sales")) == []
    assert set(administrators(bank)) == {"owner", "Una"}


def test_name_role_and_alerts_can_be_changed(bank: Inventory) -> None:
    una = invite(bank)
    token = set_password(bank, token_of(bank.server, "una@bank.test"))["token"]
    said = {"administratorId": una["id"], "name": " Unity ", "role": "VIEWER", "receivesAlerts": False}
    done = bank.mutate("updateAdministrator", DONE, said)
    assert (done["administrator"]["name"], done["administrator"]["role"]) == ("Unity", "VIEWER")
    assert done["administrator"]["receivesAlerts"] is False
    # It counts from the next request on.
    assert viewer(bank, token) == {"name": "Unity", "email": "una@bank.test", "role": "VIEWER"}
    query = "{ organization { activity(first: 1) { nodes { action changes { field before after } } } } }"
    assert bank.ask(query)["organization"]["activity"]["nodes"] == [
        {
            "action": "ADMINISTRATOR_UPDATED",
            "changes": [
                {"field": "administrator", "before": "Una", "after": "Unity"},
                {"field": "role", "before": "ADMIN", "after": "VIEWER"},
                {"field": "receivesAlerts", "before": "true", "after": "false"},
            ],
        }
    ]


def test_a_deleted_administrator_is_signed_out_at_once(bank: Inventory) -> None:
    una = invite(bank)
    token = set_password(bank, token_of(bank.server, "una@bank.test"))["token"]
    done = bank.mutate("deleteAdministrator", f"deletedAdministratorId {ERRORS}", {"administratorId": una["id"]})
    assert done == {"deletedAdministratorId": una["id"], "userErrors": []}
    assert viewer(bank, token) is None
    assert codes(sign_in(bank, "una@bank.test", "a brand new password")) == ["INVALID_CREDENTIALS"]
    assert set(administrators(bank)) == {"owner"}
    invite(bank)
    assert bank.server.differences() == []


@pytest.mark.parametrize("said", [{"role": "ADMIN"}, None])
def test_the_last_owner_of_the_root_cannot_be_removed(bank: Inventory, said: dict[str, str] | None) -> None:
    owner = administrators(bank)["owner"]
    mutation = "deleteAdministrator" if said is None else "updateAdministrator"
    change = {"administratorId": owner["id"]} | (said or {})
    assert bank.refused(mutation, ERRORS, change)["code"] == "CONFLICT"
    # An owner without a password cannot sign in, so does not count.
    invite(bank, "Vic", "OWNER")
    assert bank.refused(mutation, ERRORS, change)["code"] == "CONFLICT"
    # Nor does the owner of a sub-organization.
    sales = invite(bank, "Sal", "OWNER", organizationId=bank.organization("Bank/Sales"))
    set_password(bank, token_of(bank.server, "sal@bank.test"))
    assert bank.refused(mutation, ERRORS, change)["code"] == "CONFLICT"
    assert codes(bank.mutate("deleteAdministrator", ERRORS, {"administratorId": sales["id"]})) == []
    set_password(bank, token_of(bank.server, "vic@bank.test"))
    assert codes(bank.mutate(mutation, ERRORS, change)) == []


def test_an_owner_changes_their_name_and_keeps_the_role(bank: Inventory) -> None:
    owner = administrators(bank)["owner"]
    said = {"administratorId": owner["id"], "name": "The Owner", "role": "OWNER"}
    assert bank.mutate("updateAdministrator", DONE, said)["administrator"]["role"] == "OWNER"
    assert sign_in(bank, OWNER, PASSWORD)["token"]


def test_administrators_are_listed_by_name_in_pages(bank: Inventory) -> None:
    for name in ("Zed", "amy", "Bea"):
        invite(bank, name)
    query = """query ($after: String) { administrators(first: 2, after: $after) {
      nodes { name } pageInfo { hasNextPage endCursor }
    } }"""
    first = bank.ask(query)["administrators"]
    second = bank.ask(query, {"after": first["pageInfo"]["endCursor"]})["administrators"]
    assert [node["name"] for page in (first, second) for node in page["nodes"]] == ["amy", "Bea", "owner", "Zed"]
    assert second["pageInfo"]["hasNextPage"] is False
    own = "query ($id: ID!) { organization(id: $id) { administrators { totalCount } } }"
    found = bank.ask(own, {"id": bank.organization("Bank/Sales")})["organization"]
    assert found["administrators"]["totalCount"] == 0


def test_repeating_an_idempotency_key_invites_an_administrator_once(bank: Inventory) -> None:
    first = invite(bank, idempotencyKey="once")
    assert invite(bank, idempotencyKey="once") == first
    assert len(mails(bank.server)) == 1
