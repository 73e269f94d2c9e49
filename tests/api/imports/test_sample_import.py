"""A realistic, messy import: GraphQL returns every count that an independent program expects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import Databases, by_default_on_postgresql
from tests.support.server import Server, opened

TESTS = Path(__file__).parents[2]
SHARED = TESTS.parent.parent / "shared" / "data"
OWN = TESTS / "support" / "sample"
FOLDER = SHARED if SHARED.is_dir() else OWN

EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
TOP = next(iter(EXPECTED["utilization"]))
FIGURES = (
    "available",
    "reserved",
    "assigned",
    "registered",
    "allocatedToSubOrganizations",
    "inUse",
    "total",
)


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8-sig")


@pytest.fixture(scope="module")
def imported(databases: Databases) -> Iterator[tuple[Server, str]]:
    with opened(databases) as server:
        organizations = server.import_organizations(read("organizations.csv"))
        assert (organizations.imported, organizations.lines) == (EXPECTED["organizations"], [])
        numbers = server.import_numbers(read("numbers.csv"), region="US", skip=True)
        assert numbers.imported == EXPECTED["numbers"]
        assert [line.line for line in numbers.lines] == [bad["line"] for bad in EXPECTED["bad_lines"]]
        yield server, server.create_key(organization=TOP, role="VIEWER")


@by_default_on_postgresql
def test_bad_lines_stop_an_import_by_default(server: Server) -> None:
    server.import_organizations(read("organizations.csv"))
    report = server.import_numbers(read("numbers.csv"), region="US")
    assert report.imported == 0
    assert [line.line for line in report.lines] == [bad["line"] for bad in EXPECTED["bad_lines"]]
    token = server.create_key(organization=TOP, role="VIEWER")
    data = server.ask("{ phoneNumbers { totalCount } series { totalCount } }", token=token)
    assert data == {"phoneNumbers": {"totalCount": 0}, "series": {"totalCount": 0}}
    assert server.differences() == []


def test_the_check_finds_no_differences_after_the_import(imported: tuple[Server, str]) -> None:
    server, _ = imported
    assert server.differences() == []


def test_utilization_of_every_organization(imported: tuple[Server, str]) -> None:
    server, token = imported
    fields = " ".join(FIGURES)
    query = f"{{ organizations(first: 500) {{ nodes {{ name ancestors {{ name }} utilization {{ {fields} }} }} }} }}"
    nodes = server.ask(query, token=token)["organizations"]["nodes"]
    found = {"/".join(above["name"] for above in [*node["ancestors"], node]): node["utilization"] for node in nodes}
    assert found == EXPECTED["utilization"]


@pytest.mark.parametrize("text", list(EXPECTED["search"]))
def test_search_finds_the_expected_numbers_in_order(imported: tuple[Server, str], text: str) -> None:
    server, token = imported
    expected = EXPECTED["search"][text]
    query = """query ($text: String, $first: Int) {
      phoneNumbers(filter: {text: $text}, first: $first) { totalCount nodes { number } }
    }"""
    variables = {"text": text, "first": len(expected["first"])}
    found = server.ask(query, variables, token=token)["phoneNumbers"]
    assert found["totalCount"] == expected["count"]
    assert [node["number"] for node in found["nodes"]] == expected["first"]


def test_counts_by_status_and_by_series(imported: tuple[Server, str]) -> None:
    server, token = imported
    query = """{ phoneNumbers {
      totalCount statusCounts { status count } seriesCounts { series { name } count }
    } }"""
    found = server.ask(query, token=token)["phoneNumbers"]
    assert found["totalCount"] == EXPECTED["numbers"]
    assert {row["status"]: row["count"] for row in found["statusCounts"]} == EXPECTED["by_status"]
    assert {row["series"]["name"]: row["count"] for row in found["seriesCounts"]} == EXPECTED["by_series"]


def test_first_and_last_hundred_numbers(imported: tuple[Server, str]) -> None:
    server, token = imported
    query = """{
      low: phoneNumbers(first: 100) { nodes { number } }
      high: phoneNumbers(last: 100) { nodes { number } }
    }"""
    found = server.ask(query, token=token)
    assert [node["number"] for node in found["low"]["nodes"]] == EXPECTED["all_first_100"]
    assert [node["number"] for node in found["high"]["nodes"]] == EXPECTED["all_last_100"]
