"""Reading the tree: organizations, what is above and below them, their utilization and their activity."""

from __future__ import annotations

from collections.abc import Sequence

from db.core.keyset import ConnectionPage, PageRequest
from db.history import queries as history
from db.history.queries import EventRecord, EventsOf, OperationRecord
from db.organizations import queries as organizations
from db.organizations.queries import OrganizationQuery, OrganizationRecord
from db.utilization.counters import Counters, SeriesCounters
from domain.errors import not_found
from domain.organizations import OrganizationAction, OrganizationFacts, available_actions
from domain.scope import ancestor_ids, covers
from domain.utilization import Counts
from resolvers.core.context import Context


async def find_organization(context: Context, organization_id: int | None) -> OrganizationRecord | None:
    """An organization in scope, the acting one when no id is given, or None."""
    wanted = context.actor.acting.id if organization_id is None else organization_id
    return await context.loaders.organizations.load(wanted)


def require_in_scope(context: Context, record: OrganizationRecord) -> None:
    """Raise NotFound outside the scope: a caller who acts from below knows his home by name alone."""
    if not covers(context.scope, record.path):
        raise not_found("organization", path=())


async def ancestors(context: Context, record: OrganizationRecord) -> list[OrganizationRecord]:
    """The organizations above it that are in scope, from the acting one down."""
    above = await context.loaders.organizations.load_many(ancestor_ids(record.path))
    return [organization for organization in above if organization is not None]


async def listing_page(
    context: Context, listing: OrganizationQuery, page: PageRequest, *, counters: bool
) -> ConnectionPage[OrganizationRecord]:
    """A page of organizations in the order of names, with their counters where they are asked for."""
    async with context.database.read() as connection:
        return await organizations.page(connection, listing, page, counters=counters)


async def listing_count(context: Context, listing: OrganizationQuery) -> int:
    """How many organizations the list has."""
    async with context.database.read() as connection:
        return await organizations.count(connection, listing)


async def child_count(context: Context, record: OrganizationRecord) -> int:
    """How many organizations are directly below it."""
    return await context.loaders.child_counts.load(record.id) or 0


async def utilization(context: Context, organization_id: int) -> Counters:
    """The counters of an organization that the caller sees."""
    found = await context.loaders.utilization.load(organization_id)
    return found or Counters(organization_id, 0, 0, 0, 0, 0, 0, 0, 1)


async def inventory(context: Context, organization_id: int) -> Sequence[SeriesCounters]:
    """The counters of an organization by series."""
    return await context.loaders.inventory.load(organization_id) or []


def counts(counters: Counters | SeriesCounters) -> Counts:
    """The figures that utilization is computed from."""
    return Counts(
        counters.available,
        counters.reserved,
        counters.assigned,
        counters.registered,
        counters.allocated,
    )


async def organization_actions(context: Context, record: OrganizationRecord) -> list[OrganizationAction]:
    """What the caller may do with the organization."""
    figures = await utilization(context, record.id)
    standing = OrganizationFacts(
        path=record.path,
        acting_path=context.scope,
        available=figures.available,
        has_children=await child_count(context, record) > 0,
        occupied=await context.loaders.occupied.load(record.id) or False,
    )
    return available_actions(standing, context.actor.role)


async def activity_page(context: Context, organization_id: int, page: PageRequest) -> ConnectionPage[OperationRecord]:
    """A page of the operations that touched an organization, newest first."""
    async with context.database.read() as connection:
        return await history.activity_page(connection, organization_id, page, within=context.scope)


async def activity_count(context: Context, organization_id: int) -> int:
    """How many operations touched an organization."""
    async with context.database.read() as connection:
        return await history.activity_count(connection, organization_id, within=context.scope)


async def events_page(context: Context, of: EventsOf, page: PageRequest) -> ConnectionPage[EventRecord]:
    """A page of the events of a number or of an operation."""
    async with context.database.read() as connection:
        return await history.events_page(connection, of, page, within=context.scope)


async def events_count(context: Context, of: EventsOf) -> int:
    """How many events of a number or of an operation the caller sees."""
    async with context.database.read() as connection:
        return await history.events_count(connection, of, within=context.scope)


async def find_event(context: Context, phone_number_id: int, version: int) -> EventRecord | None:
    """One event of a number's history, or None."""
    async with context.database.read() as connection:
        return await history.event(connection, phone_number_id, version, within=context.scope)
