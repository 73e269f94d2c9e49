"""Adding numbers by range, list and CSV, with duplicates refused or skipped; retiring them and adding them again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from db.core.statements import Statement
from tests.support.database_dump import dump
from tests.support.inventory import NUMBERS, RETIRED, Inventory
from tests.support.server import Server

LINES = f"{NUMBERS} skippedCount lines {{ line value code message }}"
AVAILABLE = "+14185550100"
BAD_LINES = [(2, "nonsense", "INVALID_INPUT")]


def add(bank: Inventory, **more: Any) -> dict[str, Any]:
    return {"seriesId": bank.series("+1 418"), **more}


def short(lines: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [(line["line"], line["value"], line["code"]) for line in lines]


def test_a_range_is_added_inclusive_of_both_ends(bank: Inventory) -> None:
    span = {"first": "+1 (418) 555-0198", "last": "+14185550201"}
    wanted = add(bank, ranges=[span], organizationId=bank.organization("Bank/Sales"))
    done = bank.mutate("addNumbers", LINES, wanted)
    assert (done["changedCount"], done["skippedCount"], done["lines"], done["userErrors"]) == (4, 0, [], [])
    assert [number["number"] for number in done["phoneNumbers"]] == [f"+1418555{n:04}" for n in range(198, 202)]
    assert [organization["name"] for organization in done["organizations"]] == ["Bank", "Sales"]
    assert bank.show("+14185550201") == {"status": "AVAILABLE", "reservedTag": None, "organization": {"name": "Sales"}}
    assert bank.history("+14185550201") == [{"action": "ADDED"}]
    assert bank.server.differences() == []


def test_a_list_a_range_and_csv_are_combined(bank: Inventory) -> None:
    wanted = add(
        bank,
        ranges=[{"first": "+14185550200", "last": "+14185550200"}],
        numbers=["+1 418 555 0201", "+14185550202"],
        csv="\ufeffNumber\r\n+1-418-555-0203\r\n\r\n+14185550204\r\n",
    )
    done = bank.mutate("addNumbers", LINES, wanted)
    assert (done["changedCount"], done["userErrors"], done["lines"]) == (5, [], [])
    assert bank.show("+14185550204", "series { name } organization { name }") == {
        "series": {"name": "+1 418"},
        "organization": {"name": "Bank"},
    }


@pytest.mark.parametrize(
    "csv",
    [
        "+14185550300\n+14185550301\n",
        "number\n+14185550300\n+14185550301",
        "number\r+14185550300\r+14185550301\r",
        "\ufeffsep=;\r\nnumber;\r\n+14185550300;\r\n+14185550301;\r\n",
        "Telephone Number\t\n'+14185550300\t\n+14185550301\n",
    ],
)
def test_csv_of_numbers_is_accepted_in_common_dialects(bank: Inventory, csv: str) -> None:
    assert bank.mutate("addNumbers", LINES, add(bank, csv=csv))["changedCount"] == 2


@pytest.mark.parametrize(
    ("wanted", "path", "lines"),
    [
        ({"numbers": ["+14185550200", AVAILABLE]}, "numbers", [(2, AVAILABLE, "ALREADY_EXISTS")]),
        ({"numbers": ["+14185550200", "+1 418-555-0200"]}, "numbers", [(2, "+14185550200", "ALREADY_EXISTS")]),
        (
            {"ranges": [{"first": "+14185550200", "last": "+14185550201"}, {"first": AVAILABLE, "last": AVAILABLE}]},
            "ranges",
            [(2, AVAILABLE, "ALREADY_EXISTS")],
        ),
        ({"csv": f"number\n+14185550200\n{AVAILABLE}\n"}, "csv", [(3, AVAILABLE, "ALREADY_EXISTS")]),
    ],
)
def test_duplicates_are_reported_by_line_or_skipped(
    bank: Inventory, wanted: dict[str, Any], path: str, lines: list[tuple[int, str, str]]
) -> None:
    before = dump(bank.server)
    refused = bank.mutate("addNumbers", LINES, add(bank, **wanted))
    assert dump(bank.server) == before
    (error,) = refused["userErrors"]
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", path])
    assert (error["numbers"], error["numberCount"]) == ([lines[0][1]], 1)
    assert short(refused["lines"]) == lines
    assert refused["changedCount"] == 0
    skipped = bank.mutate("addNumbers", LINES, add(bank, **wanted, onDuplicate="SKIP"))
    assert skipped["userErrors"] == []
    assert skipped["skippedCount"] == 1
    assert short(skipped["lines"]) == lines
    assert skipped["changedCount"] == (2 if path == "ranges" else 1)
    assert bank.server.differences() == []


def test_bad_lines_of_a_csv_are_refused_or_skipped(bank: Inventory) -> None:
    text = "number\nnonsense\n+14185550200\n"
    before = dump(bank.server)
    refused = bank.mutate("addNumbers", LINES, add(bank, csv=text))
    assert dump(bank.server) == before
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID_INPUT"]
    assert refused["userErrors"][0]["path"] == ["input", "csv"]
    assert short(refused["lines"]) == BAD_LINES
    skipped = bank.mutate("addNumbers", LINES, add(bank, csv=text, onDuplicate="SKIP"))
    assert (skipped["changedCount"], skipped["skippedCount"], short(skipped["lines"])) == (1, 1, BAD_LINES)


def test_a_refusal_of_numbers_that_exist_names_the_first_and_counts_the_others(bank: Inventory) -> None:
    for numbers, more in ((["+14185550100"], ""), (["+14185550100", "+14185550101", "+14185550102"], " and 2 more")):
        error = bank.refused("addNumbers", LINES, add(bank, numbers=numbers))
        assert error["code"] == "ALREADY_EXISTS"
        assert "+14185550100" in error["message"]
        assert error["message"].endswith(f" exists already{more}. Nothing was added."), error["message"]


def test_every_invalid_number_of_a_list_is_reported(bank: Inventory) -> None:
    before = dump(bank.server)
    done = bank.mutate("addNumbers", LINES, add(bank, numbers=["nonsense", "+14185550200", "12"], onDuplicate="SKIP"))
    assert dump(bank.server) == before
    assert [(error["code"], error["path"]) for error in done["userErrors"]] == [
        ("INVALID_INPUT", ["input", "numbers", "0"]),
        ("INVALID_INPUT", ["input", "numbers", "2"]),
    ]


@pytest.mark.parametrize(
    ("span", "code", "path"),
    [
        (("+14185550201", "+14185550200"), "INVALID_INPUT", []),
        (("+14185550200", "+441632960000"), "INVALID_INPUT", []),
        (("+19999999990", "+20000000005"), "INVALID_INPUT", ["last"]),
        (("nonsense", "+14185550200"), "INVALID_INPUT", ["first"]),
        (("+14185550200", ""), "INVALID_INPUT", ["last"]),
        (("+14185000000", "+14185100000"), "LIMIT_EXCEEDED", []),
    ],
)
def test_an_invalid_range_is_refused(bank: Inventory, span: tuple[str, str], code: str, path: list[str]) -> None:
    good = {"first": "+14185550300", "last": "+14185550301"}
    wanted = add(bank, ranges=[good, {"first": span[0], "last": span[1]}])
    error = bank.refused("addNumbers", LINES, wanted)
    assert (error["code"], error["path"]) == (code, ["input", "ranges", "1", *path])


def test_more_numbers_than_the_operation_limit_are_refused(bank: Inventory) -> None:
    halves = [{"first": f"+1418{n}000000", "last": f"+1418{n}050000"} for n in (5, 6)]
    error = bank.refused("addNumbers", LINES, add(bank, ranges=halves))
    assert error["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("nothing", [{}, {"numbers": []}, {"ranges": [], "csv": ""}])
def test_adding_no_numbers_is_refused(bank: Inventory, nothing: dict[str, Any]) -> None:
    error = bank.refused("addNumbers", LINES, add(bank, **nothing))
    assert error["code"] == "INVALID_INPUT"


@pytest.mark.parametrize("header", ["number,status", "name,number", "number,Number", "series,organization,number"])
def test_csv_with_columns_that_would_be_dropped_is_refused(bank: Inventory, header: str) -> None:
    error = bank.refused("addNumbers", LINES, add(bank, csv=f"{header}\n+14185550300,+14185550300\n"))
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "csv"])


@pytest.mark.parametrize("text", ["x" * 140_000, '"' + "x\n" * 80_000, 'number\n"' + "+14185550200\n" * 12_000])
def test_unreadable_csv_is_refused_with_a_message(bank: Inventory, text: str) -> None:
    error = bank.refused("addNumbers", LINES, add(bank, csv=text))
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "csv"])


def test_a_dry_run_of_adding_changes_nothing(bank: Inventory) -> None:
    wanted = add(bank, numbers=["+14185550200", AVAILABLE], onDuplicate="SKIP")
    before = dump(bank.server)
    tried = bank.mutate("addNumbers", LINES, wanted | {"dryRun": True})
    assert dump(bank.server) == before
    done = bank.mutate("addNumbers", LINES, wanted)
    # Objects that do not exist yet cannot be returned.
    assert tried == done | {"operationId": None, "phoneNumbers": []}


def test_only_the_root_adds_and_retires_numbers(bank: Inventory) -> None:
    error = bank.refused("addNumbers", LINES, add(bank, numbers=["+14185550200"]), at="Bank/Sales")
    assert error["code"] == "FORBIDDEN"
    retire = {"numberIds": bank.numbers("+14185550105")}
    assert bank.refused("retireNumbers", RETIRED, retire, at="Bank/Sales")["code"] == "FORBIDDEN"


def test_a_retired_number_leaves_the_inventory_but_can_be_read(bank: Inventory) -> None:
    bank.server.advance(60)
    ids = bank.numbers(AVAILABLE)
    done = bank.mutate("retireNumbers", RETIRED, {"numberIds": ids})
    assert (done["changedCount"], done["retiredIds"], done["userErrors"]) == (1, ids, [])
    assert [organization["name"] for organization in done["organizations"]] == ["Bank"]
    shown = bank.show(AVAILABLE, "retiredAt availableActions history { nodes { action statusAfter } }")
    assert shown == {
        "retiredAt": "2026-11-21T09:01:00Z",
        "availableActions": [],
        "history": {
            "nodes": [
                {"action": "RETIRED", "statusAfter": None},
                {"action": "IMPORTED", "statusAfter": "AVAILABLE"},
            ]
        },
    }
    query = """query ($numbers: [E164!]) {
      phoneNumbers(filter: {numbers: $numbers}) { totalCount }
      organization { utilization { total } }
    }"""
    assert bank.ask(query, {"numbers": [AVAILABLE]}) == {
        "phoneNumbers": {"totalCount": 0},
        "organization": {"utilization": {"total": 5}},
    }
    assert bank.server.differences() == []


@pytest.mark.parametrize("number", ["+14185550102", "+14185550103", "+14185550104"])
def test_only_available_numbers_are_retired(shared_bank: Inventory, number: str) -> None:
    error = shared_bank.refused("retireNumbers", RETIRED, {"numberIds": shared_bank.numbers(AVAILABLE, number)})
    assert (error["code"], error["numbers"]) == ("INVALID_TRANSITION", [number])


def test_adding_a_retired_number_again_continues_its_history(bank: Inventory) -> None:
    ids = bank.numbers(AVAILABLE)
    bank.mutate("retireNumbers", RETIRED, {"numberIds": ids})
    again = add(bank, numbers=[AVAILABLE], organizationId=bank.organization("Bank/Sales"))
    done = bank.mutate("addNumbers", LINES, again)
    assert (done["changedCount"], done["lines"], done["userErrors"]) == (1, [], [])
    assert bank.numbers(AVAILABLE) == ids
    assert bank.show(AVAILABLE, "retiredAt status organization { name } availableActions") == {
        "retiredAt": None,
        "status": "AVAILABLE",
        "organization": {"name": "Sales"},
        "availableActions": ["MOVE", "RESERVE", "INVITE", "RETIRE"],
    }
    assert [event["action"] for event in bank.history(AVAILABLE)] == ["ADDED", "RETIRED", "IMPORTED"]
    assert bank.server.differences() == []


def test_the_planner_knows_of_many_new_numbers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it may join all of them as if there was one, until autovacuum has counted them."""
    if server.url.startswith("sqlite"):
        pytest.skip("SQLite plans joins without counting rows")
    monkeypatch.setattr("db.numbers.additions.MANY", 50)
    bank = Inventory(server, "Bank\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")
    numbers = [f"+1418556{number:04}" for number in range(100)]
    bank.mutate("addNumbers", "changedCount", {"seriesId": bank.series("+1 418"), "numbers": numbers})

    async def estimated() -> list[float]:
        sql = "SELECT reltuples FROM pg_class WHERE relname IN ('phone_numbers', 'number_events')"
        return [row[0] for row in await server.database.fetch(Statement(text(sql)))]

    assert server.run(estimated()) == [101, 101]
