"""The dashboard: cycles in the organization's time zone, days without usage, headings, users, and moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from db.core.database import DatabaseConnection
from db.usage import queries
from db.usage.queries import DailyTotals
from tests.api.usage.conftest import FIGURES, Bank, call
from tests.support.waiting import PATIENCE

ADA, BO, CY, RETAIL = "+14185550100", "+14185550110", "+14185550120", "+14185550130"
CYCLE = "start end heading(kind: VOICE) daily(kind: VOICE) { date value }"


def at(bank: Bank, moment: str) -> None:
    bank.server.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_dashboard_without_usage_has_a_zero_for_every_day(bank: Bank) -> None:
    fields = f"currentCycle {{ {CYCLE} {FIGURES} }} pastCycle {{ {CYCLE} }} allTime {{ {FIGURES} }}"
    found = bank.dashboard("Bank/Empty", fields)
    assert found["allTime"] == dict.fromkeys(FIGURES.split(), 0)
    current, past = found["currentCycle"], found["pastCycle"]
    assert (current["start"], current["end"]) == ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
    assert (past["start"], past["end"]) == ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")
    assert current["daily"] == [{"date": f"2026-11-{day:02}", "value": 0} for day in range(1, 22)]
    assert past["daily"] == [{"date": f"2026-10-{day:02}", "value": 0} for day in range(1, 32)]


@pytest.mark.parametrize(
    ("kind", "noun"), [("VOICE", "Voice"), ("MESSAGE", "Message"), ("DATA", "Data")], ids=str.casefold
)
def test_graph_headings_match_the_portal(bank: Bank, kind: str, noun: str) -> None:
    found = bank.dashboard("Bank", f"currentCycle {{ heading(kind: {kind}) }} pastCycle {{ heading(kind: {kind}) }}")
    assert found["currentCycle"]["heading"] == f"{noun} Usage for The Current Cycle"
    assert found["pastCycle"]["heading"] == f"{noun} Usage for The Past Cycle"


def test_the_current_cycle_ends_today_in_the_organizations_time_zone(bank: Bank) -> None:
    last = "currentCycle { daily(kind: DATA) { date } } pastCycle { daily(kind: DATA) { date } }"

    def ends(path: str) -> tuple[str, ...]:
        found = bank.dashboard(path, last)
        return tuple(found[cycle]["daily"][-1]["date"] for cycle in ("currentCycle", "pastCycle"))

    at(bank, "2026-11-30T12:00:00")
    places = ("Bank", "Bank/Empty", "Bank/Sales", "Bank/Retail")
    assert [ends(path) for path in places] == [("2026-11-30", "2026-10-31")] * 3 + [("2026-12-01", "2026-11-30")]
    at(bank, "2026-11-09T03:00:00")
    assert [ends(path)[0] for path in places] == ["2026-11-08", "2026-11-09", "2026-11-09", "2026-11-09"]


def test_each_organization_counts_days_in_its_own_time_zone(bank: Bank) -> None:
    # Half past eleven in the evening of 31 October in New York; the next morning in Kolkata.
    bank.recorded(call("1", BO, "2026-11-01T03:30:00Z"), call("2", BO, "2026-11-30T18:29:59Z", seconds=120))
    at(bank, "2026-12-01T06:00:00")
    assert bank.days("Bank/Sales", cycle="pastCycle") == {"2026-11-01": 1, "2026-11-30": 2}
    assert bank.days("Bank", cycle="pastCycle") == {"2026-11-30": 2}
    bank.recorded(call("3", BO, "2026-11-30T18:30:00Z", seconds=240))
    assert bank.days("Bank/Sales", cycle="currentCycle") == {"2026-12-01": 4}
    assert bank.days("Bank", cycle="pastCycle") == {"2026-11-30": 6}
    assert bank.server.differences() == []


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Bank/Empty", "2026-11-30T23:59:59", "2026-12-01T00:00:00"),
        ("Bank", "2026-12-01T04:59:59", "2026-12-01T05:00:00"),
        ("Bank/Sales", "2026-11-30T18:29:59", "2026-11-30T18:30:00"),
        ("Bank/Retail", "2026-11-30T10:59:59", "2026-11-30T11:00:00"),
    ],
)
def test_a_cycle_begins_at_midnight_in_its_time_zone(bank: Bank, path: str, before: str, after: str) -> None:
    fields = "currentCycle { start end } pastCycle { end }"
    at(bank, before)
    november = bank.dashboard(path, fields)
    assert november["currentCycle"]["end"] == f"{after}Z"
    at(bank, after)
    december = bank.dashboard(path, fields)
    assert december["currentCycle"]["start"] == december["pastCycle"]["end"] == f"{after}Z"


def test_days_of_clock_changes_have_23_and_25_hours(bank: Bank) -> None:
    hours = [call(str(n), ADA, f"2026-11-01T{n:02}:30:00Z") for n in range(24)]
    hours += [call(f"next {n}", ADA, f"2026-11-02T{n:02}:30:00Z") for n in range(24)]
    bank.recorded(*hours)
    # New York's first of November has 25 hours: from 04:00 to 05:00 of the next day in UTC.
    assert bank.days("Bank") == {"2026-11-01": 25, "2026-11-02": 19}
    at(bank, "2026-04-15T00:00:00")
    bank.recorded(*(call(f"march {n}", ADA, f"2026-03-{8 + n // 24:02}T{n % 24:02}:30:00Z") for n in range(48)))
    assert bank.days("Bank", cycle="pastCycle") == {"2026-03-07": 5, "2026-03-08": 23, "2026-03-09": 20}


def test_totals_of_past_cycle_and_all_time(bank: Bank) -> None:
    bank.recorded(
        call("1", CY, "2026-11-02T12:00:00Z"),
        call("2", CY, "2026-10-02T12:00:00Z", seconds=120),
        call("3", CY, "2026-09-02T12:00:00Z", seconds=240, billable=False),
    )
    for path in ("Bank", "Bank/Sales", "Bank/Sales/Desk"):
        assert bank.used(path, "currentCycle") == {"voiceMinutes": 1, "totalVoiceMinutes": 1}
        assert bank.used(path, "pastCycle") == {"voiceMinutes": 2, "totalVoiceMinutes": 2}
        assert bank.used(path, "allTime") == {"voiceMinutes": 3, "totalVoiceMinutes": 7}


def users(bank: Bank, path: str = "Bank") -> dict[str, tuple[int, int]]:
    """New and active users by time."""
    times = ("currentCycle", "pastCycle", "allTime")
    found = bank.dashboard(path, " ".join(f"{time} {{ newUsers activeUsers }}" for time in times))
    return {time: (found[time]["newUsers"], found[time]["activeUsers"]) for time in times}


def test_new_and_active_users(bank: Bank) -> None:
    assert users(bank) == {"currentCycle": (3, 3), "pastCycle": (0, 0), "allTime": (3, 3)}
    assert users(bank, "Bank/Sales") == {"currentCycle": (2, 2), "pastCycle": (0, 0), "allTime": (2, 2)}
    assert users(bank, "Bank/Retail") == {"currentCycle": (0, 0), "pastCycle": (0, 0), "allTime": (0, 0)}
    at(bank, "2026-12-05T12:00:00")
    bank.add("+14185550199,+1 418,Bank/Retail,IN_USE,,Eve,Fox,eve@bank.test\n")
    assert users(bank) == {"currentCycle": (1, 4), "pastCycle": (3, 3), "allTime": (4, 4)}
    at(bank, "2027-01-05T12:00:00")
    assert users(bank) == {"currentCycle": (0, 4), "pastCycle": (1, 4), "allTime": (4, 4)}
    assert bank.server.differences() == []


def test_a_moved_user_is_active_at_the_target_and_new_nowhere(bank: Bank) -> None:
    at(bank, "2026-12-05T12:00:00")
    target = bank.organization("Bank/Retail")
    bank.mutate("moveNumbers", "changedCount", {"numberIds": [bank.number(BO)], "organizationId": target})
    assert users(bank, "Bank/Retail") == {"currentCycle": (0, 1), "pastCycle": (0, 0), "allTime": (0, 1)}
    assert users(bank, "Bank/Sales") == {"currentCycle": (0, 1), "pastCycle": (2, 2), "allTime": (2, 1)}
    assert users(bank) == {"currentCycle": (0, 3), "pastCycle": (3, 3), "allTime": (3, 3)}
    assert bank.server.differences() == []


def test_moving_an_organization_moves_its_usage_and_users(bank: Bank) -> None:
    bank.recorded(
        call("1", CY, "2026-11-01T03:30:00Z"),
        call("2", CY, "2026-11-01T23:30:00Z", seconds=120),
        call("3", BO, "2026-11-10T12:00:00Z", seconds=240),
    )
    moved = bank.mutate(
        "moveOrganization",
        "userErrors { code }",
        {"organizationId": bank.organization("Bank/Sales/Desk"), "parentId": bank.organization("Bank/Retail")},
    )
    assert moved == {"userErrors": []}
    assert bank.days("Bank/Sales") == {"2026-11-10": 4}
    # By the days of Auckland, thirteen hours before UTC.
    assert bank.days("Bank/Retail") == {"2026-11-01": 1, "2026-11-02": 2}
    assert bank.days("Bank/Retail/Desk") == {"2026-11-01": 3}
    assert bank.days("Bank") == {"2026-11-01": 2, "2026-11-10": 4}
    assert users(bank, "Bank/Retail")["allTime"] == (1, 1)
    assert users(bank, "Bank/Sales")["allTime"] == (1, 1)
    bank.recorded(call("late", CY, "2026-11-01T12:00:00Z", seconds=480))
    assert bank.days("Bank/Retail") == {"2026-11-01": 1, "2026-11-02": 10}
    assert bank.server.differences() == []


def test_changing_the_time_zone_rebuilds_all_daily_totals(bank: Bank) -> None:
    bank.recorded(
        call("1", CY, "2026-10-31T12:30:00Z"),
        call("2", CY, "2026-11-01T23:30:00Z", seconds=120),
    )
    assert bank.days("Bank/Sales/Desk") == {"2026-11-01": 2}
    changed = bank.mutate(
        "updateOrganization",
        "organization { timeZone }",
        {"organizationId": bank.organization("Bank/Sales/Desk"), "timeZone": "Pacific/Auckland"},
    )
    assert changed == {"organization": {"timeZone": "Pacific/Auckland"}}
    assert bank.days("Bank/Sales/Desk") == {"2026-11-01": 1, "2026-11-02": 2}
    assert bank.days("Bank/Sales", cycle="pastCycle") == {"2026-10-31": 1}
    assert bank.server.differences() == []


def test_a_cycle_is_refetched_by_its_id(bank: Bank) -> None:
    bank.recorded(call("1", CY, "2026-11-02T12:00:00Z"))
    fields = "id currentCycle { id start voiceMinutes } pastCycle { id }"
    found = bank.dashboard("Bank/Sales", fields)
    query = f"""query ($dashboard: ID!, $cycle: ID!) {{
      dashboard: node(id: $dashboard) {{ ... on Dashboard {{ {fields} }} }}
      cycle: node(id: $cycle) {{ ... on CycleUsage {{ id start voiceMinutes heading(kind: DATA) }} }}
    }}"""
    variables = {"dashboard": found["id"], "cycle": found["currentCycle"]["id"]}
    again = bank.ask(query, variables)
    assert again["dashboard"] == found
    assert again["cycle"] == found["currentCycle"] | {"heading": "Data Usage for The Current Cycle"}
    at(bank, "2027-02-03T00:00:00")
    later = bank.ask(query, variables)["cycle"]
    assert later == found["currentCycle"] | {"heading": "Data Usage for The Cycle of November 2026"}


def test_many_dashboards_are_read_in_one_statement_per_month(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    original = queries.daily_totals

    async def daily(connection: DatabaseConnection, keys: Sequence[int], *, first: int) -> dict[int, DailyTotals]:
        read.append(len(keys))
        return await original(connection, keys, first=first)

    monkeypatch.setattr("resolvers.core.loaders.usage.daily_totals", daily)
    # An operation that pauses may read in two statements.
    monkeypatch.setattr("execution.pacing.PORTION_SECONDS", PATIENCE)
    fields = f"currentCycle {{ {FIGURES} }} pastCycle {{ {FIGURES} }}"
    bank.ask(f"{{ organizations {{ nodes {{ dashboard {{ {fields} }} }} }} }}")
    assert read == [5]


def test_a_dashboard_requires_read_access(bank: Bank) -> None:
    query = "{ organization { dashboard { allTime { messages } } } }"
    assert bank.ask(query, role="VIEWER")["organization"]["dashboard"] == {"allTime": {"messages": 0}}
    answer: dict[str, Any] = bank.server.execute(query, token=bank.token(role="USAGE_WRITER"))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
