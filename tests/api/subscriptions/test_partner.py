"""The partner's example draws every organization and prints changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.api.subscriptions.conftest import Live
from tests.support.waiting import PATIENCE

EXAMPLE = Path(__file__).parents[3] / "examples" / "partner.py"


def test_the_example_draws_and_follows_utilization(one_live: Live, tmp_path: Path) -> None:
    picture = tmp_path / "utilization.svg"
    command = [sys.executable, str(EXAMPLE), one_live.address, one_live.bank.token(), str(picture), "--changes", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as example:
        assert example.stdout is not None
        assert example.stdout.readline() == f"4 organizations in {picture}\n"
        assert example.stdout.readline() == "Bank: 2 of 4 in use\n"
        numbers = one_live.bank.numbers("+14185550103")
        one_live.bank.mutate("reserveNumbers", "changedCount", {"numberIds": numbers, "tag": "x"})
        assert example.stdout.readline() == "Bank/Sales: 1 of 1 in use\n"
        assert example.wait(PATIENCE) == 0
    drawn = picture.read_text()
    assert drawn.count("<rect ") == 4
    assert "Bank/Sales: 0.0 % of 1" in drawn
