"""Moving numbers to any organization in scope, with tag and user; moving to the current holder writes nothing."""

from __future__ import annotations

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import NUMBERS, Inventory

AVAILABLE, RESERVED, ASSIGNED, IN_USE = "+14185550100", "+14185550102", "+14185550103", "+14185550104"
OF_SALES = "+14185550105"


def test_available_reserved_and_in_use_numbers_keep_their_status_when_moved(bank: Inventory) -> None:
    ids = bank.numbers(AVAILABLE, RESERVED, IN_USE)
    done = bank.mutate("moveNumbers", NUMBERS, {"numberIds": ids, "organizationId": bank.organization("Bank/Retail")})
    assert (done["changedCount"], done["userErrors"]) == (3, [])
    assert [number["number"] for number in done["phoneNumbers"]] == [AVAILABLE, RESERVED, IN_USE]
    retail = {"name": "Retail"}
    assert bank.show(AVAILABLE) == {"status": "AVAILABLE", "reservedTag": None, "organization": retail}
    assert bank.show(RESERVED) == {"status": "RESERVED", "reservedTag": "hotline", "organization": retail}
    assert bank.show(IN_USE) == {"status": "IN_USE", "reservedTag": None, "organization": retail}
    assert [event["action"] for event in bank.history(RESERVED)] == ["MOVED", "IMPORTED"]
    assert bank.server.differences() == []


def test_moving_an_assigned_number_refuses_the_whole_selection(bank: Inventory) -> None:
    ids = bank.numbers(AVAILABLE, ASSIGNED)
    target = bank.organization("Bank/Retail")
    error = bank.refused("moveNumbers", NUMBERS, {"numberIds": ids, "organizationId": target})
    assert error["code"] == "INVALID_TRANSITION"
    assert (error["numbers"], error["numberCount"]) == ([ASSIGNED], 1)
    allowed = ["CANCEL_INVITATION", "RESEND_INVITATION", "DELETE_USER"]
    assert error["refusals"] == [{"number": ASSIGNED, "status": "ASSIGNED", "allowed": allowed}]
    assert all(word in error["message"] for word in (ASSIGNED, "ASSIGNED", *allowed))


def test_moving_an_in_use_number_moves_its_user(bank: Inventory) -> None:
    target = bank.organization("Bank/Sales/Trading")
    bank.mutate("moveNumbers", NUMBERS, {"numberIds": bank.numbers(IN_USE), "organizationId": target})
    user = bank.show(IN_USE, "user { email status organization { name } phoneNumber { number } }")["user"]
    assert user == {
        "email": "bo@bank.test",
        "status": "ACTIVATED",
        "organization": {"name": "Trading"},
        "phoneNumber": {"number": IN_USE},
    }
    assert bank.show(IN_USE, "user { email }", at="Bank/Sales/Trading") == {"user": {"email": "bo@bank.test"}}
    assert bank.server.differences() == []


def test_moving_a_user_to_an_organization_with_the_same_email_is_a_conflict(bank: Inventory) -> None:
    bank.add("+14185550120,+1 418,Bank/Retail,IN_USE,,Other,Bo,BO@bank.test\n")
    move = {"numberIds": bank.numbers(AVAILABLE, IN_USE), "organizationId": bank.organization("Bank/Retail")}
    error = bank.refused("moveNumbers", NUMBERS, move)
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "organizationId"])
    assert (error["numbers"], error["numberCount"]) == ([IN_USE], 1)
    assert IN_USE in error["message"]


def test_moving_two_users_with_one_email_together_is_a_conflict(bank: Inventory) -> None:
    bank.add("+14185550120,+1 418,Bank/Sales,IN_USE,,Other,Bo,bo@bank.test\n")
    move = {"numberIds": bank.numbers(IN_USE, "+14185550120"), "organizationId": bank.organization("Bank/Retail")}
    error = bank.refused("moveNumbers", NUMBERS, move)
    assert (error["code"], error["numbers"]) == ("CONFLICT", [IN_USE, "+14185550120"])


def test_moving_to_the_current_holder_writes_nothing(bank: Inventory) -> None:
    before = dump(bank.server)
    move = {"numberIds": bank.numbers(AVAILABLE, IN_USE), "organizationId": bank.organization("Bank")}
    done = bank.mutate("moveNumbers", NUMBERS, move)
    assert done == {
        "changedCount": 0,
        "phoneNumbers": [],
        "organizations": [],
        "organizationCount": 0,
        "operationId": None,
        "userErrors": [],
    }
    assert dump(bank.server) == before


def test_numbers_already_at_the_target_are_not_moved(bank: Inventory) -> None:
    move = {"numberIds": bank.numbers(AVAILABLE, OF_SALES), "organizationId": bank.organization("Bank/Sales")}
    done = bank.mutate("moveNumbers", NUMBERS, move)
    assert (done["changedCount"], done["phoneNumbers"]) == (1, [{"number": AVAILABLE}])
    assert len(bank.history(OF_SALES)) == 1
    fields = "operation { action changedCount events { totalCount } }"
    assert bank.history(AVAILABLE, fields)[0]["operation"] == {
        "action": "MOVED",
        "changedCount": 1,
        "events": {"totalCount": 1},
    }


@pytest.mark.parametrize(
    ("at", "names"), [("Bank", ["Bank", "Sales", "Trading"]), ("Bank/Sales", ["Sales", "Trading"])]
)
def test_the_payload_lists_the_holders_and_their_ancestors_up_to_the_acting_organization(
    bank: Inventory, at: str, names: list[str]
) -> None:
    move = {"numberIds": bank.numbers(OF_SALES), "organizationId": bank.organization("Bank/Sales/Trading")}
    done = bank.mutate("moveNumbers", NUMBERS, move, at=at)
    assert [organization["name"] for organization in done["organizations"]] == names
    assert done["organizationCount"] == len(names)


def test_the_organizations_of_the_payload_have_their_new_counts(bank: Inventory) -> None:
    move = {"numberIds": bank.numbers(AVAILABLE), "organizationId": bank.organization("Bank/Sales/Trading")}
    fields = "organizations { name utilization { available allocatedToSubOrganizations total } }"
    done = bank.mutate("moveNumbers", fields, move)
    assert done["organizations"] == [
        {"name": "Bank", "utilization": {"available": 1, "allocatedToSubOrganizations": 2, "total": 6}},
        {"name": "Sales", "utilization": {"available": 1, "allocatedToSubOrganizations": 1, "total": 2}},
        {"name": "Trading", "utilization": {"available": 1, "allocatedToSubOrganizations": 0, "total": 1}},
    ]


def test_a_dry_run_returns_the_same_payload_and_changes_nothing(bank: Inventory) -> None:
    move = {"numberIds": bank.numbers(AVAILABLE, IN_USE), "organizationId": bank.organization("Bank/Retail")}
    before = dump(bank.server)
    tried = bank.mutate("moveNumbers", NUMBERS, move | {"dryRun": True})
    assert dump(bank.server) == before
    done = bank.mutate("moveNumbers", NUMBERS, move)
    assert tried == done | {"operationId": None}
    assert done["operationId"] is not None
    refused = bank.refused("moveNumbers", NUMBERS, move | {"dryRun": True, "numberIds": bank.numbers(ASSIGNED)})
    assert refused["code"] == "INVALID_TRANSITION"


def test_a_change_is_recorded_with_actor_time_and_both_values(bank: Inventory) -> None:
    bank.server.advance(60)
    bank.mutate(
        "moveNumbers", NUMBERS, {"numberIds": bank.numbers(IN_USE), "organizationId": bank.organization("Bank/Sales")}
    )
    fields = """action actor at statusBefore statusAfter userBefore userAfter
      organizationBefore { name } organizationAfter { name }"""
    assert bank.history(IN_USE, fields)[0] == {
        "action": "MOVED",
        "actor": bank.ask("{ viewer { name } }")["viewer"]["name"],
        "at": "2026-11-21T09:01:00Z",
        "statusBefore": "IN_USE",
        "statusAfter": "IN_USE",
        "userBefore": "Bo Rask <bo@bank.test>",
        "userAfter": "Bo Rask <bo@bank.test>",
        "organizationBefore": {"name": "Bank"},
        "organizationAfter": {"name": "Sales"},
    }
    assert bank.show(IN_USE, "updatedAt") == {"updatedAt": "2026-11-21T09:01:00Z"}
