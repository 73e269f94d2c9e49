"""Compare every counter and every derived column with the rows that it is derived from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Text, and_, case, cast, func, or_, select, union_all

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import (
    AdministratorRow,
    InventoryRow,
    NumberEventRow,
    OrganizationRow,
    PhoneNumberRow,
    SeriesRow,
    UserRow,
    UtilizationRow,
    columns,
    table,
)
from db.users.queries import folded
from db.utilization.counters import EVERY as _COUNTERS
from db.utilization.counters import OWN
from db.utilization.unfolded import PENDING, UNFOLDED
from domain.scope import ancestor_ids, child_path
from domain.statuses import NumberStatus
from domain.texts import fold
from domain.users import PENDING as PENDING_STATUSES
from domain.users import Person, UserStatus

_N, _E, _U = columns(PhoneNumberRow), columns(NumberEventRow), columns(UserRow)
_O, _I, _T = columns(OrganizationRow), columns(InventoryRow), columns(UtilizationRow)
_A, _S = columns(AdministratorRow), columns(SeriesRow)
_unfolded = UNFOLDED.c
K = TypeVar("K")

_FOLDED = ("email_folded", "name_folded", "search_text")

_ORGANIZATIONS = Statement(select(_O.id, _O.parent_id, _O.path, _O.name, _O.name_folded).order_by(_O.id))
_HELD = Statement(
    select(_N.organization_id, _N.series_id, _N.status, func.count())
    .where(_N.retired_at.is_(None))
    .group_by(_N.organization_id, _N.series_id, _N.status)
)
_INVENTORY = Statement(
    union_all(*(select(of.organization_id, of.series_id, *(of[name] for name in _COUNTERS)) for of in (_I, _unfolded)))
)
_UTILIZATION = Statement(
    union_all(*(select(of.organization_id, *(of[name] for name in (*_COUNTERS, *PENDING))) for of in (_T, _unfolded)))
)
_PENDING = Statement(
    select(
        _U.organization_id,
        func.count(),
        func.sum(case((_N.id.is_(None), 1), else_=0)),
    )
    .outerjoin(table(PhoneNumberRow), _N.user_id == _U.id)
    .where(or_(*(_U.status == int(status) for status in PENDING_STATUSES)))
    .group_by(_U.organization_id)
)
_USERS = Statement(select(_U.id, _U.first_name, _U.last_name, _U.email, *(_U[name] for name in _FOLDED)))
_FAULTY_USERS = {
    fault: Statement(
        select(_U.id).outerjoin(table(PhoneNumberRow), _N.user_id == _U.id).where(condition).order_by(_U.id).limit(20)
    )
    for fault, condition in {
        "is ACTIVATED without a number": and_(_U.status == int(UserStatus.ACTIVATED), _N.id.is_(None)),
        "is ACTIVATED without an activation time, or has one in another status": (
            _U.status == int(UserStatus.ACTIVATED)
        )
        != (_U.activated_at.is_not(None)),
        "is NOT_INVITED but has an invitation time": and_(
            _U.status == int(UserStatus.NOT_INVITED), _U.invited_at.is_not(None)
        ),
        "has an invitation that can expire but is not pending": and_(
            _U.invitation_expires_at.is_not(None), *(_U.status != int(status) for status in PENDING_STATUSES)
        ),
        "is ACTIVATED but their invitation link is still valid": and_(
            _U.status == int(UserStatus.ACTIVATED), _U.invitation_digest.is_not(None)
        ),
    }.items()
}
_ADMINISTRATORS = Statement(select(_A.id, _A.name, _A.name_folded).order_by(_A.id))
_root_path: Any = cast(_N.root_id, Text) + "/"
_holder_is_in_root = func.substr(_O.path, 1, func.length(_root_path)) == _root_path
_last = table(NumberEventRow).alias()
_retired = _N.retired_at.is_not(None)
_NUMBERS: dict[str, Any] = {
    "differs from its last event": or_(
        _last.c.version.is_(None),
        and_(
            ~_retired,
            or_(
                _last.c.organization_after.is_distinct_from(_N.organization_id),
                _last.c.status_after.is_distinct_from(_N.status),
                _last.c.series_id != _N.series_id,
                _last.c.reserved_tag_after.is_distinct_from(_N.reserved_tag),
                _last.c.forwarding_number_after.is_distinct_from(_N.forwarding_number),
                _last.c.user_id_after.is_distinct_from(_N.user_id),
            ),
        ),
        and_(_retired, _last.c.status_after.is_not(None)),
    ),
    "is RESERVED without a tag, or has a tag in another status": (_N.status == int(NumberStatus.RESERVED))
    != (_N.reserved_tag.is_not(None)),
    "is ASSIGNED or IN_USE without a user, or has a user in another status": or_(
        _N.status == int(NumberStatus.ASSIGNED), _N.status == int(NumberStatus.IN_USE)
    )
    != (_N.user_id.is_not(None)),
    "has a user of another organization": and_(
        _N.user_id.is_not(None),
        _U.organization_id.is_distinct_from(_N.organization_id),
    ),
    "is IN_USE by a user who is not ACTIVATED, or ASSIGNED to one who is": or_(
        and_(_N.status == int(NumberStatus.IN_USE), _U.status != int(UserStatus.ACTIVATED)),
        and_(_N.status == int(NumberStatus.ASSIGNED), _U.status == int(UserStatus.ACTIVATED)),
    ),
    "belongs to another root than its series or its holder": or_(
        select(_S.root_id).where(_S.id == _N.series_id).scalar_subquery() != _N.root_id,
        ~select(_O.id).where(_O.id == _N.organization_id, _holder_is_in_root).exists(),
    ),
    "has a tag without a folded tag, or a folded tag without a tag": (_N.reserved_tag.is_(None))
    != (_N.tag_folded.is_(None)),
}
_FAULTY_NUMBERS = {
    fault: Statement(
        select(_N.number)
        .outerjoin(_last, and_(_last.c.phone_number_id == _N.id, _last.c.version == _N.version))
        .outerjoin(table(UserRow), _U.id == _N.user_id)
        .where(condition)
        .order_by(_N.number)
        .limit(20)
    )
    for fault, condition in _NUMBERS.items()
}
_NUMBERS_WITH_GAPS = Statement(
    select(_E.phone_number_id).group_by(_E.phone_number_id).having(func.count() != func.max(_E.version)).limit(20)
)
_NUMBERS_BEHIND_EVENTS = Statement(
    select(_N.number).join(table(NumberEventRow), and_(_E.phone_number_id == _N.id, _E.version > _N.version)).limit(20)
)
_TAGS = Statement(
    select(_N.reserved_tag, _N.tag_folded, func.min(_N.number))
    .where(_N.reserved_tag.is_not(None))
    .group_by(_N.reserved_tag, _N.tag_folded)
)


async def _number_differences(connection: DatabaseConnection) -> AsyncIterator[str]:
    for fault, statement in _FAULTY_NUMBERS.items():
        for (number,) in await connection.fetch(statement):
            yield f"number {number} {fault}"
    for (number_id,) in await connection.fetch(_NUMBERS_WITH_GAPS):
        yield f"number with id {number_id}: its events are not numbered without gaps"
    for (number,) in await connection.fetch(_NUMBERS_BEHIND_EVENTS):
        yield f"number {number} has events that are newer than its version"
    for tag, tag_folded, number in await connection.fetch(_TAGS):
        if fold(tag) != tag_folded:
            yield f"number {number}: the folded tag {tag_folded!r} is not that of {tag!r}"


def is_key_of_mailbox(stored: str, key: str) -> bool:
    """Whether a stored key is that of a mailbox, or one of two spellings that a migration numbered."""
    return stored == key or stored.rpartition(" (")[0] == key


async def _people_differences(connection: DatabaseConnection) -> AsyncIterator[str]:
    for fault, statement in _FAULTY_USERS.items():
        for (user_id,) in await connection.fetch(statement):
            yield f"user {user_id} {fault}"
    for user_id, first_name, last_name, email, *stored in await connection.fetch(_USERS):
        key, *expected = folded(Person(first_name, last_name, email)).values()
        if stored[1:] != expected or not is_key_of_mailbox(stored[0], key):
            yield f"user {user_id}: the search text differs from the name and address"
    for administrator_id, name, name_folded in await connection.fetch(_ADMINISTRATORS):
        if fold(name) != name_folded:
            yield f"administrator {administrator_id}: the folded name {name_folded!r} is not that of {name!r}"


async def differences(connection: DatabaseConnection) -> AsyncIterator[str]:
    """Yield a sentence for every stored value that disagrees with the recount."""
    paths: dict[int, str] = {}
    rows = await connection.fetch(_ORGANIZATIONS)
    by_id = {row[0]: row[2] for row in rows}
    for organization_id, parent_id, path, name, name_folded in rows:
        paths[organization_id] = path
        if path != child_path(by_id.get(parent_id, "") if parent_id else "", organization_id):
            yield f"organization {organization_id}: its path {path!r} does not follow from its parent {parent_id}"
        if name_folded != fold(name):
            yield f"organization {organization_id}: the folded name {name_folded!r} is not that of {name!r}"
    async for difference in _number_differences(connection):
        yield difference
    async for difference in _people_differences(connection):
        yield difference
    async for difference in _counter_differences(connection, paths):
        yield difference


async def _counter_differences(connection: DatabaseConnection, paths: dict[int, str]) -> AsyncIterator[str]:
    inventory, totals = await _recount(connection, paths)
    stored = _sums(((row[0], row[1]), row[2:]) for row in await connection.fetch(_INVENTORY) if row[1] is not None)
    for key in sorted(inventory.keys() | stored.keys()):
        zero = [0] * len(_COUNTERS)
        for name, counted, value in zip(_COUNTERS, inventory.get(key, zero), stored.get(key, zero), strict=True):
            if counted != value:
                yield f"organization {key[0]}, series {key[1]}: {name} is {value}, counted {counted}"
    stored_totals = _sums((row[0], row[1:]) for row in await connection.fetch(_UTILIZATION))
    for organization in sorted(totals.keys() | stored_totals.keys()):
        names = (*_COUNTERS, *PENDING)
        stored_values = stored_totals.get(organization)
        if stored_values is None or organization not in totals:
            yield f"organization {organization}: its counters are missing, or left over from a deleted organization"
            continue
        for name, counted, value in zip(names, totals[organization], stored_values, strict=True):
            if counted != value:
                yield f"organization {organization}: {name} is {value}, counted {counted}"


def _sums(rows: Iterable[tuple[K, Sequence[int]]]) -> dict[K, list[int]]:
    """Add up the rows of each key: the counters, and what is unfolded."""
    sums: dict[K, list[int]] = {}
    for key, values in rows:
        sums[key] = [a + b for a, b in zip(sums[key], values, strict=True)] if key in sums else list(values)
    return sums


async def _recount(
    connection: DatabaseConnection, paths: dict[int, str]
) -> tuple[dict[tuple[int, int], list[int]], dict[int, list[int]]]:
    """Return the expected counters by organization and series, and by organization with its pending users."""
    inventory: dict[tuple[int, int], list[int]] = {}
    totals: dict[int, list[int]] = {id_: [0] * (len(_COUNTERS) + 2) for id_ in paths}
    for holder, series, status, count in await connection.fetch(_HELD):
        for index, organizations in (
            (status, [holder]),
            (len(OWN) + status, ancestor_ids(paths[holder])),
        ):
            for organization in organizations:
                inventory.setdefault((organization, series), [0] * len(_COUNTERS))[index] += count
                totals[organization][index] += count
    for organization, count, without in await connection.fetch(_PENDING):
        totals[organization][-2:] = [count, int(without)]
    return inventory, totals
