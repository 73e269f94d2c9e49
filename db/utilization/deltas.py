"""What a transaction has done to organizations' figures, so that its end can compare before and after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.utilization import Counts

_STATUSES = 4


@dataclass(slots=True)
class UtilizationDeltas:
    """Whoever writes a counter or a threshold enters it here; `db.utilization.counters` does it for every counter."""

    deltas: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 2 * _STATUSES))
    """What was added to an organization's counters: held by status, then below it by status."""

    assigned: Counter[int] = field(default_factory=Counter)
    """How many of an organization's numbers were given to users."""

    thresholds: dict[int, int] = field(default_factory=dict)
    """The threshold percent that an organization had before, where it was changed."""

    def enter(self, organization_id: int, deltas: Iterable[int]) -> None:
        """Enter what is added to an organization's counters."""
        kept = self.deltas[organization_id]
        for index, delta in enumerate(deltas):
            kept[index] += delta

    def changed(self) -> dict[int, Counts]:
        """The organizations that may have something to warn of, and by how much each of their counts grew.

        One whose user got another number than he had is among them: a number was assigned, though no count is another.
        """
        grown = {id_: _counts(deltas) for id_, deltas in self.deltas.items()}
        looked_at = {id_ for id_, counts in grown.items() if counts != _NOTHING} | self.thresholds.keys()
        looked_at |= self.assigned.keys()
        return {id_: grown.get(id_, _NOTHING) for id_ in sorted(looked_at)}


def _counts(deltas: Sequence[int]) -> Counts:
    available, reserved, assigned, registered, *below = deltas
    return Counts(available, reserved, assigned, registered, sum(below))


_NOTHING = Counts(0, 0, 0, 0, 0)
