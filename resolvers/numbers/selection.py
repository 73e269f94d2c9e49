"""The numbers that a command selects, by id or by filter: found, locked and counted."""

from __future__ import annotations

from db.numbers import locks
from db.numbers import queries as phone_numbers
from db.numbers.queries import NumberRecord
from domain.errors import Conflict, InvalidInput, LimitExceeded, not_found
from domain.numbers import limit_text
from domain.search import NumberFilter
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import Selection
from resolvers.numbers.filters import FilterInput, narrow


def check_selection(selection: Selection) -> None:
    """Raise InvalidInput unless it has ids or a filter that restricts something."""
    if (selection.number_ids is None) == (selection.filter is None):
        raise InvalidInput("Give either `numberIds` or `filter`.", path=("input", "numberIds"))
    if selection.filter is None and not selection.number_ids:
        raise InvalidInput("`numberIds` is empty.", path=("input", "numberIds"))
    if selection.filter is not None and selection.filter.empty:
        raise InvalidInput("The filter of a change must not be empty.", path=("input", "filter"))


async def lock_selected(work: UnitOfWork, selection: Selection) -> tuple[NumberFilter, int]:
    """Lock the selected numbers and count them; ids in the filter are in the order of the numbers.

    Raises NotFound for ids out of scope, LimitExceeded for too many numbers, Conflict for an unexpected count.
    """
    check_selection(selection)
    if selection.filter is None:
        selected, count = await _lock_ids(work, selection)
    else:
        selected, count = await _lock_matching(work, selection.filter)
    if count > work.limit:
        raise LimitExceeded(f"Too many numbers are selected. {limit_text(work.limit)}", path=selection.path)
    if selection.expected_count is not None and selection.expected_count != count:
        raise Conflict(
            f"{count} numbers are selected now, not {selection.expected_count}.", path=("input", "expectedCount")
        )
    return selected, count


async def _lock_ids(work: UnitOfWork, selection: Selection) -> tuple[NumberFilter, int]:
    ids = tuple(dict.fromkeys(selection.number_ids or ()))
    selected = NumberFilter(root_id=work.root_id, scopes=(work.scope,), ids=ids)
    if selection.single:
        # The statement that changes a single number locks it, too.
        return selected, 1
    found = await lock_named(work, selection, selected)
    return selected._replace(ids=tuple(found)), len(found)


async def _lock_matching(work: UnitOfWork, wanted: FilterInput) -> tuple[NumberFilter, int]:
    await work.connection.force_custom_plan()
    selected = await narrow(
        work.organizations, wanted, scope=work.scope, load_region=work.region, path=("input", "filter")
    )
    return selected, await locks.lock_count(work.connection, selected, limit=work.limit + 1)


async def lock_named(work: UnitOfWork, selection: Selection, selected: NumberFilter) -> list[int]:
    """Lock the numbers named by id; their ids in the order of the numbers. Raises NotFound for one out of scope."""
    found = await locks.lock_ids(work.connection, selected, limit=work.limit + 1)
    if len(found) <= work.limit:
        visible = set(found)
        for index, number_id in enumerate(selection.number_ids or ()):
            if number_id not in visible:
                raise not_found("number", path=selection.path_of(index))
    return found


async def visible_number(work: UnitOfWork, number_id: int) -> NumberRecord:
    """A number in scope that is not retired. Raises NotFound with the path of the input."""
    found = await phone_numbers.by_ids(work.connection, [number_id], within=work.scope)
    if number_id not in found or found[number_id].retired_at is not None:
        raise not_found("number", path=("input", "numberId"))
    return found[number_id]
