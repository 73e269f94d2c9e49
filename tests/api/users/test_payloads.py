"""What mutations of users say about utilization: the organizations whose figures changed, and the operation."""

from __future__ import annotations

from typing import Any

from tests.support.database_dump import dump
from tests.support.inventory import REFUSALS, Inventory
from tests.support.server import Server

TREE = "Bank\nBank/Sales\nBank/Sales/Trading\n"
NUMBERS = "".join(f"+1418555010{n},+1 418,Bank/Sales,AVAILABLE,,,,\n" for n in range(6))
PAYLOAD = f"""organizations {{ name utilization {{ assigned pendingInvitations }} }} organizationCount operationId
  userErrors {{ {REFUSALS} }}"""
BOTH = ["Bank", "Sales"]


def person(name: str, **more: Any) -> dict[str, Any]:
    return {"firstName": name, "lastName": "Ling", "email": f"{name}@bank.test"} | more


def changed(payload: dict[str, Any], *, operation: bool = True) -> list[str]:
    """The organizations of an answer; the operation has to be there, or not."""
    assert payload["userErrors"] == []
    assert (payload["operationId"] is not None) == operation
    names = [organization["name"] for organization in payload["organizations"]]
    assert payload["organizationCount"] == len(names)
    return names


def test_invitations_and_deletions_name_the_organizations_they_change(server: Server) -> None:
    bank = Inventory(server, TREE, NUMBERS)
    sales = bank.organization("Bank/Sales")

    def mutate(name: str, wanted: dict[str, Any], more: str = "") -> Any:
        """The answer, which a replay repeats."""
        keyed = wanted if wanted.get("dryRun") else wanted | {"idempotencyKey": f"{name} {wanted}"}
        first, again = (bank.mutate(name, f"{PAYLOAD} {more}", keyed) for _ in range(2))
        assert again == first
        return first

    numbers = bank.numbers(*(f"+1418555010{n}" for n in range(6)))
    ada = mutate("inviteUser", person("Ada", organizationId=sales, numberId=numbers[0]), "user { id }")
    assert changed(ada) == BOTH
    assert ada["organizations"][1] == {"name": "Sales", "utilization": {"assigned": 1, "pendingInvitations": 1}}
    assert changed(mutate("inviteUser", person("Bo", organizationId=sales))) == BOTH
    saved = mutate("inviteUser", person("Cy", organizationId=sales, sendInvitation=False), "user { id }")
    assert changed(saved) == []
    # Sending it for the first time makes it pending; again, nothing changes.
    assert changed(mutate("resendInvitation", {"userId": saved["user"]["id"]})) == BOTH
    again = {"userId": ada["user"]["id"]}
    assert changed(mutate("resendInvitation", again)) == []
    assert changed(mutate("resendInvitation", again | {"numberId": numbers[1]})) == BOTH
    assert changed(mutate("cancelInvitation", {"userId": saved["user"]["id"]})) == BOTH
    assert changed(mutate("cancelInvitation", again)) == BOTH
    rows = [person("Dee", numberId=numbers[2]), person("Eve")]
    tried = {"rows": rows, "organizationId": sales, "dryRun": True}
    before = dump(server)
    assert changed(mutate("inviteUsers", tried), operation=False) == BOTH
    assert dump(server) == before
    users = mutate("inviteUsers", tried | {"dryRun": False}, "users { id }")
    assert changed(users) == BOTH
    operation = bank.ask(
        "query ($id: ID!) { node(id: $id) { ... on Operation { action changedCount } } }", {"id": users["operationId"]}
    )
    assert operation == {"node": {"action": "ASSIGNED", "changedCount": 1}}
    unsent = {"rows": [person("Fay")], "organizationId": sales, "sendInvitation": False}
    assert changed(mutate("inviteUsers", unsent)) == []
    dee, eve = (user["id"] for user in users["users"])
    before = dump(server)
    assert changed(mutate("deleteUser", {"userId": dee, "dryRun": True}), operation=False) == BOTH
    assert dump(server) == before
    assert changed(mutate("deleteUser", {"userId": dee})) == BOTH
    assert changed(mutate("deleteUser", {"userId": eve})) == BOTH
    assert changed(mutate("deleteUser", again)) == []
    assert server.differences() == []


def test_a_caller_below_sees_the_organizations_of_their_scope_only(server: Server) -> None:
    bank = Inventory(server, TREE, NUMBERS)
    wanted = person("Ada", numberId=bank.number("+14185550100"))
    assert changed(bank.mutate("inviteUser", PAYLOAD, wanted, at="Bank/Sales")) == ["Sales"]


def test_a_refused_invitation_names_no_organization(server: Server) -> None:
    bank = Inventory(server, TREE, NUMBERS)
    wanted = person("Ada", organizationId=bank.organization("Bank"), numberId=bank.number("+14185550100"))
    before = dump(server)
    refused = bank.mutate("inviteUser", PAYLOAD, wanted)
    assert dump(server) == before
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID_INPUT"]
    assert (refused["organizations"], refused["organizationCount"], refused["operationId"]) == ([], 0, None)
