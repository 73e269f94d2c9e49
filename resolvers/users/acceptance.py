"""Show and accept an invitation by the token of its link."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from db.core.database import DatabaseConnection
from db.history.events import Change, Effect
from db.organizations import queries as organizations
from db.users import changes as user_changes
from db.users import invitations
from db.users.invitations import InvitedUser, OfferedNumber
from db.users.queries import UserRecord
from domain.access import Actor, CallerKind, OrganizationRef, Role
from domain.errors import Conflict, Expired, InvalidInput, NotFound
from domain.invitations import OFFERED_NUMBERS
from domain.scope import root_of
from domain.statuses import EventKind, NumberStatus
from domain.users import PENDING
from resolvers.access.sign_in import digest
from resolvers.core.context import Context
from resolvers.core.transactions import run_unattended
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.users.assignment import update_pending
from resolvers.users.commands import AcceptInvitation

TOKEN_PATH = ("input", "token")
NUMBER_PATH = ("input", "numberId")


class InvitationOffer(NamedTuple):
    """An invitation as its recipient sees it, with its number or the numbers to choose from."""

    first_name: str
    last_name: str
    email: str
    organization_name: str
    expires_at: datetime
    number: str | None
    offered_numbers: list[OfferedNumber]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedInvitation:
    """The number that the user now has, and the organization it belongs to."""

    number: str
    organization_name: str


@dataclass(slots=True)
class AcceptanceRefused(Exception):
    """An acceptance was refused; `offered_numbers` are the numbers available now."""

    refusal: Conflict | InvalidInput
    offered_numbers: list[OfferedNumber] = field(default_factory=list)


async def find_offer(context: Context, token: str) -> InvitationOffer:
    """Return the invitation of a token. Raises NotFound if there is none, Expired if it has expired."""
    now = context.clock()
    async with context.database.read() as connection:
        user = await invitations.invited_user(connection, digest(token))
        if user is None:
            raise _invalid_link()
        expires_at = _require_unexpired(user, now)
        offered = []
        if user.number is None:
            offered = await invitations.offered_numbers(connection, user.organization_id, limit=OFFERED_NUMBERS)
    return InvitationOffer(
        user.first_name, user.last_name, user.email, user.organization_name, expires_at, user.number, offered
    )


async def accept_invitation(context: Context, command: AcceptInvitation) -> AcceptedInvitation:
    """Accept an invitation once.

    Raises NotFound for an invalid token, Expired for an expired one, and AcceptanceRefused if a number has to be
    chosen or the chosen one is no longer available.
    """

    async def change(connection: DatabaseConnection, now: datetime) -> tuple[AcceptedInvitation, UnitOfWork]:
        user = await user_changes.lock_invited(connection, digest(command.token))
        invited = await invitations.invited_user(connection, digest(command.token))
        if user is None or invited is None:
            raise _invalid_link()
        _require_unexpired(invited, now)
        paths = await organizations.paths(connection, [user.organization_id])
        work = _unit_of_work(context, connection, user, path=paths[user.organization_id], now=now)
        return await _accept(work, user, invited, number_id=command.number_id), work

    return await run_unattended(context, change, root_id=await _root_id(context, command.token))


async def _root_id(context: Context, token: str) -> int:
    """Return the root of the invited user. Raises NotFound if the token has no invitation."""
    async with context.database.read() as connection:
        invited = await invitations.invited_user(connection, digest(token))
        if invited is None:
            raise _invalid_link()
        paths = await organizations.paths(connection, [invited.organization_id])
    return root_of(paths[invited.organization_id])


async def _accept(
    work: UnitOfWork, user: UserRecord, invited: InvitedUser, *, number_id: int | None
) -> AcceptedInvitation:
    if user.phone_number_id is None:
        number = await _take_chosen_number(work, user, number_id)
    elif number_id in {None, user.phone_number_id}:
        await change_number(
            work,
            user.phone_number_id,
            organization_id=user.organization_id,
            kind=EventKind.ACTIVATED,
            effect=Effect(status=NumberStatus.IN_USE),
        )
        number = invited.number or ""
    else:
        raise InvalidInput("The invitation already has a number; you can't choose another one.", path=NUMBER_PATH)
    await user_changes.activate(work.connection, user.id, now=work.now)
    await update_pending(work, user, None)
    return AcceptedInvitation(number=number, organization_name=invited.organization_name)


async def _take_chosen_number(work: UnitOfWork, user: UserRecord, number_id: int | None) -> str:
    """Activate the chosen number for the user. Raises AcceptanceRefused with fresh offers if that is impossible."""
    connection, holder = work.connection, user.organization_id
    if number_id is None:
        refusal: Conflict | InvalidInput = InvalidInput("Choose one of the offered numbers.", path=NUMBER_PATH)
    else:
        number = await invitations.lock_available(connection, number_id, holder=holder)
        if number is not None:
            await change_number(
                work,
                number_id,
                organization_id=holder,
                kind=EventKind.ACTIVATED,
                effect=Effect(status=NumberStatus.IN_USE, user=Change.SET),
                user_id=user.id,
                person=user.person.display_name,
            )
            return number
        refusal = Conflict("The number is no longer available; choose another one.", path=NUMBER_PATH)
    raise AcceptanceRefused(refusal, await invitations.offered_numbers(connection, holder, limit=OFFERED_NUMBERS))


def _require_unexpired(user: InvitedUser, now: datetime) -> datetime:
    """Return when the invitation expires. Raises Expired if it already has."""
    if user.status not in PENDING or user.expires_at is None or user.expires_at <= now:
        raise Expired("This invitation has expired. Ask your administrator for a new one.", path=TOKEN_PATH)
    return user.expires_at


def _invalid_link() -> NotFound:
    return NotFound(
        "This invitation link is no longer valid. It was used, cancelled or replaced by a newer one.", path=TOKEN_PATH
    )


def _unit_of_work(
    context: Context, connection: DatabaseConnection, user: UserRecord, *, path: str, now: datetime
) -> UnitOfWork:
    """A unit of work in the invited user's name. Its role grants nothing here: accepting checks no permission."""
    place = OrganizationRef(user.organization_id, path)
    actor = Actor(CallerKind.USER, user.id, user.person.full_name, user.email, Role.USAGE_WRITER, place, place)
    appends = context.database.appends_counters
    return UnitOfWork(connection, actor, path, now, context, appends_counters=appends)
