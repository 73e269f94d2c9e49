"""Refusing numbers whose status does not allow a change: each is named with its status and what would be allowed."""

from __future__ import annotations

from db.history import events
from db.numbers.queries import NumberRecord
from db.utilization.counters import Tally
from domain.errors import OFFENDING_NUMBERS_SHOWN, OffendingNumber
from domain.lifecycle import available_actions, refuse_transition, sources
from domain.statuses import NumberAction, NumberStatus
from resolvers.core.unit_of_work import UnitOfWork


async def refuse_transitions(
    work: UnitOfWork, operation: int, tallies: list[Tally], *, action: NumberAction, path: tuple[str, ...]
) -> None:
    """Raise InvalidTransition when a number of the operation was in a status that does not allow the action."""
    wrong = {
        NumberStatus(tally.status_before)
        for tally in tallies
        if tally.status_before is not None and tally.status_before not in sources(action)
    }
    if not wrong:
        return
    offenders = await events.offenders(
        work.connection, operation, statuses=sorted(wrong), limit=OFFENDING_NUMBERS_SHOWN
    )
    refusals = [
        _refusal(work, offender.number, offender.status, forwarded=offender.forwarded) for offender in offenders
    ]
    count = sum(tally.count for tally in tallies if tally.status_before in wrong)
    raise refuse_transition(action, refusals, count=count, path=path)


def refusal_of(work: UnitOfWork, record: NumberRecord) -> OffendingNumber:
    """How a refusal names this number."""
    return _refusal(work, record.number, record.status, forwarded=record.forwarding_number is not None)


def _refusal(work: UnitOfWork, number: str, status: NumberStatus, *, forwarded: bool) -> OffendingNumber:
    allowed = available_actions(status, work.actor.role, forwarded=forwarded, retired=False, at_root=work.at_root)
    return OffendingNumber(number, status, tuple(allowed))
