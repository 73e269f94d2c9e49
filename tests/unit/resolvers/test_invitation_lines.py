"""Reading lists of users to invite: bounded in lines and in memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator

import pytest

from domain.errors import LimitExceeded
from resolvers.core.csv_records import Record
from resolvers.users.bulk_lines import read_lines
from resolvers.users.commands import InviteUsers

FILE = InviteUsers(upload_id=1)


class Lines:
    """The records of a file of users without mail addresses, of which it counts those that are read."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.read = 0

    def __iter__(self) -> Iterator[Record]:
        yield Record(1, ["first_name", "last_name", "email"])
        for line in range(2, self._count + 2):
            self.read += 1
            yield Record(line, ["Ann", "Lee", f"ann{line}"])


def test_no_line_is_read_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.users.bulk_lines.OPERATION_LIMIT", 10)
    lines = Lines(10)
    assert len(read_lines(FILE, lines, region="US")) == 10
    lines = Lines(1_000)
    with pytest.raises(LimitExceeded) as refused:
        read_lines(FILE, lines, region="US")
    assert refused.value.message == "The list has more than 10 users, which is the most."
    assert refused.value.path == ("input", "uploadId")
    assert lines.read == 11


def test_a_refused_line_takes_little_memory() -> None:
    read_lines(FILE, Lines(1), region="US")
    tracemalloc.start()
    try:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        lines = read_lines(FILE, Lines(1_000), region="US")
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(line.refusal is not None for line in lines)
    assert (after - before) / len(lines) < 2_000
