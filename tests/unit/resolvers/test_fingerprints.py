"""Fingerprints of large inputs are computed outside the event loop."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from resolvers.core import idempotency
from resolvers.core.idempotency import MANY_CHARACTERS, MANY_ITEMS, fingerprint, fingerprint_large
from resolvers.numbers.addition_lines import AddNumbers
from resolvers.numbers.commands import MoveNumbers, Selection
from resolvers.numbers.filters import FilterInput


@pytest.mark.parametrize(
    ("command", "on_thread"),
    [
        (AddNumbers(series_id=1), False),
        (AddNumbers(series_id=1, numbers=("+14185550100",) * MANY_ITEMS), False),
        (AddNumbers(series_id=1, numbers=("+14185550100",) * (MANY_ITEMS + 1)), True),
        (AddNumbers(series_id=1, csv="1" * MANY_CHARACTERS), False),
        (AddNumbers(series_id=1, csv="1" * (MANY_CHARACTERS + 1)), True),
        (MoveNumbers(selection=Selection(filter=FilterInput(numbers=("1",) * 1_001)), organization_id=1), True),
    ],
)
async def test_large_inputs_are_hashed_on_a_thread(
    command: Any, *, on_thread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def record(command: Any, *, acting_id: int) -> str:
        threads.append(threading.current_thread())
        return fingerprint(command, acting_id=acting_id)

    monkeypatch.setattr(idempotency, "fingerprint", record)
    assert await fingerprint_large(command, acting_id=3) == fingerprint(command, acting_id=3)
    assert (threads != [threading.current_thread()]) is on_thread
