"""The usage of the sample: dashboards show every monthly total that an independent program expects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.api.imports.test_sample_import import EXPECTED, TOP, read
from tests.support.databases import Databases, by_default_on_postgresql
from tests.support.server import Server, opened

KINDS = {"VOICE": ("voiceMinutes", 60), "MESSAGE": ("messages", 1), "DATA": ("dataMegabytes", 1_000_000)}
FIGURES = "voiceMinutes messages dataMegabytes"

pytestmark = by_default_on_postgresql


@pytest.fixture(scope="module")
def imported(databases: Databases) -> Iterator[tuple[Server, str]]:
    with opened(databases) as server:
        server.import_organizations(read("organizations.csv"))
        server.import_numbers(read("numbers.csv"), region="US", skip=True)
        report = server.import_usage(read("usage.csv"))
        lines = read("usage.csv").splitlines()[1:]
        assert (report.imported, report.lines) == (EXPECTED["usage_distinct"], [])
        assert report.repeated == len(lines) - EXPECTED["usage_distinct"]
        yield server, server.create_key(organization=TOP, role="OWNER")


def shown(server: Server, token: str, month: str) -> dict[str, float]:
    """The figures of the root's cycle that a month is."""
    year, number = map(int, month.split("-"))
    server.clock.now = datetime(year, number, 15, tzinfo=UTC)
    query = f"{{ organization {{ dashboard {{ currentCycle {{ {FIGURES} }} }} }} }}"
    found: dict[str, float] = server.ask(query, token=token)["organization"]["dashboard"]["currentCycle"]
    return found


def expected(by_kind: dict[str, int]) -> dict[str, float]:
    return {name: by_kind.get(kind, 0) / unit for kind, (name, unit) in KINDS.items()}


def set_zone(server: Server, token: str, zone: str) -> None:
    root = server.ask("{ organization { id } }", token=token)["organization"]["id"]
    query = """mutation ($id: ID!, $zone: String!) {
      updateOrganization(input: {organizationId: $id, timeZone: $zone}) {
        organization { timeZone } userErrors { code }
      }
    }"""
    found = server.ask(query, {"id": root, "zone": zone}, token=token)["updateOrganization"]
    assert found == {"organization": {"timeZone": zone}, "userErrors": []}


def test_monthly_totals_in_the_roots_zone_and_in_utc(imported: tuple[Server, str]) -> None:
    server, token = imported
    assert server.ask("{ organization { timeZone } }", token=token)["organization"]["timeZone"] == EXPECTED["root_zone"]
    for month, by_kind in EXPECTED["usage_billable_by_month_in_root_zone"].items():
        assert shown(server, token, month) == expected(by_kind), month
    set_zone(server, token, "UTC")
    for month, by_kind in EXPECTED["usage_billable_by_month_utc"].items():
        assert shown(server, token, month) == expected(by_kind), month
    set_zone(server, token, EXPECTED["root_zone"])
    assert server.differences() == []


def test_importing_usage_again_changes_nothing(imported: tuple[Server, str]) -> None:
    server, token = imported
    query = f"{{ organization {{ dashboard {{ allTime {{ {FIGURES} }} }} }} }}"
    before = server.ask(query, token=token)
    report = server.import_usage(read("usage.csv"))
    assert (report.imported, report.repeated, report.lines) == (0, len(read("usage.csv").splitlines()) - 1, [])
    assert server.ask(query, token=token) == before


def test_every_organization_counts_the_usage_of_its_subtree_in_its_own_time_zone(imported: tuple[Server, str]) -> None:
    server, token = imported
    paths, holders = tree(server, token)
    facts = list(records())
    server.clock.now = datetime(2026, 11, 15, tzinfo=UTC)
    query = """{ organizations(first: 500) { nodes { id dashboard {
      pastCycle { daily(kind: VOICE) { date value } } } } } }"""
    for node in server.ask(query, token=token)["organizations"]["nodes"]:
        path, zone = paths[node["id"]]
        seconds: dict[str, int] = {}
        for number, kind, quantity, billable, at in facts:
            if kind == "VOICE" and billable and (holders[number] + "/").startswith(path + "/"):
                day = at.astimezone(ZoneInfo(zone)).date().isoformat()
                seconds[day] = seconds.get(day, 0) + quantity
        points = node["dashboard"]["pastCycle"]["daily"]
        assert [point["date"] for point in points] == [f"2026-10-{day:02}" for day in range(1, 32)]
        assert [point["value"] for point in points] == [seconds.get(point["date"], 0) / 60 for point in points], path


def tree(server: Server, token: str) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """The path and the zone of every organization by its id, and the path of the holder of every number."""
    query = "{ organizations(first: 500) { nodes { id timeZone name ancestors { name } } } }"
    paths = {
        node["id"]: ("/".join(f"{len(o['name'])}{o['name']}" for o in [*node["ancestors"], node]), node["timeZone"])
        for node in server.ask(query, token=token)["organizations"]["nodes"]
    }
    holders: dict[str, str] = {}
    after = None
    while True:
        query = """query ($after: String) { phoneNumbers(first: 500, after: $after) {
          nodes { number organization { id } } pageInfo { endCursor hasNextPage } } }"""
        page = server.ask(query, {"after": after}, token=token)["phoneNumbers"]
        holders |= {node["number"]: paths[node["organization"]["id"]][0] for node in page["nodes"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return paths, holders


def records() -> Iterator[tuple[str, str, int, bool, datetime]]:
    """Each record of the file once: number, kind, quantity, billable, moment."""
    seen: set[str] = set()
    for row in csv.DictReader(io.StringIO(read("usage.csv"))):
        if row["record_id"] not in seen:
            seen.add(row["record_id"])
            number = "+" + "".join(filter(str.isdigit, row["number"]))
            billable = row["billable"].lower() in {"true", "1", ""}
            yield number, row["kind"].upper(), int(row["quantity"]), billable, datetime.fromisoformat(row["at"])


def usage_csv(**change: Any) -> str:
    row = {
        "record_id": "1",
        "number": "+14185550110",
        "kind": "VOICE",
        "direction": "",
        "quantity": "60",
        "billable": "true",
        "at": "2026-11-21T09:00:00Z",
    } | change
    return f"{','.join(row)}\n{','.join(row.values())}\n"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "FAX"}, "INVALID_INPUT"),
        ({"direction": "UP"}, "INVALID_INPUT"),
        ({"quantity": "-1"}, "INVALID_INPUT"),
        ({"quantity": "1.5"}, "INVALID_INPUT"),
        ({"quantity": ""}, "INVALID_INPUT"),
        ({"quantity": "9" * 30}, "INVALID_INPUT"),
        ({"billable": "maybe"}, "INVALID_INPUT"),
        ({"at": "2026-11-21T09:00:00"}, "INVALID_INPUT"),
        ({"at": "yesterday"}, "INVALID_INPUT"),
        ({"number": "12ab"}, "INVALID_INPUT"),
        ({"number": "+14185559999"}, "NOT_FOUND"),
        ({"record_id": " "}, "INVALID_INPUT"),
    ],
)
def test_a_bad_line_is_reported_and_nothing_is_loaded(server: Server, change: dict[str, str], code: str) -> None:
    server.import_organizations("path\nBank\n")
    header = "number,series,organization,status,reserved_tag,first_name,last_name,email\n"
    server.import_numbers(header + "+14185550110,+1 418,Bank,AVAILABLE,,,,\n")
    good = usage_csv().splitlines()[1].replace("1,", "good,", 1) + "\n"
    text = usage_csv(**change) + good
    refused = server.import_usage(text)
    assert (refused.imported, [(line.line, line.code.value) for line in refused.lines]) == (0, [(2, code)])
    skipped = server.import_usage(text, skip=True)
    assert (skipped.imported, len(skipped.lines)) == (1, 1)
    assert server.import_usage(text, skip=True).repeated == 1
    assert server.differences() == []
