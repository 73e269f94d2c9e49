"""Any history, run on each database, leaves the server where the model says it is.

`DIALTREE_TEST_HISTORIES=500` runs that many histories, other ones every time; without it a few,
and the same ones every time.
"""

import os
from functools import partial

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.histories.change_rules import Histories
from tests.support.databases import Databases
from tests.support.server import opened

WANTED = os.environ.get("DIALTREE_TEST_HISTORIES")

settings.register_profile(
    "histories",
    max_examples=int(WANTED or 4),
    stateful_step_count=50 if WANTED else 30,
    derandomize=not WANTED,
    report_multiple_bugs=False,
    # Everything a history does is slow and draws a lot: both are its nature.
    suppress_health_check=list(HealthCheck),
    # Explaining a failure means running it many times more.
    phases=[phase for phase in Phase if phase is not Phase.explain],
)


def test_any_history_agrees_with_the_model(databases: Databases) -> None:
    class Opened(Histories):
        def __init__(self) -> None:
            super().__init__(partial(opened, databases))

    run_state_machine_as_test(Opened, settings=settings.get_profile("histories"))
