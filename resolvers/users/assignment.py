"""Find, lock and assign the number of an invited user, and keep the counters of pending invitations."""

from __future__ import annotations

from dataclasses import dataclass

from db.core.database import TransactionAborted
from db.numbers.assignments import ASSIGNED
from db.numbers.queries import NumberRecord
from db.organizations.queries import OrganizationRecord
from db.organizations.series import SeriesRecord
from db.users import invitations
from db.users.queries import UserRecord
from db.utilization import queries as utilization
from domain.errors import InsufficientNumbers, InvalidInput, NotFound
from domain.invitations import NumberSource
from domain.statuses import EventKind, NumberAction
from domain.texts import clean_tag
from domain.users import Person
from resolvers.core.counters import count_pending
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.numbers.commands import NumbersChanged
from resolvers.numbers.selection import visible_number


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A number source with the number or series it names; none of them is locked yet."""

    source: NumberSource
    number: NumberRecord | None = None
    series: SeriesRecord | None = None


async def resolve_source(work: UnitOfWork, source: NumberSource) -> ResolvedSource:
    """Look up the number or series that a source names. Raises NotFound if it is out of scope."""
    if source.number_id is not None:
        return ResolvedSource(source, number=await visible_number(work, source.number_id))
    if source.series_id is not None:
        return ResolvedSource(source, series=await work.series(source.series_id))
    return ResolvedSource(source)


def require_holder(number: NumberRecord, organization: OrganizationRecord) -> None:
    """Raise InvalidInput unless the organization itself holds the number; its users can have no other."""
    if number.organization_id != organization.id:
        raise InvalidInput(
            f"{number.number} is not held by {organization.name} itself, so its users can't have it.",
            path=("input", "numberId"),
            numbers=(number.number,),
        )


async def choose_number(work: UnitOfWork, source: ResolvedSource, organization: OrganizationRecord) -> int:
    """Return the id of a number from the source, locked if it was chosen by tag or from a series.

    Raises NotFound if no number has the tag, InsufficientNumbers if the series has no available number.
    """
    if source.number is not None:
        require_holder(source.number, organization)
        return source.number.id
    # Serialize choices per holder: concurrent ones would lock the same number, and all but the first fail.
    await work.connection.advisory_lock(f"stock {organization.id}")
    if source.series is not None:
        return await _choose_from_series(work, source.series, organization)
    tag = clean_tag(source.source.reserved_tag or "", path=("input", "reservedTag"))
    found = await invitations.tagged_ids(work.connection, holder=organization.id, tag=tag)
    if not found:
        raise NotFound(
            f"{organization.name} has no number that is reserved with the tag {tag!r}.", path=("input", "reservedTag")
        )
    return found[0]


async def _choose_from_series(work: UnitOfWork, series: SeriesRecord, organization: OrganizationRecord) -> int:
    found = await invitations.available_ids(work.connection, holder=organization.id, series=series.id)
    if found:
        return found[0]
    if await utilization.available(work.connection, organization_id=organization.id, series_id=series.id):
        raise TransactionAborted("the chosen number was taken by another transaction")
    raise InsufficientNumbers(
        f"{organization.name} has no available number in {series.name}.", path=("input", "seriesId")
    )


async def assign(
    work: UnitOfWork, number_id: int, *, organization_id: int, user_id: int, person: Person
) -> NumbersChanged:
    """Assign a number to an invited user. Raises InvalidTransition if its status does not allow it."""
    return await change_number(
        work,
        number_id,
        organization_id=organization_id,
        kind=EventKind.ASSIGNED,
        effect=ASSIGNED,
        action=NumberAction.INVITE,
        path=("input", "numberId"),
        user_id=user_id,
        person=person.display_name,
    )


async def update_pending(work: UnitOfWork, before: UserRecord | None, after: UserRecord | None) -> None:
    """Update the organization's counters of pending invitations after a change of one user."""
    user = after or before
    if user is not None:
        invited, waiting = (
            sum(sign * getattr(state, name) for sign, state in ((-1, before), (1, after)) if state is not None)
            for name in ("pending", "waiting")
        )
        if invited or waiting:
            await count_pending(work, user.organization_id, invitations=invited, without_number=waiting)
