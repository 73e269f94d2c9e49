"""The audit of a drill finds what was lost, repeated or reordered."""

from __future__ import annotations

import pytest

from drills.audit import compare, compare_restored
from drills.changes import Change, Number

RESERVED, EDITED, UNRESERVED = ("RESERVED", "a"), ("TAG_EDITED", "b"), ("UNRESERVED", None)


@pytest.mark.parametrize(
    ("found", "pending", "lost", "repeated"),
    [
        ([RESERVED, EDITED], False, 0, 0),
        ([RESERVED, EDITED, UNRESERVED], True, 0, 0),
        ([RESERVED], False, 1, 1),
        ([], False, 2, 1),
        ([RESERVED, RESERVED, EDITED], False, 0, 1),
        ([EDITED, RESERVED], False, 0, 1),
        ([RESERVED, EDITED, UNRESERVED], False, 0, 1),
        ([RESERVED, EDITED, UNRESERVED, RESERVED], True, 0, 1),
    ],
)
def test_differences_between_answers_and_history_are_found(
    found: list[tuple[str, str | None]], *, pending: bool, lost: int, repeated: int
) -> None:
    number = Number("number", 7, "East", pending=pending)
    number.changes = [Change(kind, value, 0, 1) for kind, value in (RESERVED, EDITED)]
    verdict = compare([number], {7: found})
    assert (verdict.answered, len(verdict.lost), len(verdict.repeated)) == (2, lost, repeated)


@pytest.mark.parametrize(
    ("found", "lost", "too_much"),
    [
        ([RESERVED], 0, 0),
        ([RESERVED, EDITED], 0, 0),
        ([], 1, 0),
        ([EDITED], 0, 1),
        ([RESERVED, EDITED, UNRESERVED], 0, 1),
    ],
)
def test_a_backup_has_what_was_answered_before_it_and_nothing_begun_after_it(
    found: list[tuple[str, str | None]], lost: int, too_much: int
) -> None:
    number = Number("number", 7, "East")
    times = {RESERVED: (0, 1), EDITED: (2, 4), UNRESERVED: (5, 6)}
    number.changes = [Change(kind, value, *times[kind, value]) for kind, value in (RESERVED, EDITED, UNRESERVED)]
    verdict = compare_restored([number], {7: found}, begun_at=3, ended_at=3)
    assert (verdict.answered, len(verdict.lost), len(verdict.repeated)) == (1, lost, too_much)
