"""The demo's dashboard has usage from the start."""

from __future__ import annotations

from app.demo import prepare_demo
from tests.support.server import Server


def test_the_demo_has_usage_in_both_cycles(server: Server) -> None:
    demo = server.run(prepare_demo(server.database, server.clock))
    assert demo is not None
    query = """{ organization { dashboard {
      currentCycle { voiceMinutes messages dataMegabytes daily(kind: VOICE) { value } }
      pastCycle { voiceMinutes messages dataMegabytes }
    } } }"""
    board = server.ask(query, token=demo.key)["organization"]["dashboard"]
    assert all(value > 0 for value in board["pastCycle"].values())
    # The clock stands on the 21st: every working day before it has seen some calls, and no day after it.
    days = [point["value"] > 0 for point in board["currentCycle"]["daily"]]
    assert days[21:] == [False] * 9
    assert sum(days[:21]) >= 15
    assert server.differences() == []
