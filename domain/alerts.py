"""When administrators are warned about an organization's utilization (T2)."""

from domain.mail import MailKind
from domain.statuses import NumberStatus
from domain.utilization import Counts, threshold_reached

_FREE = frozenset({NumberStatus.AVAILABLE, NumberStatus.RESERVED})
_GIVEN = frozenset({NumberStatus.ASSIGNED, NumberStatus.IN_USE})


def is_assignment(before: int | None, after: int | None) -> bool:
    """Whether this change of status gives a number to a user, by invitation or picked on acceptance."""
    return before in _FREE and after in _GIVEN


def alert(before: Counts, after: Counts, *, threshold_before: int, threshold: int, assigned: int) -> MailKind | None:
    """What a change tells the administrators, if anything; `assigned` is how many numbers it gave to users.

    It tells when utilization comes to the threshold from below it, and at every assignment from then on, up to the one
    that uses the last available number.
    """
    if not threshold_reached(after, threshold):
        return None
    if not threshold_reached(before, threshold_before):
        return MailKind.THRESHOLD_REACHED
    return MailKind.ASSIGNMENT_ABOVE_THRESHOLD if assigned and before.available else None
