"""Queries for invitations: numbers to assign or offer, invited users, and expired invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, SmallInteger, and_, bindparam, case, func, literal, select

from db.core.database import DatabaseConnection
from db.core.scope import bounds, covers
from db.core.statements import Statement, among, ids
from db.core.tables import OrganizationRow, PhoneNumberRow, UserRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from domain.statuses import NumberStatus
from domain.texts import fold_for_lookup

_N, _U, _O = columns(PhoneNumberRow), columns(UserRow), columns(OrganizationRow)
_HOLDER = bindparam("holder", type_=Identifier)
_LIMIT = bindparam("limit", type_=BigInteger())
_TAG = bindparam("tag", type_=Ordered)
_NOW = bindparam("now", type_=Instant())


def _held(status: NumberStatus) -> ColumnElement[bool]:
    return and_(
        _N.retired_at.is_(None), _N.organization_id == _HOLDER, _N.status == literal(int(status), SmallInteger())
    )


_is_available = and_(_held(NumberStatus.AVAILABLE), _N.series_id == bindparam("series", type_=Identifier))
_LOCK_AVAILABLE = Statement(
    select(_N.id)
    .where(_is_available, ~among(_N.id, ids("exclude")))
    .order_by(_N.number)
    .limit(_LIMIT)
    .with_for_update(of=table(PhoneNumberRow))
)
_LOCK_TAGGED = Statement(
    select(_N.id)
    .where(
        _held(NumberStatus.RESERVED),
        _N.tag_folded == bindparam("tag_folded", type_=Ordered),
        ~among(_N.id, ids("exclude")),
    )
    # Exact matches come before those that differ in case.
    .order_by(case((_N.reserved_tag == _TAG, 0), else_=1), _N.number)
    .limit(_LIMIT)
    .with_for_update(of=table(PhoneNumberRow))
)


async def available_ids(
    connection: DatabaseConnection, *, holder: int, series: int, exclude: Sequence[int] = (), limit: int = 1
) -> list[int]:
    """Lock and return the lowest available numbers of a series that an organization itself holds."""
    rows = await connection.fetch(_LOCK_AVAILABLE, holder=holder, series=series, exclude=exclude, limit=limit)
    return [row[0] for row in rows]


async def tagged_ids(
    connection: DatabaseConnection, *, holder: int, tag: str, exclude: Sequence[int] = (), limit: int = 1
) -> list[int]:
    """Lock and return the lowest reserved numbers with a tag that an organization itself holds."""
    rows = await connection.fetch(
        _LOCK_TAGGED, holder=holder, tag=tag, tag_folded=fold_for_lookup(tag), exclude=exclude, limit=limit
    )
    return [row[0] for row in rows]


class OfferedNumber(NamedTuple):
    """A number that an invited user can pick."""

    id: int
    number: str


_OFFERED = Statement(select(_N.id, _N.number).where(_held(NumberStatus.AVAILABLE)).order_by(_N.number).limit(_LIMIT))


async def offered_numbers(connection: DatabaseConnection, holder: int, *, limit: int) -> list[OfferedNumber]:
    """The lowest available numbers that an organization itself holds."""
    return [OfferedNumber(*row) for row in await connection.fetch(_OFFERED, holder=holder, limit=limit)]


class InvitedUser(NamedTuple):
    """An invited user, as the invitation link shows them; `expires_at` is None once the invitation has ended."""

    id: int
    first_name: str
    last_name: str
    email: str
    status: int
    expires_at: datetime | None
    organization_id: int
    organization_name: str
    number: str | None


_INVITED = Statement(
    select(
        _U.id,
        _U.first_name,
        _U.last_name,
        _U.email,
        _U.status,
        _U.invitation_expires_at,
        _U.organization_id,
        _O.name,
        _N.number,
    )
    .join(table(OrganizationRow), _O.id == _U.organization_id)
    .outerjoin(table(PhoneNumberRow), _N.user_id == _U.id)
    .where(_U.invitation_digest == bindparam("digest", type_=Ordered))
)


async def invited_user(connection: DatabaseConnection, digest: str) -> InvitedUser | None:
    """The user whose invitation link has this digest, or None."""
    row = await connection.fetch_one(_INVITED, digest=digest)
    return InvitedUser(*row) if row else None


_is_expired = and_(_U.invitation_expires_at.is_not(None), _U.invitation_expires_at <= _NOW)
NEXT_EXPIRY = select(func.min(_U.invitation_expires_at)).where(_U.invitation_expires_at.is_not(None)).scalar_subquery()
"""When the first pending invitation expires; in the past if expired invitations have not been ended yet."""

_with_expired = select(_U.organization_id).where(_is_expired).distinct().subquery()
_organizations = select(_O.id, _O.path).join(_with_expired, _with_expired.c.organization_id == _O.id)
_ORGANIZATIONS_WITH_EXPIRED = Statement(_organizations.order_by(_O.id))
_WITH_EXPIRED_INSIDE = Statement(_organizations.where(covers(_O.path, "scope")).order_by(_O.id))
_user = table(UserRow).alias()
_first_expired = (
    select(_user.c.id)
    .where(_user.c.organization_id == _HOLDER, _user.c.invitation_expires_at <= _NOW)
    .order_by(_user.c.invitation_expires_at)
    .limit(_LIMIT)
)
_LOCK_EXPIRED = Statement(
    select(_U.id, _N.id)
    .select_from(table(UserRow))
    .outerjoin(table(PhoneNumberRow), _N.user_id == _U.id)
    # Once more, because another transaction may have ended them while this one waited for the lock.
    .where(_U.id.in_(_first_expired), _is_expired)
    .order_by(_U.id)
    .with_for_update(of=table(UserRow))
)


async def organizations_with_expired(
    connection: DatabaseConnection, *, now: datetime, within: str | None = None
) -> dict[int, str]:
    """The paths of organizations with expired invitations by id; `within` narrows them to a scope."""
    if within is None:
        rows = await connection.fetch(_ORGANIZATIONS_WITH_EXPIRED, now=now)
    else:
        rows = await connection.fetch(_WITH_EXPIRED_INSIDE, now=now, **bounds("scope", within))
    return dict(rows)


async def lock_expired(
    connection: DatabaseConnection, organization_id: int, *, now: datetime, limit: int
) -> list[tuple[int, bool]]:
    """Lock and return an organization's first users with expired invitations: ids, and whether they have a number."""
    rows = await connection.fetch(_LOCK_EXPIRED, holder=organization_id, now=now, limit=limit)
    return [(user_id, number_id is not None) for user_id, number_id in rows]


_LOCK_ONE_AVAILABLE = Statement(
    select(_N.number)
    .where(_held(NumberStatus.AVAILABLE), _N.id == bindparam("id", type_=Identifier))
    .with_for_update(of=table(PhoneNumberRow))
)


async def lock_available(connection: DatabaseConnection, number_id: int, *, holder: int) -> str | None:
    """Lock and return a number if it is available and the organization itself holds it."""
    row = await connection.fetch_one(_LOCK_ONE_AVAILABLE, id=number_id, holder=holder)
    return row[0] if row else None
