"""How many operations were compared, how many of them were valid, and how many took the compiled road."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from execution.engine import ExecutionPath

LEAST_COMPILED = 0.95
"""Which share of the valid operations takes the compiled road at least."""

COMPARED = "operations"
VALID = "valid"
COMPILED = "compiled"
REPEATED = "repeated"
"""Compiled, and then run again by graphql-core for an exact error."""


class Tally(Counter[str]):
    """A count of what was compared."""

    def note(self, road: ExecutionPath | None, *, ran: bool) -> None:
        """Count one operation: whether it was valid, and the road that it took."""
        self[COMPARED] += 1
        if ran:
            self[VALID] += 1
            self[COMPILED] += road in {ExecutionPath.COMPILED, ExecutionPath.FALLBACK}
            self[REPEATED] += road is ExecutionPath.FALLBACK

    def check(self) -> None:
        """Fail unless enough of the operations took the compiled road."""
        assert self[VALID] > 0
        assert self[COMPILED] >= LEAST_COMPILED * self[VALID], told(self)


def told(counts: Mapping[str, int]) -> str:
    """The counts as a line."""
    return ", ".join(f"{counts.get(name, 0)} {name}" for name in (COMPARED, VALID, COMPILED, REPEATED))
