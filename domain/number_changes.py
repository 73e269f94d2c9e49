"""What operations did to numbers, and which of it concerns a filter."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from domain.scope import covers
from domain.search import NumberFilter
from domain.statuses import EventKind, NumberStatus

NUMBERS_SHOWN = 100
"""How many numbers of one operation a subscriber is told."""


class NumberState(NamedTuple):
    """A number before or after a change. `path` is that of its holder; `tag` is folded."""

    path: str
    organization_id: int
    series_id: int
    status: NumberStatus
    tag: str | None = None


class NumberChange(NamedTuple):
    """The change of one number; the state of a side on which it is not in the inventory is None."""

    number_id: int
    number: str
    before: NumberState | None
    after: NumberState | None


class ChangedGroup(NamedTuple):
    """How many numbers of an operation have the same holder, series and status before, and the same after."""

    before: NumberState | None
    after: NumberState | None
    number_count: int


class OperationChanges(NamedTuple):
    """What an operation changed. `touched` has the paths of the organizations that it affected."""

    id: int
    action: EventKind
    at: datetime
    touched: tuple[str, ...]
    numbers: tuple[NumberChange, ...] = ()
    """The changed numbers, sorted by number; of a large operation, some of them."""

    groups: tuple[ChangedGroup, ...] = ()
    """All changed numbers of a large operation; empty if `numbers` has all."""

    @property
    def moves_organizations(self) -> bool:
        """Whether numbers may have come into a scope, or left it, without a change of their own."""
        return self.action is EventKind.ORGANIZATION_MOVED

    @property
    def changes_counts(self) -> bool:
        """Whether utilization may have changed."""
        if not self.numbers:
            return True
        changed = self.groups or self.numbers
        return any(_counted(change.before) != _counted(change.after) for change in changed)


class MatchedChanges(NamedTuple):
    """The part of an operation that concerns a filter: the first numbers, and how many there are."""

    number_ids: tuple[int, ...]
    number_count: int


def _counted(state: NumberState | None) -> tuple[int, NumberStatus] | None:
    return None if state is None else (state.organization_id, state.status)


def with_sets(filter_: NumberFilter) -> NumberFilter:
    """Return the filter with sets of numbers and ids, since each change of an operation is looked for in them."""
    lists = {name: getattr(filter_, name) for name in ("organization_ids", "series_ids", "numbers")}
    sets: Any = {name: frozenset(values) for name, values in lists.items() if values is not None}
    return filter_._replace(**sets)


def matched_changes(changes: OperationChanges, filter_: NumberFilter, *, scope: str) -> MatchedChanges | None:
    """Return the numbers that matched the filter before or after the operation; None if there are none.

    The filter is one of `with_sets`.
    """
    if changes.moves_organizations:
        concerned = any(covers(scope, path) for path in changes.touched)
        return MatchedChanges((), 1) if concerned else None
    found = [
        change.number_id
        for change in changes.numbers
        if matches(filter_, change.number, change.before, updated_at=None)
        or matches(filter_, change.number, change.after, updated_at=changes.at)
    ]
    count = _group_count(changes.groups, filter_) if changes.groups else len(found)
    return MatchedChanges(tuple(found[:NUMBERS_SHOWN]), count) if count else None


def _group_count(groups: Iterable[ChangedGroup], filter_: NumberFilter) -> int:
    """How many numbers of the groups may have matched before or after."""
    return sum(
        group.number_count for group in groups if _may_match(filter_, group.before) or _may_match(filter_, group.after)
    )


def _may_match(filter_: NumberFilter, state: NumberState | None) -> bool:
    """Whether a number in this state can match the filter: its holder, series and status do."""
    if state is None or filter_.nothing:
        return False
    if filter_.scopes is not None and not state.path.startswith(filter_.scopes):
        return False
    return (
        (filter_.organization_ids is None or state.organization_id in filter_.organization_ids)
        and (filter_.series_ids is None or state.series_id in filter_.series_ids)
        and (filter_.statuses is None or state.status in filter_.statuses)
    )


def matches(filter_: NumberFilter, number: str, state: NumberState | None, *, updated_at: datetime | None) -> bool:
    """Whether a number in this state matches the filter, as `db.numbers.predicates` does in SQL.

    The time of its last change counts as matching if it is not known.
    """
    if state is None or not _may_match(filter_, state):
        return False
    return (
        _text_matches(filter_, number, state.tag)
        and _tag_matches(filter_, state.tag)
        and (filter_.numbers is None or number in filter_.numbers)
        and (filter_.starts_with is None or number.startswith(f"+{filter_.starts_with}"))
        and (filter_.ends_with is None or number.endswith(filter_.ends_with))
        and (filter_.lowest is None or number >= filter_.lowest)
        and (filter_.highest is None or number <= filter_.highest)
        and (filter_.updated_since is None or updated_at is None or updated_at >= filter_.updated_since)
    )


def _text_matches(filter_: NumberFilter, number: str, tag: str | None) -> bool:
    text = filter_.text
    if text is None:
        return True
    return text.folded in number or text.folded in (tag or "") or bool(text.digits and text.digits in number)


def _tag_matches(filter_: NumberFilter, tag: str | None) -> bool:
    return (
        (filter_.tag is None or tag == filter_.tag)
        and (filter_.tag_contains is None or filter_.tag_contains in (tag or "\n"))
        and (filter_.tagged is None or filter_.tagged == (tag is not None))
    )
