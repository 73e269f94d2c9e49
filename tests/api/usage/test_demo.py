"""The demo has usage from the start, and keeps its credentials."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.demo import prepare_demo
from db.core.statements import Statement
from tests.support.database_dump import dump
from tests.support.databases import Databases, by_default_on_postgresql
from tests.support.outbox import mails
from tests.support.server import Server, opened

SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }"
CHANGE = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }"


@by_default_on_postgresql
def test_the_demo_has_usage_in_both_cycles(server: Server) -> None:
    demo = server.run(prepare_demo(server.database, server.clock))
    assert demo is not None
    query = """{ organization { dashboard {
      currentCycle { voiceMinutes messages dataMegabytes daily(kind: VOICE) { value } }
      pastCycle { voiceMinutes messages dataMegabytes }
    } } }"""
    board = server.ask(query, token=demo.key)["organization"]["dashboard"]
    assert all(value > 0 for value in board["pastCycle"].values())
    # The clock stands on the 21st: every working day before it has seen some calls.
    days = [point["value"] > 0 for point in board["currentCycle"]["daily"]]
    assert len(days) == 21
    assert sum(days) >= 15
    assert server.differences() == []


STORY = """{
  organizations(first: 100) { nodes { name timeZone region utilization { thresholdReached pendingWithoutNumber } } }
  phoneNumbers(
    first: 500, orderBy: {field: UPDATED_AT, direction: DESC}, filter: {updatedSince: "2026-08-15T00:00:00Z"}
  ) {
    nodes { history(first: 6) { nodes { action actor at } } }
  }
  invited: users(first: 50, filter: {statuses: [INVITED]}, orderBy: {field: INVITED_AT, direction: DESC}) {
    nodes { invitedAt invitationExpiresAt }
  }
  administrators { nodes { name } }
  organization { supplierContact { email telephone } dashboard { pastCycle { newUsers } allTime { newUsers } }
    activity(first: 5) { nodes { action } } }
}"""


@by_default_on_postgresql
def test_the_demo_tells_a_story_and_the_same_one_for_the_same_seed(
    server: Server, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.demo.NUMBERS", 1_000)
    monkeypatch.setattr("app.demo.RECORDS", 100)
    demo = server.run(prepare_demo(server.database, server.clock))
    assert demo is not None
    told = server.ask(STORY, token=demo.key)
    places = told["organizations"]["nodes"]
    assert len({place["name"] for place in places}) == len(places) == 60
    assert len({place["timeZone"] for place in places}) >= 3
    assert len({place["region"] for place in places}) >= 3
    assert 5 <= sum(place["utilization"]["thresholdReached"] for place in places) <= 50
    assert sum(place["utilization"]["pendingWithoutNumber"] for place in places) == 6
    histories = [node["history"]["nodes"] for node in told["phoneNumbers"]["nodes"]]
    for events in histories:
        assert [event["at"] for event in events] == sorted((event["at"] for event in events), reverse=True)
    assert max(map(len, histories)) >= 5
    kinds = {event["action"] for events in histories for event in events}
    assert kinds >= {
        *("ADDED", "RESERVED", "TAG_EDITED", "UNRESERVED", "MOVED", "ALLOCATED"),
        *("ASSIGNED", "ACTIVATED", "INVITATION_EXPIRED", "INVITATION_CANCELLED", "USER_DELETED"),
    }
    actors = {event["actor"] for events in histories for event in events}
    assert actors >= {"Priya Raman", "Tomás Ortega", "Mei Lindqvist", "Dialtree"}
    latest = told["invited"]["nodes"][0]
    assert latest["invitationExpiresAt"] > server.clock().isoformat() > latest["invitedAt"]
    assert len(told["administrators"]["nodes"]) == 4
    root = told["organization"]
    assert root["supplierContact"] == {"email": "orders@northline.example", "telephone": "+1 418 555 0142"}
    assert 0 < root["dashboard"]["pastCycle"]["newUsers"] < root["dashboard"]["allTime"]["newUsers"]
    assert "ALLOCATED" in {node["action"] for node in root["activity"]["nodes"]}
    assert mails(server) == []
    assert server.differences() == []
    with opened(databases) as other:
        again = other.run(prepare_demo(other.database, other.clock))
        assert again is not None
        assert other.ask(STORY, token=again.key) == told


def test_the_demo_keeps_its_credentials_until_they_no_longer_work(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NUMBERS", "RECORDS"):
        monkeypatch.setattr(f"app.demo.{name}", 100)
    first = server.run(prepare_demo(server.database, server.clock))
    assert first is not None
    assert server.run(prepare_demo(server.database, server.clock)) == first
    answer = server.ask(SIGN_IN, {"input": {"email": first.email, "password": first.password}}, token=None)
    assert answer["signIn"]["userErrors"] == []
    changed = {"currentPassword": first.password, "newPassword": "another long password"}
    answer = server.ask(CHANGE, {"input": changed}, token=answer["signIn"]["token"])
    assert answer["changePassword"]["userErrors"] == []
    server.revoke_key("GraphiQL demo")
    again = server.run(prepare_demo(server.database, server.clock))
    assert again is not None
    assert (again.email, again.password) == (first.email, first.password)
    assert again.key != first.key
    assert server.execute("{ viewer { id } }", token=first.key)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert server.ask("{ viewer { id } }", token=again.key)["viewer"]["id"]
    answer = server.ask(SIGN_IN, {"input": {"email": again.email, "password": again.password}}, token=None)
    assert answer["signIn"]["userErrors"] == []


_DEFINITIONS = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY name",
    "postgresql": "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid > 16384"
    " UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid > 0 ORDER BY 1, 2",
}


def test_filling_the_demo_leaves_all_indexes_and_foreign_keys(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NUMBERS", "RECORDS"):
        monkeypatch.setattr(f"app.demo.{name}", 100)
    definitions = Statement(text(_DEFINITIONS[server.database.dialect.name]))
    before = server.run(server.database.fetch(definitions))
    server.run(prepare_demo(server.database, server.clock))
    assert "ix_phone_numbers_search" in str(before) or "phone_number_search" in str(before)
    assert server.run(server.database.fetch(definitions)) == before


def test_another_inventory_is_no_demo(server: Server) -> None:
    server.import_organizations("path,time_zone,threshold\nBank,,\n")
    before = dump(server)
    assert server.run(prepare_demo(server.database, server.clock)) is None
    assert dump(server) == before
