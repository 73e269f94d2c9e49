"""A clock that tests set."""

from datetime import UTC, datetime, timedelta


class SettableClock:
    """A clock that only advances on request."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
