"""Read administrators by id, and pages of them sorted by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Keyset, PageRequest, PageShape, SortKey, to_page
from db.core.statements import Row, Statement, among, ids
from db.core.tables import AdministratorRow, OrganizationRow, OutboxRow, PasswordLinkRow, columns, table
from db.core.types import Identifier, Instant
from domain.access import Role
from domain.mail import MailState
from domain.users import UserStatus


class AdministratorRecord(NamedTuple):
    """An administrator as the API shows them."""

    id: int
    organization_id: int
    name: str
    name_folded: str
    email: str
    role: Role
    receives_alerts: bool
    last_sign_in_at: datetime | None
    status: UserStatus

    @property
    def active(self) -> bool:
        """Whether the administrator has a password and can sign in."""
        return self.status is UserStatus.ACTIVATED


_A, _O, _L, _M = columns(AdministratorRow), columns(OrganizationRow), columns(PasswordLinkRow), columns(OutboxRow)
_valid_links = (
    select(func.count())
    .select_from(table(PasswordLinkRow))
    .where(_L.administrator_id == _A.id, _L.expires_at > bindparam("now", type_=Instant()))
)
_delivered_links = _valid_links.join(table(OutboxRow), _M.id == _L.mail_id).where(_M.state != int(MailState.FAILED))
_STATUS = case(
    (_A.password_hash.is_not(None), int(UserStatus.ACTIVATED)),
    (_delivered_links.scalar_subquery() > 0, int(UserStatus.INVITED)),
    (_valid_links.scalar_subquery() > 0, int(UserStatus.INVITATION_FAILED)),
    else_=int(UserStatus.NOT_INVITED),
)
"""An administrator without a password is INVITED while they have a valid link whose mail has not failed."""

_SCOPED = (
    select(*(_A[name] for name in AdministratorRecord._fields[:-1]), _STATUS)
    .join(table(OrganizationRow), _O.id == _A.organization_id)
    .where(scope.inside(_O.path, "scope"))
)
_BY_IDS = Statement(_SCOPED.where(among(_A.id, ids("ids"))))
STATUSES = tuple(UserStatus)


def _record(row: Row) -> AdministratorRecord:
    return AdministratorRecord._make((*row[:5], Role(row[5]), *row[6:8], STATUSES[row[8]]))


async def by_ids(
    connection: DatabaseConnection, wanted: Sequence[int], *, within: str, now: datetime
) -> dict[int, AdministratorRecord]:
    """The administrators with these ids that are in scope, by id."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, now=now, **scope.bounds("scope", within))
    return {row[0]: _record(row) for row in rows}


class AdministratorQuery(NamedTuple):
    """A query for all administrators in a scope, or for those of one organization in it."""

    within: str
    organization_id: int | None = None


_NAME_ORDER = Keyset(_A.id, _A.name_folded)


@lru_cache(maxsize=32)
def _list(*, by_organization: bool, page: PageShape | None) -> Statement:
    """Select a page of administrators, or count all of them."""
    query: Any = (
        select(func.count())
        .select_from(table(AdministratorRow))
        .join(table(OrganizationRow), _O.id == _A.organization_id)
        .where(scope.inside(_O.path, "scope"))
        if page is None
        else _SCOPED
    )
    if by_organization:
        query = query.where(_A.organization_id == bindparam("organization_id", type_=Identifier))
    return Statement(query if page is None else _NAME_ORDER.page(query, page))


async def page(
    connection: DatabaseConnection, query: AdministratorQuery, page: PageRequest, *, now: datetime
) -> ConnectionPage[AdministratorRecord]:
    """A page of administrators, sorted by name."""
    rows = await connection.fetch(
        _list(by_organization=query.organization_id is not None, page=page.shape),
        organization_id=query.organization_id,
        now=now,
        **page.parameters(),
        **scope.bounds("scope", query.within),
    )
    return to_page([_record(row) for row in rows], page)


def key(record: AdministratorRecord) -> SortKey:
    """The sort key of an administrator in the order of names."""
    return SortKey(record.name_folded, record.id)


async def count(connection: DatabaseConnection, query: AdministratorQuery) -> int:
    """The number of administrators that match a query."""
    total: int = await connection.value(
        _list(by_organization=query.organization_id is not None, page=None),
        organization_id=query.organization_id,
        **scope.bounds("scope", query.within),
    )
    return total
