"""A bank in four time zones, with users, and what is needed to record usage and read a dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

TREE = """\
Bank,America/New_York,
Bank/Sales,Asia/Kolkata,
Bank/Sales/Desk,Europe/London,
Bank/Retail,Pacific/Auckland,
Bank/Empty,UTC,
"""
NUMBERS = """\
+14185550100,+1 418,Bank,IN_USE,,Ada,Ling,ada@bank.test
+14185550110,+1 418,Bank/Sales,IN_USE,,Bo,Rask,bo@bank.test
+14185550111,+1 418,Bank/Sales,AVAILABLE,,,,
+14185550120,+1 418,Bank/Sales/Desk,IN_USE,,Cy,Dean,cy@bank.test
+14185550130,+1 418,Bank/Retail,AVAILABLE,,,,
+14185550131,+1 418,Bank/Retail,ASSIGNED,,Di,Eck,di@bank.test
"""
RECORDED = "recordedCount repeatedCount userErrors { code message path numbers }"
FIGURES = "newUsers activeUsers voiceMinutes messages dataMegabytes totalVoiceMinutes totalMessages totalDataMegabytes"
ZERO = dict.fromkeys(FIGURES.split()[2:], 0)


class Bank(Inventory):
    """A bank with helpers to record usage and read dashboards."""

    def record(self, *records: dict[str, Any], **caller: Any) -> Any:
        return self.mutate("recordUsage", RECORDED, {"records": list(records)}, **caller)

    def recorded(self, *records: dict[str, Any]) -> None:
        """Record usage; all records must be new and valid."""
        assert self.record(*records) == {"recordedCount": len(records), "repeatedCount": 0, "userErrors": []}

    def dashboard(self, path: str = "Bank", fields: str = f"currentCycle {{ {FIGURES} }}", **variables: Any) -> Any:
        query = f"query ($id: ID) {{ organization(id: $id) {{ dashboard {{ {fields} }} }} }}"
        return self.ask(query, {"id": self.organization(path), **variables})["organization"]["dashboard"]

    def used(self, path: str = "Bank", cycle: str = "currentCycle") -> dict[str, float]:
        """The figures that are not zero."""
        found = self.dashboard(path, f"{cycle} {{ {FIGURES} }}")[cycle]
        return {name: value for name, value in found.items() if value and name in ZERO}

    def days(self, path: str = "Bank", kind: str = "VOICE", cycle: str = "currentCycle") -> dict[str, float]:
        """The days of a graph that are not zero."""
        points = self.dashboard(path, f"{cycle} {{ daily(kind: {kind}) {{ date value }} }}")[cycle]["daily"]
        return {point["date"]: point["value"] for point in points if point["value"]}


def call(record_id: str, number: str, at: str, *, seconds: int = 60, billable: bool = True) -> dict[str, Any]:
    """A record of voice."""
    return {
        "recordId": record_id,
        "number": number,
        "kind": "VOICE",
        "direction": "OUTGOING",
        "quantity": seconds,
        "billable": billable,
        "at": at,
    }


@pytest.fixture
def bank(server: Server) -> Bank:
    return Bank(server, TREE, NUMBERS)


@pytest.fixture(scope="module")
def shared_bank(databases: Databases) -> Iterator[Bank]:
    """One bank for the tests of a module that change nothing."""
    with opened(databases) as server:
        yield Bank(server, TREE, NUMBERS)
