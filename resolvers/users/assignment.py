"""Numbers come to users and leave them: the one road for invitations, on-boarding, cancelling, expiry and deletion."""

from __future__ import annotations

from dataclasses import dataclass

from db.core.database import TransactionAborted
from db.numbers.assignments import ASSIGNED
from db.numbers.queries import NumberRecord
from db.organizations.queries import OrganizationRecord
from db.organizations.series import SeriesRecord
from db.users import invitations
from db.users.queries import UserRecord
from db.utilization import counters
from domain.errors import InsufficientNumbers, InvalidInput, NotFound
from domain.invitations import NumberSource
from domain.statuses import EventKind, NumberAction
from domain.texts import clean_tag
from domain.users import Person
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.numbers.commands import NumbersChanged
from resolvers.numbers.selection import visible_number

INPUT = ("input",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source whose number or series exists for the caller; whether it yields a number is seen when it is taken."""

    source: NumberSource
    number: NumberRecord | None = None
    series: SeriesRecord | None = None


async def look_up(work: UnitOfWork, source: NumberSource) -> Wanted:
    """The source with what it names. Raises NotFound for what is outside the scope."""
    if source.number_id is not None:
        return Wanted(source, number=await visible_number(work, source.number_id))
    if source.series_id is not None:
        return Wanted(source, series=await work.series(source.series_id))
    return Wanted(source)


def require_held(number: NumberRecord, organization: OrganizationRecord) -> None:
    """Raise InvalidInput unless the organization itself holds the number: allocating forces it to be used there."""
    if number.organization_id != organization.id:
        message = f"{number.number} is not held by {organization.name} itself, so no user of it can have the number."
        raise InvalidInput(message, path=(*INPUT, "numberId"), numbers=(number.number,))


async def take(work: UnitOfWork, wanted: Wanted, organization: OrganizationRecord) -> int:
    """The id of a number that the source yields, locked.

    Raises NotFound for a tag that no number has, and InsufficientNumbers for a series without an available one.
    """
    source = wanted.source
    if wanted.number is not None:
        require_held(wanted.number, organization)
        return wanted.number.id
    # Whoever takes from one stock takes turns, so that all but the first find another number instead of none.
    await work.connection.advisory_lock(f"stock {organization.id}")
    if wanted.series is not None:
        return await _from_series(work, wanted.series, organization)
    tag = clean_tag(source.reserved_tag or "", path=(*INPUT, "reservedTag"))
    found = await invitations.tagged_ids(work.connection, holder=organization.id, tag=tag)
    if not found:
        message = f"{organization.name} has no number that is reserved with the tag {tag!r}."
        raise NotFound(message, path=(*INPUT, "reservedTag"))
    return found[0]


async def _from_series(work: UnitOfWork, series: SeriesRecord, organization: OrganizationRecord) -> int:
    found = await invitations.available_ids(work.connection, holder=organization.id, series=series.id)
    if found:
        return found[0]
    if await counters.available(work.connection, organization_id=organization.id, series_id=series.id):
        message = "the number that was chosen was taken meanwhile"
        raise TransactionAborted(message)
    message = f"{organization.name} has no available number in {series.name}."
    raise InsufficientNumbers(message, path=(*INPUT, "seriesId"))


async def assign(
    work: UnitOfWork, number_id: int, *, organization_id: int, user_id: int, person: Person
) -> NumbersChanged:
    """Give an organization's number to an invited user. Raises InvalidTransition for one in use."""
    return await change_number(
        work,
        number_id,
        organization_id=organization_id,
        kind=EventKind.ASSIGNED,
        effect=ASSIGNED,
        action=NumberAction.INVITE,
        path=(*INPUT, "numberId"),
        user_id=user_id,
        person=person.display_name,
    )


async def count_pending(work: UnitOfWork, before: UserRecord | None, after: UserRecord | None) -> None:
    """Carry what became of a user into the pending counters of his organization, which stays the same."""
    user = after or before
    if user is not None:
        invited, waiting = (
            sum(sign * getattr(one, name) for sign, one in ((-1, before), (1, after)) if one is not None)
            for name in ("pending", "waiting")
        )
        if invited or waiting:
            await counters.add_pending(work.connection, {user.organization_id: (invited, waiting)})
