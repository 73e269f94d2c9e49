"""Comparable figures: rounds that alternate between servers, medians, and ratios within a round."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, lowest and highest value of all rounds."""

    median: float
    lowest: float
    highest: float


def spread(found: Sequence[float]) -> Spread:
    """The spread of at least one value."""
    return Spread(statistics.median(found), min(found), max(found))


def ratio(of: Sequence[float], to: Sequence[float]) -> Spread:
    """The ratio of the first to the second, round by round, so that a slow minute of the machine cancels out."""
    return spread([one / other for one, other in zip(of, to, strict=True)])


def alternate(runs: Mapping[Key, Callable[[], float]], *, rounds: int) -> dict[Key, list[float]]:
    """The result of each run in each round; the order rotates from round to round."""
    names = list(runs)
    figures: dict[Key, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            figures[name].append(runs[name]())
    return figures
