"""How many operations are tried, and which.

`DIALTREE_TEST_OPERATIONS=20000` tries that many over all tests and both databases, other ones every time; without it a
few, and the same ones every time.
"""

import os

from hypothesis import HealthCheck, Phase, settings

WANTED = os.environ.get("DIALTREE_TEST_OPERATIONS")

DATABASES = 2


def exploring(few: int, share: float) -> settings:
    """Settings for a test: `few` examples, or its share of the operations that are wanted, if those are more."""
    return settings(
        max_examples=max(few, round(int(WANTED) * share)) if WANTED else few,
        derandomize=not WANTED,
        print_blob=True,
        database=None,
        report_multiple_bugs=False,
        # Everything here draws a lot, and throws away what would take too long.
        suppress_health_check=list(HealthCheck),
        # Explaining a failure means running it many times more.
        phases=[phase for phase in Phase if phase is not Phase.explain],
    )
