"""The report of all numbers is imported again and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import opened

ORGANIZATIONS = ["Acme", "Acme/=Sales", '"Acme/a ""b"", \\/c"', "Acme/=Sales/'+Desk"]
TREE = "".join(f"{path},,\n" for path in ORGANIZATIONS)
TAGS = ["=1+1", "'=1+1", "''tis", "-hold-", "+1 418", "'+1 418", '"a ""b"", c"', "@x", "007", "日本 東京", "TRUE"]
COUNT = 3_000
STATUSES = ["AVAILABLE", "RESERVED", "IN_USE", "ASSIGNED"]


def row(at: int) -> str:
    status = STATUSES[at % 4]
    tag = TAGS[at % len(TAGS)] if status == "RESERVED" else ""
    user = f"Ann,Lee,u{at}@acme.example" if at % 4 > 1 else ",,"
    return f"+1418555{at:04},+1 418-{at % 3},{ORGANIZATIONS[at // 4 % 4]},{status},{tag},{user}\n"


@pytest.fixture(scope="module")
def acme(databases: Databases) -> Iterator[Inventory]:
    with opened(databases) as server:
        yield Inventory(server, TREE, "".join(map(row, range(COUNT))))


def report_of(acme: Inventory) -> str:
    url = acme.ask("{ phoneNumbersReport(orderBy: {field: RESERVED_TAG}) { url } }")["phoneNumbersReport"]["url"]
    return acme.server.run(acme.server.client.get(url)).text


def test_a_report_that_is_imported_again_changes_nothing(acme: Inventory) -> None:
    text = report_of(acme)
    before = dump(acme.server)
    report = acme.server.import_numbers(text)
    assert (report.imported, report.unchanged, report.lines) == (0, COUNT, [])
    assert dump(acme.server) == before


def test_a_report_after_changes_names_what_differs(acme: Inventory) -> None:
    text = report_of(acme)
    selection = 'filter: {statuses: [AVAILABLE]}, tag: "later"'
    done = acme.ask(f"mutation {{ reserveNumbers(input: {{{selection}}}) {{ changedCount }} }}")
    changed = done["reserveNumbers"]["changedCount"]
    before = dump(acme.server)
    report = acme.server.import_numbers(text)
    assert (report.imported, report.unchanged, len(report.lines), changed) == (0, 0, COUNT // 4, COUNT // 4)
    differs = " status is RESERVED there and AVAILABLE here; reserved_tag is 'later' there and none here."
    assert {(line.column, line.value, line.message.partition(":")[2]) for line in report.lines} == {
        ("status", "Available", differs)
    }
    skipped = acme.server.import_numbers(text, skip=True)
    assert (skipped.imported, skipped.unchanged) == (0, COUNT - changed)
    assert dump(acme.server) == before
