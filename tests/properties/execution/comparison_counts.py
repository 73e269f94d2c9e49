"""How many operations were compared, how many of them were valid, and how many were compiled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from execution.engine import ExecutionPath

LEAST_COMPILED = 0.95
"""Which share of the valid operations must be compiled."""

COMPARED = "operations"
VALID = "valid"
COMPILED = "compiled"
REPEATED = "repeated"
"""Compiled, and then run again by graphql-core for an exact error."""


class ComparisonCounts(Counter[str]):
    """A count of what was compared."""

    def record(self, execution_path: ExecutionPath | None, *, ran: bool) -> None:
        """Count one operation: whether it was valid, and the execution path."""
        self[COMPARED] += 1
        if ran:
            self[VALID] += 1
            self[COMPILED] += execution_path in {ExecutionPath.COMPILED, ExecutionPath.FALLBACK}
            self[REPEATED] += execution_path is ExecutionPath.FALLBACK

    def check(self) -> None:
        """Fail unless enough of the operations were compiled."""
        assert self[VALID] > 0
        assert self[COMPILED] >= LEAST_COMPILED * self[VALID], summary(self)


def summary(counts: Mapping[str, int]) -> str:
    """The counts as a line."""
    return ", ".join(f"{counts.get(name, 0)} {name}" for name in (COMPARED, VALID, COMPILED, REPEATED))
