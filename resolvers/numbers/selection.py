"""The numbers that a command selects, by id or by filter: looked for, locked and counted."""

from __future__ import annotations

from db.numbers import changes
from domain.errors import Conflict, InvalidInput, LimitExceeded, not_found
from domain.numbers import OPERATION_LIMIT
from domain.search import NumberFilter
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import Selection
from resolvers.numbers.filters import narrow


async def lock_selected(work: UnitOfWork, selection: Selection) -> tuple[NumberFilter, int, list[int]]:
    """Lock the selected numbers and count them; their ids in the order of the numbers, if they were named.

    Raises for ids out of scope, too many, or an unexpected count.
    """
    found: list[int] = []
    if (selection.number_ids is None) == (selection.filter is None):
        message = "Name the numbers either by `numberIds` or by `filter`."
        raise InvalidInput(message, path=("input", "numberIds"))
    if selection.filter is not None:
        if selection.filter.empty:
            message = "The filter of a change may not be empty."
            raise InvalidInput(message, path=("input", "filter"))
        await work.connection.force_custom_plan()
        chosen = await narrow(
            work.organizations,
            selection.filter,
            scope=work.scope,
            whole=work.context.whole,
            path=("input", "filter"),
        )
        count = await changes.lock_count(work.connection, chosen, limit=OPERATION_LIMIT + 1)
    else:
        wanted = tuple(dict.fromkeys(selection.number_ids or ()))
        if not wanted:
            message = "`numberIds` names no number."
            raise InvalidInput(message, path=("input", "numberIds"))
        chosen = NumberFilter(scopes=(work.scope,), whole=work.context.whole, ids=wanted)
        # One number is locked by the statement that writes its event; only where there is none, it is looked for.
        found = list(wanted) if selection.single else await lock_named(work, selection, chosen)
        count = len(found)
    if count > OPERATION_LIMIT:
        message = f"More than {OPERATION_LIMIT} numbers are selected; that is the most that one operation takes."
        raise LimitExceeded(message, path=selection.path)
    if selection.expected_count is not None and selection.expected_count != count:
        message = f"{count} numbers are selected now, not {selection.expected_count}."
        raise Conflict(message, path=("input", "expectedCount"))
    return chosen, count, found


async def lock_named(work: UnitOfWork, selection: Selection, chosen: NumberFilter) -> list[int]:
    """Lock the numbers named by id; their ids in the order of the numbers. Raises NotFound for one out of scope."""
    found = await changes.lock_ids(work.connection, chosen, limit=OPERATION_LIMIT + 1)
    if len(found) <= OPERATION_LIMIT:
        visible = set(found)
        for index, number_id in enumerate(selection.number_ids or ()):
            if number_id not in visible:
                raise not_found("number", path=selection.path_of(index))
    return found
