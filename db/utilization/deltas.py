"""The changes of a transaction to counters and thresholds, from which its end works out what they were before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.utilization import Counts

_STATUSES = 4


@dataclass(slots=True)
class UtilizationDeltas:
    """The deltas of one transaction. Code that writes a counter or a threshold adds to it."""

    deltas: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 2 * _STATUSES))
    """By organization, in the order of the counter columns."""

    assigned: Counter[int] = field(default_factory=Counter)
    """How many of an organization's numbers were assigned to users."""

    thresholds: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The threshold percent before and after the transaction, of organizations whose threshold was changed."""

    def add(self, organization_id: int, deltas: Iterable[int]) -> None:
        """Add deltas of an organization's counters."""
        sums = self.deltas[organization_id]
        for index, delta in enumerate(deltas):
            sums[index] += delta

    def changed(self) -> dict[int, Counts]:
        """The organizations that may need an alert, and by how much each of their counts grew.

        An organization whose user got another number is among them, although its counts are the same.
        """
        growth = {id_: _counts(deltas) for id_, deltas in self.deltas.items()}
        changed = {id_ for id_, counts in growth.items() if counts != _NO_GROWTH}
        changed |= self.thresholds.keys() | self.assigned.keys()
        return {id_: growth.get(id_, _NO_GROWTH) for id_ in sorted(changed)}


def _counts(deltas: Sequence[int]) -> Counts:
    available, reserved, assigned, registered, *below = deltas
    return Counts(available, reserved, assigned, registered, sum(below))


_NO_GROWTH = Counts(0, 0, 0, 0, 0)
