"""Starting at the same moment as others, on one new database."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.support.patience import PATIENCE

HOUSE = Path(__file__).parents[2]
PROCESSES = 3
CHECK_WHEN_TOLD = "from app.command import main; print('ready', flush=True); input(); main(['check'])"


def test_commands_that_meet_on_a_new_database_all_find_its_tables(without_tables: str) -> None:
    command = [sys.executable, "-c", CHECK_WHEN_TOLD]
    environment = os.environ | {"DIALTREE_DATABASE_URL": without_tables}
    with ExitStack() as stack:
        running = []
        for _ in range(PROCESSES):
            process = subprocess.Popen(
                command,
                cwd=HOUSE,
                env=environment,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            stack.callback(process.kill)
            running.append(stack.enter_context(process))
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=PATIENCE)[1] for process in running]
    assert said == ["Everything agrees.\n"] * PROCESSES
