"""The end of every change to numbers: the numbers, the counters, the activity, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from db.core.database import TransactionAborted
from db.history import events, operations
from db.numbers import changes
from db.numbers.changes import Recorded
from db.usage import user_rollups as registrations
from db.utilization import counters
from domain.scope import ancestor_ids, covers
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import NOTHING_CHANGED, SHOWN, NumbersChanged


async def apply_change(
    work: UnitOfWork,
    recorded: Recorded,
    *,
    began_with: int,
    tag_folded: str | None = None,
    number_ids: Sequence[int] = (),
) -> NumbersChanged:
    """Make the numbers what the events say, unless that is done; then the organizations' activity and the counters.

    Tells what was done; `number_ids` are the numbers in order, where the change began with a few that are known.
    """
    operation, amount, tallies, applied, paths = recorded
    if not amount:
        await operations.drop_operation(work.connection, operation)
        return NOTHING_CHANGED
    if applied is None:
        applied = await changes.apply(work.connection, operation, at=work.now, tag_folded=tag_folded)
    if applied != amount:
        message = f"{applied} of {amount} numbers were as their events expected them"
        raise TransactionAborted(message)
    if amount != began_with:
        await operations.set_count(work.connection, operation, amount)
    if paths is None:
        places = ((tally.organization_before, tally.organization_after) for tally in tallies)
        holders = {holder for place in places for holder in place if holder}
        paths = await operations.link(work.connection, operation, holders)
    await counters.apply(work.connection, tallies, paths=paths, deltas=work.deltas)
    await registrations.apply(work.connection, tallies, paths=paths, at=work.now)
    if not number_ids or amount != began_with:
        number_ids = await events.first_ids(work.connection, operation, limit=SHOWN)
    affected = affected_organizations(paths.values(), scope=work.scope)
    return NumbersChanged(
        changed_count=amount,
        number_ids=list(number_ids),
        organization_ids=affected[:SHOWN],
        organization_count=len(affected),
        operation_id=operation,
    )


def affected_organizations(paths: Iterable[str], *, scope: str) -> list[int]:
    """The organizations at these paths and everything above them, up to the acting one; from the top down."""
    top = len(ancestor_ids(scope))
    ids: dict[int, int] = {}
    for path in paths:
        if covers(scope, path):
            parts = [int(part) for part in path.split("/")[:-1]]
            ids |= {organization_id: level for level, organization_id in enumerate(parts) if level >= top}
    return sorted(ids, key=lambda organization_id: (ids[organization_id], organization_id))
