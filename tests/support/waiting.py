"""Waiting for conditions with a generous timeout: the machine may be slow and busy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 120.0
"""After so many seconds nothing comes any more; what works takes much less, so only a failure costs them."""


def wait_until(look: Callable[[], T | None], failure: Callable[[], str]) -> T:
    """Return the result once it is true. Raises AssertionError with a description if it never is."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, failure()
        time.sleep(0.05)
    return found
