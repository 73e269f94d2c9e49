"""Idempotency keys: the first response is replayed to the same caller and input for a day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import EDITED, NUMBERS, RETIRED, Inventory
from tests.support.server import Server

AVAILABLE, OTHER, RESERVED, ASSIGNED = "+14185550100", "+14185550101", "+14185550102", "+14185550103"
DAY = 24 * 3600
LINES = f"{NUMBERS} skippedCount lines {{ line value code message }}"


def without(payload: dict[str, Any]) -> dict[str, Any]:
    """The fields that a replay repeats; objects show their current state."""
    return {key: value for key, value in payload.items() if key not in {"phoneNumbers", "organizations"}}


def reserve(bank: Inventory, number: str = AVAILABLE, tag: str = "launch", key: str = "k-1") -> dict[str, Any]:
    return {"numberIds": bank.numbers(number), "tag": tag, "idempotencyKey": key}


def test_repeating_an_idempotency_key_replays_the_response_and_changes_nothing(bank: Inventory) -> None:
    wanted = reserve(bank)
    first = bank.mutate("reserveNumbers", NUMBERS, wanted)
    before = dump(bank.server)
    bank.server.advance(DAY - 1)
    again = bank.mutate("reserveNumbers", NUMBERS, wanted)
    assert again == first
    assert first["changedCount"] == 1
    assert dump(bank.server) == before


def test_every_change_of_numbers_is_replayed(bank: Inventory) -> None:
    sales, series = bank.organization("Bank/Sales"), bank.series("+1 418")
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("moveNumbers", NUMBERS, {"numberIds": bank.numbers(AVAILABLE), "organizationId": sales}),
        ("reserveNumbers", NUMBERS, {"filter": {"numbers": [OTHER]}, "tag": "launch"}),
        ("editReservedTag", EDITED, {"numberId": bank.number(RESERVED), "tag": "other"}),
        ("unreserveNumbers", NUMBERS, {"numberIds": bank.numbers(RESERVED)}),
        ("allocateNumbers", NUMBERS, {"seriesId": series, "quantity": 1, "toOrganizationId": sales}),
        ("withdrawNumbers", NUMBERS, {"organizationId": sales, "seriesId": series, "quantity": 1}),
        ("addNumbers", LINES, {"seriesId": series, "numbers": ["+14185550200", AVAILABLE], "onDuplicate": "SKIP"}),
        ("retireNumbers", RETIRED, {"filter": {"numbers": ["+14185550200"]}}),
    ]
    for index, (name, selection, input_) in enumerate(changes):
        wanted = input_ | {"idempotencyKey": f"key {index}"}
        first = bank.mutate(name, selection, wanted)
        assert first["userErrors"] == [], name
        before = dump(bank.server)
        assert without(bank.mutate(name, selection, wanted)) == without(first), name
        assert dump(bank.server) == before, name
    assert bank.server.differences() == []


@pytest.mark.parametrize("at", ["Bank", "Bank/Sales"])
def test_a_replay_names_the_same_organizations(bank: Inventory, at: str) -> None:
    number = bank.ask("{ phoneNumbers(filter: {statuses: [AVAILABLE]}) { nodes { id organization { id } } } }", at=at)
    held = [node["id"] for node in number["phoneNumbers"]["nodes"]]
    shown = f"{NUMBERS} organizations {{ name }} organizationCount operationId"
    for index, number_id in enumerate(held):
        wanted = {"numberIds": [number_id], "tag": "launch", "idempotencyKey": f"k-{index}"}
        first = bank.mutate("reserveNumbers", shown, wanted, at=at)
        assert first["changedCount"] == 1
        assert first["organizationCount"] == len(first["organizations"]) > 0
        assert first["organizations"][0]["name"] == at.rpartition("/")[2]
        assert bank.mutate("reserveNumbers", shown, wanted, at=at) == first


def test_a_replay_names_the_same_organizations_in_a_deep_tree(server: Server) -> None:
    path = "/".join(["Bank", *(f"Level {n}" for n in range(2, 101))])
    levels = "".join("/".join(path.split("/")[: n + 1]) + "\n" for n in range(100))
    bank = Inventory(server, levels, f"{AVAILABLE},+1 418,{path},AVAILABLE,,,,\n")
    shown = f"{NUMBERS} organizations {{ name }} organizationCount"
    first = bank.mutate("reserveNumbers", shown, reserve(bank))
    assert (len(first["organizations"]), first["organizationCount"]) == (100, 100)
    assert bank.mutate("reserveNumbers", shown, reserve(bank)) == first


@pytest.mark.parametrize("other", ["tag", "numbers", "mutation", "dryRun", "expectedCount"])
def test_another_input_with_the_same_key_is_a_mismatch(bank: Inventory, other: str) -> None:
    wanted = reserve(bank)
    bank.mutate("reserveNumbers", NUMBERS, wanted)
    name = "unreserveNumbers" if other == "mutation" else "reserveNumbers"
    changed: dict[str, Any] = {
        "tag": wanted | {"tag": "other"},
        "numbers": wanted | {"numberIds": bank.numbers(OTHER)},
        "mutation": {"numberIds": wanted["numberIds"], "idempotencyKey": "k-1"},
        "dryRun": wanted | {"numberIds": bank.numbers(OTHER)},
        "expectedCount": wanted | {"expectedCount": 1},
    }[other]
    error = bank.refused(name, NUMBERS, changed)
    assert (error["code"], error["path"]) == ("IDEMPOTENCY_MISMATCH", ["input", "idempotencyKey"])
    # The mismatch did not replace the first response.
    assert bank.mutate("reserveNumbers", NUMBERS, wanted)["userErrors"] == []


def test_an_idempotency_key_expires_after_a_day(bank: Inventory) -> None:
    bank.mutate("reserveNumbers", NUMBERS, reserve(bank))
    bank.server.advance(DAY + 1)
    other = bank.mutate("reserveNumbers", NUMBERS, reserve(bank, OTHER, "second"))
    assert (other["changedCount"], other["userErrors"]) == (1, [])
    assert bank.show(OTHER, "reservedTag") == {"reservedTag": "second"}


def test_idempotency_keys_are_separate_per_caller(bank: Inventory) -> None:
    bank.mutate("reserveNumbers", NUMBERS, reserve(bank))
    other = bank.mutate("reserveNumbers", NUMBERS, reserve(bank, OTHER), role="ADMIN")
    assert (other["changedCount"], other["userErrors"]) == (1, [])


def test_a_refusal_is_replayed_even_if_the_change_would_succeed_now(bank: Inventory) -> None:
    wanted = reserve(bank, RESERVED)
    first = bank.mutate("reserveNumbers", NUMBERS, wanted)
    assert [error["code"] for error in first["userErrors"]] == ["INVALID_TRANSITION"]
    bank.mutate("unreserveNumbers", NUMBERS, {"numberIds": bank.numbers(RESERVED)})
    before = dump(bank.server)
    assert bank.mutate("reserveNumbers", NUMBERS, wanted) == first
    assert dump(bank.server) == before
    error = bank.refused("reserveNumbers", NUMBERS, wanted | {"tag": "other"})
    assert error["code"] == "IDEMPOTENCY_MISMATCH"


def test_a_success_is_replayed_even_if_the_change_would_succeed_again(bank: Inventory) -> None:
    wanted = reserve(bank)
    first = bank.mutate("reserveNumbers", NUMBERS, wanted)
    bank.mutate("unreserveNumbers", NUMBERS, {"numberIds": bank.numbers(AVAILABLE)})
    before = dump(bank.server)
    assert without(bank.mutate("reserveNumbers", NUMBERS, wanted)) == without(first)
    assert dump(bank.server) == before
    assert bank.show(AVAILABLE, "status reservedTag") == {"status": "AVAILABLE", "reservedTag": None}


def test_a_refusal_only_stores_its_idempotency_key(bank: Inventory) -> None:
    before = dump(bank.server)
    bank.mutate("reserveNumbers", NUMBERS, reserve(bank, ASSIGNED))
    after = dump(bank.server)
    assert len(after.pop("idempotency_keys")) == 1
    assert before.pop("idempotency_keys") == []
    assert after == before


def test_the_report_of_a_refused_list_is_replayed(bank: Inventory) -> None:
    wanted = {"seriesId": bank.series("+1 418"), "numbers": ["+14185550200", AVAILABLE], "idempotencyKey": "list"}
    first = bank.mutate("addNumbers", LINES, wanted)
    assert [line["line"] for line in first["lines"]] == [2]
    bank.mutate("retireNumbers", RETIRED, {"numberIds": bank.numbers(AVAILABLE)})
    assert bank.mutate("addNumbers", LINES, wanted) == first


def test_a_dry_run_does_not_use_the_idempotency_key(bank: Inventory) -> None:
    wanted = reserve(bank)
    assert bank.mutate("reserveNumbers", NUMBERS, wanted | {"dryRun": True})["changedCount"] == 1
    assert bank.mutate("reserveNumbers", NUMBERS, wanted)["changedCount"] == 1
    assert bank.show(AVAILABLE, "status") == {"status": "RESERVED"}


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_idempotency_key_outside_1_to_255_characters_is_refused(bank: Inventory, key: str) -> None:
    error = bank.refused("reserveNumbers", NUMBERS, reserve(bank, key=key))
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "idempotencyKey"])


def test_an_idempotency_key_of_255_characters_is_accepted(bank: Inventory) -> None:
    wanted = reserve(bank, key="\u00e9" * 255)
    assert bank.mutate("reserveNumbers", NUMBERS, wanted) == bank.mutate("reserveNumbers", NUMBERS, wanted)


def test_a_replay_shows_the_current_state_of_its_numbers(bank: Inventory) -> None:
    wanted = reserve(bank)
    bank.mutate("reserveNumbers", NUMBERS, wanted)
    bank.mutate("editReservedTag", EDITED, {"numberId": bank.number(AVAILABLE), "tag": "since then"})
    again = bank.mutate("reserveNumbers", "changedCount phoneNumbers { reservedTag }", wanted)
    assert again == {"changedCount": 1, "phoneNumbers": [{"reservedTag": "since then"}]}


def test_the_same_input_from_another_acting_organization_is_a_mismatch(bank: Inventory) -> None:
    query = """mutation { setUtilizationThreshold(input: {percent: 33, idempotencyKey: "k-1"}) {
      organization { name utilization { thresholdPercent } } userErrors { code }
    } }"""
    token = bank.token()
    done = bank.server.ask(query, token=token)["setUtilizationThreshold"]
    assert done["organization"] == {"name": "Bank", "utilization": {"thresholdPercent": 33}}
    elsewhere = bank.server.ask(query, token=token, acting=bank.organization("Bank/Sales"))["setUtilizationThreshold"]
    assert elsewhere == {"organization": None, "userErrors": [{"code": "IDEMPOTENCY_MISMATCH"}]}


def test_a_conflict_is_tried_again_under_the_same_key(bank: Inventory) -> None:
    wanted = {"filter": {"numbers": [AVAILABLE, OTHER]}, "expectedCount": 1, "tag": "launch", "idempotencyKey": "k-1"}
    assert bank.refused("reserveNumbers", NUMBERS, wanted)["code"] == "CONFLICT"
    retired = bank.mutate("retireNumbers", "changedCount", {"numberIds": bank.numbers(OTHER)})
    assert retired == {"changedCount": 1}
    done = bank.mutate("reserveNumbers", NUMBERS, wanted)
    assert (done["changedCount"], done["userErrors"]) == (1, [])
    before = dump(bank.server)
    assert without(bank.mutate("reserveNumbers", NUMBERS, wanted)) == without(done)
    assert dump(bank.server) == before
