"""List users."""

from __future__ import annotations

from dataclasses import dataclass, replace

from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, PageRequest
from db.organizations import queries as organizations
from db.organizations.queries import OrganizationRecord
from db.users import pages
from db.users.pages import SortedUser
from domain.emails import EMAIL_LENGTH
from domain.number_search import depends_on_region, is_blank, search_text
from domain.scope import outermost, root_of
from domain.user_search import UserFilter, UserOrder
from domain.users import UserStatus
from resolvers.core.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilterInput:
    """The filter as the caller gave it. None and empty values restrict nothing."""

    text: str | None = None
    organization_ids: tuple[int, ...] | None = None
    include_descendants: bool = False
    statuses: tuple[UserStatus, ...] | None = None
    with_number: bool | None = None


async def user_filter(
    context: Context, wanted: UserFilterInput, *, organization: OrganizationRecord | None = None
) -> UserFilter:
    """Resolve a filter inside the scope, or inside one organization of it."""
    scope = context.scope if organization is None else organization.path
    whole = context.covers_deployment and organization is None and not wanted.organization_ids
    if organization is not None and not wanted.organization_ids:
        wanted = replace(wanted, organization_ids=(organization.id,))
    text = wanted.text or ""
    region = await context.region() if depends_on_region(text) else None
    wanted = replace(wanted, text=None if is_blank(text) else text)
    async with context.database.read() as connection:
        return await _resolve(connection, wanted, scope=scope, whole=whole, region=region)


async def _resolve(
    connection: DatabaseConnection, wanted: UserFilterInput, *, scope: str, whole: bool, region: str | None
) -> UserFilter:
    organization_ids: tuple[int, ...] | None = None
    scopes: tuple[str, ...] | None = (scope,)
    if wanted.organization_ids:
        found = await organizations.by_ids(connection, wanted.organization_ids, within=scope)
        if wanted.include_descendants:
            scopes = tuple(outermost([record.path for record in found.values()]))
        else:
            organization_ids, scopes = tuple(sorted(found)), None
    text = search_text(wanted.text, region) if wanted.text else None
    if wanted.text and (text is None or len(text.folded) > 3 * EMAIL_LENGTH):
        # No name or address can match.
        organization_ids, scopes, text = (), None, None
    return UserFilter(
        scopes=scopes,
        organization_ids=organization_ids,
        statuses=tuple(sorted(set(wanted.statuses))) if wanted.statuses else None,
        text=None if text is None else text.folded,
        digits=None if text is None else text.digits,
        with_number=wanted.with_number,
        root_id=root_of(scope),
        whole=whole,
    )


async def user_page(
    context: Context, filter: UserFilter, *, order: UserOrder, page: PageRequest
) -> ConnectionPage[SortedUser]:
    """Return a page of the users that match a filter."""
    async with context.database.read() as connection:
        return await pages.page(connection, filter, order=order, page=page)


async def user_count(context: Context, filter: UserFilter) -> int:
    """Count the users that match a filter."""
    async with context.database.read() as connection:
        return await pages.count(connection, filter)
