"""How tests wait for what must come: the machine may be slow, and busy with other tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 120.0
"""After so many seconds nothing comes any more; what works takes much less, so only a failure costs them."""


def wait_until(look: Callable[[], T | None], failure: Callable[[], str]) -> T:
    """What is seen as soon as it is true. Raises AssertionError, with the failure in words, when it never is."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, failure()
        time.sleep(0.05)
    return found
