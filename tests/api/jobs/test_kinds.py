"""A job of each kind does what the mutation does at once: the same answer, the same rows, the same mail."""

from __future__ import annotations

from typing import Any

from tests.api.jobs.actions import report, run
from tests.api.numbers.conftest import NUMBERS, TREE
from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import opened

RANDOM = {"jobs", "job_signals", "api_keys", "secrets", "outbox", "users", "limit_counters"}
ADDED_ROWS = "number\n+14185550200\n+14185550100\nnonsense\n+14185550201\n"
USERS = (
    "first_name,last_name,email,reserved_tag\nEve,Lund,eve@bank.test,\nNo,Mail,,\nFay,Ober,fay@bank.test,front desk\n"
)
CHANGED = "changedCount operationId organizations { name } userErrors { code message path numbers numberCount }"
INVITED = "invitedCount operationId organizations { name } userErrors { code message path numbers numberCount }"


def steps(bank: Inventory) -> list[tuple[str, str, dict[str, Any]]]:
    """The changes that are made one after another."""
    series = bank.ask("{ series { nodes { id } } }")["series"]["nodes"][0]["id"]
    sales, retail = bank.organization("Bank/Sales"), bank.organization("Bank/Retail")
    available = bank.numbers("+14185550100", "+14185550101")
    return [
        ("moveNumbers", "MOVE", {"numberIds": bank.numbers("+14185550103"), "organizationId": retail}),
        ("reserveNumbers", "RESERVE", {"numberIds": available, "tag": " front desk "}),
        ("unreserveNumbers", "UNRESERVE", {"filter": {"tag": "hotline"}, "expectedCount": 1}),
        ("moveNumbers", "MOVE", {"filter": {"statuses": ["IN_USE"]}, "organizationId": retail}),
        ("allocateNumbers", "ALLOCATE", {"seriesId": series, "quantity": 1, "toOrganizationId": sales}),
        ("withdrawNumbers", "WITHDRAW", {"seriesId": series, "quantity": 2, "organizationId": sales}),
        ("allocateNumbers", "ALLOCATE", {"seriesId": series, "quantity": 50, "toOrganizationId": sales}),
        ("addNumbers", "ADD_NUMBERS", {"seriesId": series, "csv": ADDED_ROWS, "onDuplicate": "SKIP"}),
        ("addNumbers", "ADD_NUMBERS", {"seriesId": series, "csv": ADDED_ROWS}),
        ("retireNumbers", "RETIRE", {"filter": {"numbers": ["+14185550201"]}}),
        ("inviteUsers", "INVITE_USERS", {"csv": USERS, "onError": "SKIP"}),
    ]


def test_a_job_answers_and_changes_what_the_mutation_does(databases: Databases) -> None:
    with opened(databases) as first, opened(databases) as second:
        at_once, by_job = (Inventory(server, TREE, NUMBERS) for server in (first, second))
        jobs = []
        for (name, kind, values), (_, _, same) in zip(steps(at_once), steps(by_job), strict=True):
            answer = at_once.mutate(name, INVITED if name == "inviteUsers" else CHANGED, values)
            job = run(by_job, name, same)
            errors = [{key: error[key] for key in answer["userErrors"][0]} for error in job["errors"]]
            found = [job["changedCount"], job["operationId"], job["organizations"], errors]
            assert found == list(answer.values()), (name, job)
            assert (job["kind"], job["state"]) == (kind, "FAILED" if errors else "SUCCEEDED")
            assert errors or (job["done"], job["percent"]) == (job["total"], 100)
            jobs.append(job)
        ours, theirs = dump(first), dump(second)
        for name in ours.keys() - RANDOM:
            assert ours[name] == theirs[name], name
        assert [row[5:8] for row in ours["outbox"]] == [row[5:8] for row in theirs["outbox"]] != []
        assert len(theirs["users"]) == len(ours["users"]) == 4
        assert second.differences() == []
        check_reports(by_job, jobs)


def check_reports(bank: Inventory, jobs: list[Any]) -> None:
    reports = [report(bank, job) for job in jobs]
    assert {lines[0] for lines in reports} == {
        "Line,Item,Result,Message,Status Before,Status After,Reserved Tag Before,Reserved Tag After,"
        "Organization Before,Organization After".replace(",", '","').join('""')
    }
    before_and_after = [line.split(",", 4) for lines in reports[1:4] for line in lines[1:]]
    assert [(line[1], line[2], line[4]) for line in before_and_after] == [
        ('"+14185550100"', '"CHANGED"', '"Available","Reserved","","front desk","Bank","Bank"'),
        ('"+14185550101"', '"CHANGED"', '"Available","Reserved","","front desk","Bank","Bank"'),
        ('"+14185550102"', '"CHANGED"', '"Reserved","Available","hotline","","Bank","Bank"'),
        ('"+14185550104"', '"CHANGED"', '"In Use","In Use","","","Bank","Retail"'),
    ]
    assert [[line.split(",")[:3] for line in lines[1:]] for lines in (reports[0], *reports[6:9], reports[10])] == [
        [["", '"+14185550103"', '"INVALID_TRANSITION"']],
        [["", '""', '"INSUFFICIENT_NUMBERS"']],
        [
            ["3", '"+14185550100"', '"ALREADY_EXISTS"'],
            ["4", '"nonsense"', '"INVALID_INPUT"'],
            ["", '"+14185550200"', '"CHANGED"'],
            ["", '"+14185550201"', '"CHANGED"'],
        ],
        [
            ["2", '"+14185550200"', '"ALREADY_EXISTS"'],
            ["3", '"+14185550100"', '"ALREADY_EXISTS"'],
            ["4", '"nonsense"', '"INVALID_INPUT"'],
            ["5", '"+14185550201"', '"ALREADY_EXISTS"'],
        ],
        [
            ["2", '"eve@bank.test"', '"INVITED"'],
            ["3", '""', '"INVALID_INPUT"'],
            ["4", '"fay@bank.test"', '"INVITED"'],
        ],
    ]
