"""Chance that is the same every time: what is drawn by both execution paths for secrets, seeds and salts."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def fixed_chance(seed: int) -> Iterator[None]:
    """Let the operating system's randomness be a series that the seed decides, one for each module that draws.

    SQLAlchemy draws when it builds a statement, which only the first of the two execution paths does.
    """
    counts: Counter[str] = Counter()

    def urandom(size: int) -> bytes:
        module = sys._getframe(1).f_globals["__name__"]
        counts[module] += 1
        return hashlib.shake_256(f"{seed} {module} {counts[module]}".encode()).digest(size)

    # `random` has taken it under a name of its own, and `secrets` draws from there.
    with patch("os.urandom", urandom), patch("random._urandom", urandom):
        yield
