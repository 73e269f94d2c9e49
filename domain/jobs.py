"""Jobs: their kinds, their states, and how often a job is attempted."""

from datetime import timedelta
from enum import IntEnum

from domain.errors import DialtreeError, LimitExceeded


class JobKind(IntEnum):
    """The mutation that a job runs; stored, so the values never change."""

    MOVE = 0
    RESERVE = 1
    UNRESERVE = 2
    ALLOCATE = 3
    WITHDRAW = 4
    RETIRE = 5
    ADD_NUMBERS = 6
    INVITE_USERS = 7


class JobState(IntEnum):
    """The state of a job; stored, so the values never change. Those below `SUCCEEDED` are open."""

    QUEUED = 0
    RUNNING = 1
    SUCCEEDED = 2
    FAILED = 3
    CANCELLED = 4

    @property
    def is_open(self) -> bool:
        """Whether the job has not ended."""
        return self < JobState.SUCCEEDED


MAX_FAILURES = 5
"""How often a job may end without a result, because its server died or something unexpected failed."""

OPEN_JOBS = 1_000
"""How many jobs of a root may wait at a time."""

RETENTION = timedelta(days=7)
"""How long a job can be read after its end. An idempotency key returns it for a shorter time."""


def retry_delay(failures: int) -> timedelta:
    """Return how long a job waits after something unexpected has failed."""
    return timedelta(seconds=2.0**failures)


def given_up() -> DialtreeError:
    """Return the refusal of a job that has been attempted too often."""
    return LimitExceeded(
        f"The job was interrupted {MAX_FAILURES} times before it was finished, and was given up. Nothing was changed."
    )
