"""Dry runs: a preview in plain values, objects as they are now, and nothing written; and what was so already."""

from __future__ import annotations

from typing import Any

from tests.support.database_dump import dump
from tests.support.inventory import REFUSALS, Inventory

AVAILABLE, OTHER, RESERVED, IN_USE = "+14185550100", "+14185550101", "+14185550102", "+14185550104"
AT_SALES, NEW = "+14185550105", "+14185550200"
PREVIEW = """preview { number statusBefore statusAfter reservedTagBefore reservedTagAfter organizationNameBefore
  organizationNameAfter }"""
COUNTS = f"changedCount unchangedCount organizationCount operationId {PREVIEW} userErrors {{ {REFUSALS} }}"
OBJECTS = f"{COUNTS} phoneNumbers {{ number status reservedTag organization {{ name }} }}"

Side = tuple[str | None, str | None, str | None]
"""Status, tag and organization."""


def side(preview: dict[str, Any], when: str) -> Side:
    return preview[f"status{when}"], preview[f"reservedTag{when}"], preview[f"organizationName{when}"]


def test_a_dry_run_previews_the_change_and_shows_objects_as_they_are(bank: Inventory) -> None:
    series, sales, trading = (
        bank.series("+1 418"),
        bank.organization("Bank/Sales"),
        bank.organization("Bank/Sales/Trading"),
    )
    changes: list[tuple[str, dict[str, Any], dict[str, tuple[Side, Side]]]] = [
        (
            "moveNumbers",
            {"numberIds": bank.numbers(IN_USE, RESERVED), "organizationId": sales},
            {
                RESERVED: (("RESERVED", "hotline", "Bank"), ("RESERVED", "hotline", "Sales")),
                IN_USE: (("IN_USE", None, "Bank"), ("IN_USE", None, "Sales")),
            },
        ),
        (
            "reserveNumbers",
            {"filter": {"numbers": [AVAILABLE]}, "tag": " launch ", "organizationId": trading},
            {AVAILABLE: (("AVAILABLE", None, "Bank"), ("RESERVED", "launch", "Trading"))},
        ),
        (
            "unreserveNumbers",
            {"numberIds": bank.numbers(RESERVED)},
            {RESERVED: (("RESERVED", "hotline", "Bank"), ("AVAILABLE", None, "Bank"))},
        ),
        (
            "allocateNumbers",
            {"seriesId": series, "quantity": 1, "toOrganizationId": trading},
            {AVAILABLE: (("AVAILABLE", None, "Bank"), ("AVAILABLE", None, "Trading"))},
        ),
        (
            "withdrawNumbers",
            {"seriesId": series, "quantity": 1, "organizationId": sales},
            {AT_SALES: (("AVAILABLE", None, "Sales"), ("AVAILABLE", None, "Bank"))},
        ),
        (
            "addNumbers",
            {"seriesId": series, "numbers": [NEW], "organizationId": sales},
            {NEW: ((None, None, None), ("AVAILABLE", None, "Sales"))},
        ),
        (
            "retireNumbers",
            {"numberIds": bank.numbers(OTHER)},
            {OTHER: (("AVAILABLE", None, "Bank"), (None, None, None))},
        ),
    ]
    before = dump(bank.server)
    for name, wanted, expected in changes:
        selection = COUNTS if name == "retireNumbers" else OBJECTS
        tried = bank.mutate(name, selection, wanted | {"dryRun": True})
        previews = {each["number"]: (side(each, "Before"), side(each, "After")) for each in tried["preview"]}
        assert (list(previews), previews) == (sorted(expected), expected), name
        assert (tried["changedCount"], tried["operationId"], tried["userErrors"]) == (len(expected), None, []), name
        for node in tried.get("phoneNumbers", []):
            shown = node["status"], node["reservedTag"], node["organization"]["name"]
            assert shown == expected[node["number"]][0], name
        assert dump(bank.server) == before, name
    done = bank.mutate(*changes[1][:1], OBJECTS, changes[1][1])
    assert (done["changedCount"], done["preview"]) == (1, None)
    assert done["phoneNumbers"][0]["reservedTag"] == "launch"


def test_the_first_hundred_changes_are_previewed(bank: Inventory) -> None:
    bank.add("".join(f"+14185551{n:03},+1 418,Bank,AVAILABLE,,,,\n" for n in range(150)))
    wanted = {"filter": {"startsWith": "14185551"}, "tag": "launch", "dryRun": True}
    tried = bank.mutate("reserveNumbers", COUNTS, wanted)
    assert tried["changedCount"] == 150
    assert [each["number"] for each in tried["preview"]] == [f"+14185551{n:03}" for n in range(100)]


def test_a_dry_run_without_changes_has_an_empty_preview_and_a_refused_one_has_none(bank: Inventory) -> None:
    bank_id = bank.organization("Bank")
    same = {"numberIds": bank.numbers(AVAILABLE, RESERVED), "organizationId": bank_id, "dryRun": True}
    assert bank.mutate("moveNumbers", COUNTS, same) == {
        "changedCount": 0,
        "unchangedCount": 2,
        "organizationCount": 0,
        "operationId": None,
        "preview": [],
        "userErrors": [],
    }
    refused = bank.mutate("reserveNumbers", COUNTS, {"numberIds": bank.numbers(IN_USE), "tag": "x", "dryRun": True})
    assert (refused["preview"], [error["code"] for error in refused["userErrors"]]) == (None, ["INVALID_TRANSITION"])


def test_numbers_that_were_so_already_are_counted_and_stay_as_they_are(bank: Inventory) -> None:
    series, bank_id, sales = bank.series("+1 418"), bank.organization("Bank"), bank.organization("Bank/Sales")
    cases: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
        ("moveNumbers", {"numberIds": bank.numbers(AVAILABLE), "organizationId": bank_id}, (0, 1)),
        ("moveNumbers", {"numberIds": bank.numbers(AVAILABLE, AT_SALES), "organizationId": sales}, (1, 1)),
        ("moveNumbers", {"filter": {"statuses": ["AVAILABLE"]}, "organizationId": sales}, (1, 2)),
        ("reserveNumbers", {"numberIds": bank.numbers(OTHER), "tag": "x"}, (1, 0)),
        ("addNumbers", {"seriesId": series, "numbers": [NEW, NEW, OTHER], "onDuplicate": "SKIP"}, (1, 1)),
    ]
    for index, (name, wanted, expected) in enumerate(cases):
        keyed = wanted | {"idempotencyKey": f"key {index}"}
        answers = [bank.mutate(name, COUNTS, keyed) for _ in range(2)]
        assert [(each["changedCount"], each["unchangedCount"]) for each in answers] == [expected] * 2, name
        assert answers[0] == answers[1], name
        assert answers[0]["userErrors"] == [], name
    assert [event["action"] for event in bank.history(AVAILABLE)] == ["MOVED", "IMPORTED"]
    assert [event["action"] for event in bank.history(AT_SALES)] == ["IMPORTED"]
    assert bank.server.differences() == []
