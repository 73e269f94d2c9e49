"""Chance that is the same every time: what is drawn by both roads for secrets, seeds and salts."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def fixed_chance(seed: int) -> Iterator[None]:
    """Let the operating system's randomness be a series that the seed decides."""
    count = itertools.count()

    def urandom(size: int) -> bytes:
        return hashlib.shake_256(f"{seed} {next(count)}".encode()).digest(size)

    # `random` has taken it under a name of its own, and `secrets` draws from there.
    with patch("os.urandom", urandom), patch("random._urandom", urandom):
        yield
