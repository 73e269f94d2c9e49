"""On-boarding: what the link in an invitation shows to whoever holds it, and accepting by it, once."""

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
from domain.statuses import EventKind, NumberStatus
from domain.users import PENDING
from resolvers.access.sign_in import digest
from resolvers.core.context import Context
from resolvers.core.transactions import run_unattended
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number
from resolvers.users.assignment import count_pending
from resolvers.users.commands import AcceptInvitation

TOKEN_PATH = ("input", "token")
NUMBER_PATH = ("input", "numberId")


class Offer(NamedTuple):
    """What an invitation says: who is invited by whom, until when, onto which number, or which he can pick from."""

    first_name: str
    last_name: str
    email: str
    organization_name: str
    expires_at: datetime
    number: str | None
    offered_numbers: list[OfferedNumber]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The number that the user has from now on, and where."""

    number: str
    organization_name: str


@dataclass(slots=True)
class NotAccepted(Exception):
    """Why an acceptance was refused, and what can be picked instead."""

    refusal: Conflict | InvalidInput
    offered_numbers: list[OfferedNumber] = field(default_factory=list)


async def find_offer(context: Context, token: str) -> Offer:
    """What the token of an invitation offers. Raises NotFound for one that leads nowhere, Expired for a late one."""
    now = context.clock()
    async with context.database.read() as connection:
        user = await invitations.invited_user(connection, digest(token))
        if user is None:
            raise _no_such_invitation()
        expires_at = _running_until(user, now)
        offered = []
        if user.number is None:
            offered = await invitations.offered_numbers(connection, user.organization_id, limit=OFFERED_NUMBERS)
    return Offer(user.first_name, user.last_name, user.email, user.organization_name, expires_at, user.number, offered)


async def accept_invitation(context: Context, command: AcceptInvitation) -> Accepted:
    """Accept an invitation by its token; without a number in it, the picked one counts.

    Raises NotFound for a token that leads nowhere (any more), Expired for a late one, and NotAccepted where a number
    has to be picked or the picked one is gone.
    """

    async def change(connection: DatabaseConnection, now: datetime) -> tuple[Accepted, UnitOfWork]:
        user = await user_changes.lock_invited(connection, digest(command.token))
        invited = await invitations.invited_user(connection, digest(command.token))
        if user is None or invited is None:
            raise _no_such_invitation()
        _running_until(invited, now)
        paths = await organizations.paths(connection, [user.organization_id])
        work = _work(context, connection, user, path=paths[user.organization_id], now=now)
        accepted = await _accept(work, user, invited, number_id=command.number_id)
        return accepted, work

    return await run_unattended(context, change)


async def _accept(work: UnitOfWork, user: UserRecord, invited: InvitedUser, *, number_id: int | None) -> Accepted:
    if user.phone_number_id is None:
        number = await _pick(work, user, number_id)
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
        message = "The invitation carries a number already; another one can't be picked."
        raise InvalidInput(message, path=NUMBER_PATH)
    await user_changes.activate(work.connection, user.id, now=work.now)
    await count_pending(work, user, None)
    return Accepted(number=number, organization_name=invited.organization_name)


async def _pick(work: UnitOfWork, user: UserRecord, number_id: int | None) -> str:
    """Take the picked number into use. Raises NotAccepted, with fresh offers, where it can't be had."""
    connection, holder = work.connection, user.organization_id
    if number_id is None:
        refusal: Conflict | InvalidInput = InvalidInput("Pick one of the offered numbers.", path=NUMBER_PATH)
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
        refusal = Conflict("The number is no longer free; pick another one.", path=NUMBER_PATH)
    raise NotAccepted(refusal, await invitations.offered_numbers(connection, holder, limit=OFFERED_NUMBERS))


def _running_until(user: InvitedUser, now: datetime) -> datetime:
    """When the invitation ends. Raises Expired when that is over. One that was loaded without an end has no link."""
    if user.status not in PENDING or user.expires_at is None or user.expires_at <= now:
        message = "The invitation has expired. Ask whoever invited you for a new one."
        raise Expired(message, path=TOKEN_PATH)
    return user.expires_at


def _no_such_invitation() -> NotFound:
    message = "This link leads to no invitation (any more): it may have been used, cancelled, or sent once more."
    return NotFound(message, path=TOKEN_PATH)


def _work(
    context: Context, connection: DatabaseConnection, user: UserRecord, *, path: str, now: datetime
) -> UnitOfWork:
    """The work of a user at his own invitation. He has no role: nothing here asks for one."""
    place = OrganizationRef(user.organization_id, path)
    actor = Actor(CallerKind.USER, user.id, user.person.full_name, user.email, Role.USAGE_WRITER, place, place)
    return UnitOfWork(connection, actor, path, now, context)
