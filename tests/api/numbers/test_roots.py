"""Roots are tenants: each has its own numbers, and nothing tells it which numbers another root has."""

from __future__ import annotations

from typing import Any

import pytest

from db.core.statements import Statement
from db.numbers import search_statements
from tests.support.inventory import HEADER, NUMBERS, Inventory
from tests.support.server import Server

SHARED, RETIRED = "+14185550100", "+14185550101"
ADDED = f"{NUMBERS} skippedCount lines {{ line value code message }}"


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(
        server,
        "Bank\nBank/Sales\n",
        f"{SHARED},+1 418,Bank/Sales,RESERVED,hotline,,,\n{RETIRED},+1 418,Bank,AVAILABLE,,,,\n",
    )


@pytest.fixture
def rival(bank: Inventory) -> Inventory:
    return Inventory(bank.server, "Rival\nRival/Sales\n", "+14185550900,+1 418,Rival,AVAILABLE,,,,\n")


def add(inventory: Inventory, *numbers: str, **options: Any) -> Any:
    """Add numbers to a root's series."""
    series = inventory.series("+1 418", root=inventory.root)
    return inventory.mutate("addNumbers", ADDED, {"seriesId": series, "numbers": list(numbers), **options})


def test_two_roots_hold_the_same_number(bank: Inventory, rival: Inventory) -> None:
    added = add(rival, SHARED)
    assert (added["changedCount"], added["userErrors"]) == (1, [])
    assert rival.show(SHARED) == {"status": "AVAILABLE", "reservedTag": None, "organization": {"name": "Rival"}}
    assert bank.show(SHARED) == {"status": "RESERVED", "reservedTag": "hotline", "organization": {"name": "Sales"}}
    assert [event["action"] for event in rival.history(SHARED)] == ["ADDED"]
    assert [event["action"] for event in bank.history(SHARED)] == ["IMPORTED"]
    assert bank.number(SHARED) != rival.number(SHARED)
    assert bank.server.differences() == []


@pytest.mark.parametrize("on_duplicate", ["REFUSE", "SKIP"])
def test_the_answer_is_the_same_whether_another_root_has_the_number_or_not(
    bank: Inventory, rival: Inventory, on_duplicate: str
) -> None:
    retire(bank)
    answers = [add(rival, number, onDuplicate=on_duplicate) for number in (SHARED, RETIRED, "+14185550777")]
    for answer, number in zip(answers, (SHARED, RETIRED, "+14185550777"), strict=True):
        assert answer.pop("operationId") is not None
        assert answer.pop("phoneNumbers") == [{"number": number}]
    assert answers[0] == answers[1] == answers[2]
    assert answers[2]["changedCount"] == 1


def test_a_list_sorted_by_series_reads_none_of_another_root(
    bank: Inventory, rival: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival.add("".join(f"+1418556{n:04},{n:04},Rival,AVAILABLE,,,,\n" for n in range(search_statements.NAMES_LIMIT)))
    ranges = []
    select_page = search_statements.page

    def count_range(*parts: Any, **options: Any) -> Statement:
        ranges.append(parts)
        return select_page(*parts, **options)

    monkeypatch.setattr(search_statements, "page", count_range)
    query = "{ phoneNumbers(orderBy: {field: SERIES}) { nodes { number } } }"
    assert bank.ask(query)["phoneNumbers"]["nodes"] == [{"number": SHARED}, {"number": RETIRED}]
    assert len(ranges) == 1


def retire(bank: Inventory) -> None:
    found = bank.mutate("retireNumbers", "changedCount", {"numberIds": [bank.number(RETIRED)]})
    assert found == {"changedCount": 1}


def test_a_number_that_another_root_has_retired_comes_without_its_history(bank: Inventory, rival: Inventory) -> None:
    retire(bank)
    assert rival.show(RETIRED) is None
    add(rival, RETIRED)
    fields = "history { totalCount nodes { action organizationBefore { name } organizationAfter { name } } }"
    assert rival.show(RETIRED, f"retiredAt {fields}") == {
        "retiredAt": None,
        "history": {
            "totalCount": 1,
            "nodes": [{"action": "ADDED", "organizationBefore": None, "organizationAfter": {"name": "Rival"}}],
        },
    }
    assert [event["action"] for event in bank.history(RETIRED)] == ["RETIRED", "IMPORTED"]
    assert bank.show(RETIRED, "retiredAt")["retiredAt"] is not None
    assert add(bank, RETIRED)["changedCount"] == 1
    assert [event["action"] for event in bank.history(RETIRED)] == ["ADDED", "RETIRED", "IMPORTED"]
    assert [event["action"] for event in rival.history(RETIRED)] == ["ADDED"]
    assert bank.server.differences() == []


def test_a_search_for_a_number_finds_that_of_the_own_root(bank: Inventory, rival: Inventory) -> None:
    add(rival, SHARED)
    query = "query ($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter) { totalCount nodes { id } } }"
    for filter_ in ({"numbers": [SHARED]}, {"text": SHARED}, {"from": SHARED, "to": SHARED}, {"startsWith": SHARED}):
        for root in (bank, rival):
            found = root.ask(query, {"filter": filter_})["phoneNumbers"]
            assert found == {"totalCount": 1, "nodes": [{"id": root.number(SHARED)}]}


def test_a_file_has_the_same_number_once_for_each_root(bank: Inventory, rival: Inventory) -> None:
    number = "+14185550777"
    rows = f"{number},+1 418,Bank,,,,,\n{number},+1 418,Rival,,,,,\n{number},+1 418,Rival/Sales,,,,,\n"
    report = bank.server.import_numbers(HEADER + rows, skip=True)
    assert (report.imported, [(line.line, line.message) for line in report.lines]) == (
        2,
        [(4, f"{number} is in the file twice: it is on line 3 too.")],
    )
    assert [root.show(number, "organization { name }") for root in (bank, rival)] == [
        {"organization": {"name": "Bank"}},
        {"organization": {"name": "Rival"}},
    ]
    assert bank.server.differences() == []


def test_an_invitation_by_number_takes_that_of_the_own_root(bank: Inventory, rival: Inventory) -> None:
    add(rival, SHARED)
    csv = f"first_name,last_name,email,number\nAda,Ling,ada@rival.test,{SHARED}\n"
    invited = rival.mutate("inviteUsers", "invitedCount userErrors { message }", {"csv": csv})
    assert invited == {"invitedCount": 1, "userErrors": []}
    assert rival.show(SHARED, "status user { email }") == {"status": "ASSIGNED", "user": {"email": "ada@rival.test"}}
    assert bank.show(SHARED, "status user { email }") == {"status": "RESERVED", "user": None}
    csv = f"first_name,last_name,email,number\nBo,Rask,bo@rival.test,{RETIRED}\n"
    refused = rival.refused("inviteUsers", "userErrors { code message path numbers }", {"csv": csv})
    assert refused["code"] == "NOT_FOUND"
    assert bank.server.differences() == []


def test_usage_belongs_to_the_number_of_the_sender(bank: Inventory, rival: Inventory) -> None:
    add(rival, SHARED)
    record = {"recordId": "1", "number": SHARED, "kind": "MESSAGE", "quantity": 3, "at": "2026-11-21T09:00:00Z"}
    recorded = rival.mutate("recordUsage", "recordedCount userErrors { message }", {"records": [record]})
    assert recorded == {"recordedCount": 1, "userErrors": []}
    query = "{ organization { dashboard { allTime { totalMessages } } } }"
    assert [root.ask(query)["organization"]["dashboard"]["allTime"]["totalMessages"] for root in (bank, rival)] == [
        0,
        3,
    ]
    assert bank.server.differences() == []


def test_users_are_listed_by_number_inside_their_root(bank: Inventory, rival: Inventory) -> None:
    bank.add("+14185550300,+1 418,Bank,IN_USE,,Ada,Ling,ada@bank.test\n")
    rival.add("+14185550300,+1 418,Rival,IN_USE,,Bo,Rask,bo@rival.test\n")
    query = "{ users(orderBy: {field: NUMBER}) { totalCount nodes { email phoneNumber { number } } } }"
    for root, email in ((bank, "ada@bank.test"), (rival, "bo@rival.test")):
        assert root.ask(query)["users"] == {
            "totalCount": 1,
            "nodes": [{"email": email, "phoneNumber": {"number": "+14185550300"}}],
        }
