"""After any sequence of changes, the roll-ups match totals computed directly from the records."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from db.core.statements import Statement
from db.core.tables import DailyTotalRow, columns, table
from tests.api.usage.conftest import NUMBERS, TREE, Bank, call
from tests.support.databases import Databases
from tests.support.server import Server, opened

NUMBERS_USED = ("+14185550100", "+14185550110", "+14185550111", "+14185550120", "+14185550130", "+14185550131")
MOVABLE = ("+14185550110", "+14185550111", "+14185550130")
ZONES = ("America/New_York", "Asia/Kolkata", "Europe/London", "Pacific/Auckland", "America/St_Johns", "Asia/Kathmandu")
START = datetime(2026, 11, 21, 9, tzinfo=UTC)
STEPS = ("record", "record", "record", "repeat", "move number", "move organization", "change zone", "delete")


@dataclass
class Model:
    """Who is below whom, who held what from when on, and every record: nothing is added up."""

    parents: dict[str, str | None]
    zones: dict[str, str]
    holders: dict[str, list[tuple[datetime, str]]]
    gone: set[str] = field(default_factory=set)
    records: list[tuple[str, datetime, int, bool]] = field(default_factory=list)

    def above(self, name: str) -> Iterator[str]:
        at: str | None = name
        while at is not None:
            yield at
            at = self.parents[at]

    def holder(self, number: str, moment: datetime) -> str:
        known = self.holders[number]
        return next((name for since, name in reversed(known) if since <= moment), known[0][1])

    def days(self, name: str) -> dict[str, float]:
        """Billable minutes by local day."""
        found: Counter[str] = Counter()
        for number, moment, seconds, billable in self.records:
            if billable and name in self.above(self.holder(number, moment)):
                found[moment.astimezone(ZoneInfo(self.zones[name])).date().isoformat()] += seconds
        return {day: seconds / 60 for day, seconds in found.items() if seconds}

    def total(self, name: str) -> float:
        return sum(
            seconds / 60
            for number, moment, seconds, _ in self.records
            if name in self.above(self.holder(number, moment))
        )


def model() -> Model:
    paths = {line.split(",")[0]: line.split(",")[1] for line in TREE.splitlines()}
    names = {path: path.rpartition("/")[2] for path in paths}
    rows = [line.split(",") for line in NUMBERS.splitlines()]
    return Model(
        parents={names[path]: path.rpartition("/")[0].rpartition("/")[2] or None for path in paths},
        zones={names[path]: zone for path, zone in paths.items()},
        holders={row[0]: [(START, names[row[2]])] for row in rows},
    )


class Life:
    """A bank and its model, to which the same things happen."""

    def __init__(self, server: Server, seed: int) -> None:
        self.bank = Bank(server, TREE, NUMBERS)
        self.model = model()
        self.rng = random.Random(seed)  # noqa: S311 - the same life every time
        nodes = self.bank.ask("{ organizations { nodes { id name } } }")["organizations"]["nodes"]
        self.ids: dict[str, str] = {node["name"]: node["id"] for node in nodes}
        self.sent: list[dict[str, Any]] = []

    def step(self, what: str) -> None:
        self.bank.server.advance(self.rng.randrange(3600))
        {
            "record": self.record,
            "repeat": self.repeat,
            "move number": self.move_number,
            "move organization": self.move_organization,
            "change zone": self.change_zone,
            "delete": self.delete,
        }[what]()

    def record(self) -> None:
        """Some records of now, and some that come late, up to two months."""
        records: list[dict[str, Any]] = []
        for _ in range(self.rng.randrange(1, 6)):
            late = timedelta(seconds=self.rng.choice([0, 60, 3600, 86_400, 60 * 86_400]) * self.rng.random())
            moment = (self.bank.server.clock.now - late).replace(microsecond=0)
            number = self.rng.choice(NUMBERS_USED)
            seconds, billable = self.rng.randrange(0, 600) * 60, self.rng.random() < 0.7
            record_id = str(len(self.sent) + len(records))
            records.append(call(record_id, number, moment.isoformat(), seconds=seconds, billable=billable))
            self.model.records.append((number, moment, seconds, billable))
        self.sent += records
        self.bank.recorded(*records)

    def repeat(self) -> None:
        again = self.rng.sample(self.sent, min(len(self.sent), 5))
        answer = self.bank.record(*again)
        assert answer == {"recordedCount": 0, "repeatedCount": len(again), "userErrors": []}

    def move_number(self) -> None:
        number, target = self.rng.choice(MOVABLE), self._anybody()
        self._done("moveNumbers", numberIds=[self.bank.number(number)], organizationId=self.ids[target])
        if self.model.holders[number][-1][1] != target:
            self.model.holders[number].append((self.bank.server.clock.now, target))

    def move_organization(self) -> None:
        moved, target = self._anybody(), self._anybody()
        siblings = {name for name, parent in self.model.parents.items() if parent == target}
        if moved != "Bank" and moved not in set(self.model.above(target)) and moved not in siblings:
            self._done("moveOrganization", organizationId=self.ids[moved], parentId=self.ids[target])
            self.model.parents[moved] = target

    def change_zone(self) -> None:
        name, zone = self._anybody(), self.rng.choice(ZONES)
        self._done("updateOrganization", organizationId=self.ids[name], timeZone=zone)
        self.model.zones[name] = zone

    def delete(self) -> None:
        """Empty goes, if nobody who has users hangs below it; its numbers go to its parent."""
        below = {name for name in self.model.parents if "Empty" in self.model.above(name)}
        if "Empty" not in self.model.gone and below == {"Empty"} and not self._has_users("Empty"):
            self._done("deleteOrganization", organizationId=self.ids["Empty"])
            self.model.gone.add("Empty")
            for known in self.model.holders.values():
                if known[-1][1] == "Empty":
                    known.append((self.bank.server.clock.now, self.model.parents["Empty"] or ""))

    def _has_users(self, name: str) -> bool:
        return self.model.holders["+14185550110"][-1][1] == name

    def _anybody(self) -> str:
        return self.rng.choice(sorted(self.ids.keys() - self.model.gone))

    def _done(self, mutation: str, **values: Any) -> None:
        assert self.bank.mutate(mutation, "userErrors { code message }", values)["userErrors"] == []

    def agrees(self) -> None:
        assert self.bank.server.differences() == []
        query = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Organization { name dashboard {
          currentCycle { daily(kind: VOICE) { date value } }
          pastCycle { daily(kind: VOICE) { date value } }
          allTime { totalVoiceMinutes }
        } } } }"""
        names = sorted(self.ids.keys() - self.model.gone)
        for node in self.bank.ask(query, {"ids": [self.ids[name] for name in names]})["nodes"]:
            board = node["dashboard"]
            shown = [*board["pastCycle"]["daily"], *board["currentCycle"]["daily"]]
            dates = {point["date"] for point in shown}
            expected = {day: value for day, value in self.model.days(node["name"]).items() if day in dates}
            assert {point["date"]: point["value"] for point in shown if point["value"]} == expected, node["name"]
            assert board["allTime"]["totalVoiceMinutes"] == pytest.approx(self.model.total(node["name"]))


@contextmanager
def a_life(databases: Databases, seed: int) -> Iterator[Life]:
    with opened(databases) as server:
        yield Life(server, seed)


@settings(max_examples=12)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(STEPS), min_size=5, max_size=25))
def test_roll_ups_match_the_usage_records(databases: Databases, seed: int, steps: list[str]) -> None:
    with a_life(databases, seed) as life:
        for step in steps:
            life.step(step)
        life.agrees()


def test_the_check_finds_a_wrong_roll_up(server: Server) -> None:
    bank = Bank(server, TREE, NUMBERS)
    bank.recorded(call("1", "+14185550110", "2026-11-21T09:00:00Z"))
    assert server.differences() == []
    server.fold()
    _spoil(server)
    found = server.differences()
    assert len(found) == 1
    assert "VOICE, day 20778: billable and total are [61, 60], counted [60, 60]" in found[0]


def _spoil(server: Server) -> None:
    of = columns(DailyTotalRow)
    spoil = Statement(
        update(table(DailyTotalRow)).where(of.organization_id == 1, of.figure == 0).values(billable=of.billable + 1)
    )

    async def write() -> None:
        async with server.database.write() as connection:
            assert await connection.execute(spoil) == 1

    server.run(write())
