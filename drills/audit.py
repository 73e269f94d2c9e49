"""Compare what clients were told with what is in the history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from domain.statuses import EventKind
from drills.changes import Number


class Verdict(NamedTuple):
    """The differences between answers and history."""

    answered: int
    lost: list[str]
    repeated: list[str]


def compare(numbers: Iterable[Number], history: dict[int, list[tuple[str, str | None]]]) -> Verdict:
    """`history` has the kind and the new value of each change of a number, in order, by the id of its row."""
    answered, lost, repeated = 0, [], []
    for number in numbers:
        told = [(change.kind, change.value) for change in number.changes]
        found = history.get(number.row_id, [])
        answered += len(told)
        lost += [f"{number.id}: {change}" for change in told if change not in found]
        # The last change may have been made without an answer.
        surplus = len(found) - len(told) - number.pending
        if surplus > 0 or found[: len(told)] != told:
            repeated.append(f"{number.id}: told {told[-5:]}, found {found[-5:]}")
    return Verdict(answered, lost, repeated)


def compare_restored(
    numbers: Iterable[Number], history: dict[int, list[tuple[str, str | None]]], *, begun_at: float, ended_at: float
) -> Verdict:
    """Compare answers with a backup: it has what was answered before it began, and nothing that was begun after it."""
    answered, lost, repeated = 0, [], []
    for number in numbers:
        found = history.get(number.row_id, [])
        told = [(change.kind, change.value) for change in number.changes]
        before = sum(change.answered_at < begun_at for change in number.changes)
        possible = sum(change.begun_at < ended_at for change in number.changes) + number.pending
        answered += before
        if len(found) < before:
            lost.append(f"{number.id}: {told[len(found) : before]}")
        if len(found) > possible or found[: len(told)] != told[: len(found)]:
            repeated.append(f"{number.id}: told {told[-5:]}, found {found[-5:]}")
    return Verdict(answered, lost, repeated)


HISTORY = """
SELECT e.phone_number_id, o.action, e.reserved_tag_after, e.organization_after
FROM number_events e JOIN operations o ON o.id = e.operation_id
WHERE e.version > 1 ORDER BY e.phone_number_id, e.version
"""


def history_of(rows: Iterable[Any], organizations: dict[int, str]) -> dict[int, list[tuple[str, str | None]]]:
    """The history from rows of `HISTORY`; `organizations` has the global id of each."""
    history: dict[int, list[tuple[str, str | None]]] = {}
    for number_id, action, tag, organization in rows:
        kind = EventKind(action).name
        value = organizations.get(organization) if kind == "MOVED" else tag
        history.setdefault(number_id, []).append((kind, value))
    return history
