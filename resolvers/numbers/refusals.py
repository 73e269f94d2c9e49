"""Refusing an action that the status of a number does not allow; the refusal names the number and what is allowed."""

from __future__ import annotations

from db.history import events
from db.numbers.change_parts import ChangeResult
from db.numbers.queries import NumberRecord
from domain.errors import OFFENDING_NUMBERS_SHOWN, OffendingNumber
from domain.lifecycle import available_actions, refuse_transition, sources
from domain.statuses import NumberAction, NumberStatus
from resolvers.core.unit_of_work import UnitOfWork


async def refuse_transitions(
    work: UnitOfWork, result: ChangeResult, *, action: NumberAction, path: tuple[str, ...]
) -> None:
    """Raise InvalidTransition if a number was in a status that does not allow the action."""
    refused = [change for change in result.inventory_changes if change.status_before not in sources(action)]
    if not refused:
        return
    statuses = sorted({NumberStatus(change.status_before) for change in refused if change.status_before is not None})
    offenders = await events.statuses_before(
        work.connection, result.operation, statuses=statuses, limit=OFFENDING_NUMBERS_SHOWN
    )
    refusals = [_refusal(work, number, status, forwarded=forwarded) for number, status, forwarded in offenders]
    raise refuse_transition(action, refusals, count=sum(change.count for change in refused), path=path)


def refusal_of(work: UnitOfWork, record: NumberRecord) -> OffendingNumber:
    """The number as a refusal names it."""
    return _refusal(work, record.number, record.status, forwarded=record.forwarding_number is not None)


def _refusal(work: UnitOfWork, number: str, status: NumberStatus, *, forwarded: bool) -> OffendingNumber:
    allowed = available_actions(status, work.actor.role, forwarded=forwarded, retired=False, at_root=work.at_root)
    return OffendingNumber(number, status, tuple(allowed))
