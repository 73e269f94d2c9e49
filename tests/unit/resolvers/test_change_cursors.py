"""Cursors of changes: what a server has given out is read, and nothing that a database would refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from db.subscriptions.positions import Position, Progress
from domain.errors import InvalidInput
from resolvers.core.change_cursors import decode, encode

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
ROOT = 7


def progress(snapshot: str, *, server: str = "1-00000001") -> Progress:
    return Progress(Position(server, snapshot, 5, AT))


@pytest.mark.parametrize("snapshot", ["1:1:", "10:20:", "10:20:10", "10:20:10,15,19"])
def test_a_snapshot_is_read_as_it_was_given_out(snapshot: str) -> None:
    given = Progress(progress(snapshot).since, progress("20:30:").since, 4)
    assert decode(encode(given, root_id=ROOT), root_id=ROOT) == given


def test_a_position_without_a_snapshot_is_read_as_it_was_given_out() -> None:
    given = progress("", server="")
    assert decode(encode(given, root_id=ROOT), root_id=ROOT) == given


@pytest.mark.parametrize(
    "snapshot",
    [
        "",
        "10",
        "20:10:",
        "0:10:",
        "10:20:9",
        "10:20:20",
        "10:20:15,12",
        "10:20:,",
        "10:20:11,",
        "\u0661:\u0662:",
        "1:2:x",
        None,
    ],
)
def test_a_snapshot_that_postgresql_would_refuse_is_refused(snapshot: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decode(encode(progress(snapshot), root_id=ROOT), root_id=ROOT)
    assert refused.value.path == ("after",)


def test_a_snapshot_without_its_server_is_refused() -> None:
    with pytest.raises(InvalidInput):
        decode(encode(progress("10:20:", server=""), root_id=ROOT), root_id=ROOT)


@pytest.mark.parametrize("at", [datetime.min, datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))])  # noqa: DTZ901
def test_a_moment_that_a_database_cannot_compare_is_refused(at: datetime) -> None:
    since = Position("1-00000001", "10:20:", 5, at)
    with pytest.raises(InvalidInput):
        decode(encode(Progress(since), root_id=ROOT), root_id=ROOT)
