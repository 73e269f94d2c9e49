"""The life of a number: every status, every transition, and what each role may do.

A number is added AVAILABLE. It is put aside with a tag (RESERVED), given to a user who has yet to on-board
(ASSIGNED), used (IN_USE), and comes back to AVAILABLE or RESERVED when its user is deleted. Only an AVAILABLE
number can be retired. `TRANSITIONS` is the whole of it: what is not listed is refused, and `available_actions`
is read off the same table.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.access import Permission, Role, permits
from domain.errors import InvalidTransition, OffendingNumber
from domain.statuses import NumberAction, NumberStatus


@dataclass(frozen=True, slots=True)
class Transition:
    """An action that numbers in some statuses allow. `root_only`: acted from the root organization alone."""

    sources: frozenset[NumberStatus]
    needs_forwarding: bool = False
    root_only: bool = False


_AVAILABLE, _RESERVED = NumberStatus.AVAILABLE, NumberStatus.RESERVED
_ASSIGNED, _IN_USE = NumberStatus.ASSIGNED, NumberStatus.IN_USE

TRANSITIONS: dict[NumberAction, Transition] = {
    NumberAction.MOVE: Transition(frozenset({_AVAILABLE, _RESERVED, _IN_USE})),
    NumberAction.RESERVE: Transition(frozenset({_AVAILABLE})),
    NumberAction.EDIT_TAG: Transition(frozenset({_RESERVED})),
    NumberAction.UNRESERVE: Transition(frozenset({_RESERVED})),
    NumberAction.UPDATE_FORWARDING: Transition(frozenset({_RESERVED}), needs_forwarding=True),
    NumberAction.REMOVE_FORWARDING: Transition(frozenset({_RESERVED}), needs_forwarding=True),
    NumberAction.INVITE: Transition(frozenset({_AVAILABLE, _RESERVED})),
    NumberAction.CANCEL_INVITATION: Transition(frozenset({_ASSIGNED})),
    NumberAction.RESEND_INVITATION: Transition(frozenset({_ASSIGNED})),
    NumberAction.DELETE_USER: Transition(frozenset({_ASSIGNED, _IN_USE})),
    NumberAction.RETIRE: Transition(frozenset({_AVAILABLE}), root_only=True),
}


def allows(action: NumberAction, status: NumberStatus, *, forwarded: bool = False) -> bool:
    """Whether a number in this status, with or without a forwarding number, takes the action."""
    transition = TRANSITIONS[action]
    return status in transition.sources and (forwarded or not transition.needs_forwarding)


def sources(action: NumberAction) -> frozenset[NumberStatus]:
    """The statuses that a number can be in to take the action."""
    return TRANSITIONS[action].sources


def available_actions(
    status: NumberStatus, role: Role, *, forwarded: bool, retired: bool, at_root: bool
) -> list[NumberAction]:
    """The actions that this role may take on a number in this status, in the enum's order.

    `at_root`: the caller acts from the root organization. A retired number allows nothing.
    """
    if retired or not permits(role, Permission.CHANGE_NUMBERS):
        return []
    return [
        action
        for action, transition in TRANSITIONS.items()
        if allows(action, status, forwarded=forwarded) and (at_root or not transition.root_only)
    ]


def refuse_transition(
    action: NumberAction, offenders: Iterable[OffendingNumber], *, count: int, path: tuple[str, ...]
) -> InvalidTransition:
    """The refusal of an action that some numbers do not allow; `count` says how many there are in all."""
    offending = tuple(offenders)
    first = offending[0]
    allowed = ", ".join(a.value for a in first.allowed) or "nothing"
    more = f" {count - 1} more numbers do not allow it either." if count > 1 else ""
    return InvalidTransition(
        f"{first.number} is {first.status.name}, which does not allow {action.value}; it allows {allowed}.{more}",
        path=path,
        offending_numbers=offending,
        number_count=count,
    )
