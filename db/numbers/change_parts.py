"""What the single statement and the set-based steps share: the result of a change and the clauses of its statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Text, Update, and_, bindparam, case, func, null, update

from db.core.tables import NumberEventRow, PhoneNumberRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from db.history.events import Change, Effect
from db.numbers import predicates
from db.numbers.queries import NumberRecord
from domain.statuses import NumberStatus
from domain.utilization import InventoryChange

FEW = 100
"""How many numbers a result names, and the most that a single statement changes."""

_N, _E = columns(PhoneNumberRow), columns(NumberEventRow)
_AT = bindparam("at", type_=Instant())


Advance = Callable[[int], None]
"""Called with how many numbers have been changed so far."""


class ChangeResult(NamedTuple):
    """What a change has written. Without changed numbers there is no operation any more."""

    operation: int
    changed_count: int
    number_ids: Sequence[int]
    """The first `FEW` of the changed numbers, in the order of their E.164 text."""

    inventory_changes: Sequence[InventoryChange]
    paths: Mapping[int, str]
    """The paths of the holders before and after, by id."""

    is_counted: bool = False
    """Whether the changes to counters are written, too."""

    record: NumberRecord | None = None
    """The single number after the change, if the statement has returned it."""


def conditions(shape: predicates.Shape, effect: Effect, *, unless_same: bool) -> list[Any]:
    """The conditions for changing a number; `unless_same` excludes numbers with the holder or tag to be set."""
    wanted: list[Any] = [predicates.predicate(shape)]
    if unless_same and effect.organization is Change.SET:
        wanted.append(_N.organization_id != bindparam("organization", type_=Identifier))
    if unless_same and effect.tag is Change.SET:
        wanted.append(_N.reserved_tag.is_distinct_from(bindparam("tag", type_=Text())))
    return wanted


UPDATE_COLUMNS = (
    _E.phone_number_id,
    _E.version,
    _E.reserved_tag_after,
    _E.forwarding_number_after,
    _E.user_id_after,
)
"""The columns of events that `update_from` reads besides those of an InventoryChange."""


def update_from(events: Any) -> Update:
    """Update numbers to the values in their events; `tag_folded` is the folded form of the one tag that is set."""
    becomes_available = and_(
        events.status_after == int(NumberStatus.AVAILABLE),
        func.coalesce(events.status_before, -1) != int(NumberStatus.AVAILABLE),
    )
    return (
        update(table(PhoneNumberRow))
        .where(events.phone_number_id == _N.id)
        .values(
            series_id=events.series_id,
            organization_id=func.coalesce(events.organization_after, _N.organization_id),
            status=func.coalesce(events.status_after, _N.status),
            reserved_tag=events.reserved_tag_after,
            tag_folded=case(
                (events.reserved_tag_after.is_(None), null()),
                (events.reserved_tag_after == _N.reserved_tag, _N.tag_folded),
                else_=bindparam("tag_folded", type_=Ordered),
            ),
            forwarding_number=events.forwarding_number_after,
            user_id=events.user_id_after,
            retired_at=case((events.status_after.is_(None), _AT), else_=null()),
            available_since=case((becomes_available, _AT), else_=_N.available_since),
            updated_at=_AT,
            version=events.version,
        )
    )
