"""The demo has usage from the start, and keeps its credentials."""

from __future__ import annotations

import pytest

from app.demo import prepare_demo
from tests.support.database_dump import dump
from tests.support.server import Server

SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }"
CHANGE = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }"


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


def test_another_inventory_is_no_demo(server: Server) -> None:
    server.import_organizations("path,time_zone,threshold\nBank,,\n")
    before = dump(server)
    assert server.run(prepare_demo(server.database, server.clock)) is None
    assert dump(server) == before
