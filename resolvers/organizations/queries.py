"""Read organizations, their ancestors, utilization, activity and history."""

from __future__ import annotations

from collections.abc import Sequence

from db.core.keyset import ConnectionPage, PageRequest
from db.history import queries as history
from db.history.queries import EventRecord, EventsOf, OperationRecord
from db.organizations import queries as organizations
from db.organizations import regions
from db.organizations.queries import OrganizationQuery, OrganizationRecord
from db.utilization.queries import Counters, SeriesCounters
from domain.access import hidden_events
from domain.errors import not_found
from domain.organizations import OrganizationAction, OrganizationFacts, available_actions
from domain.scope import ancestor_ids, covers
from domain.utilization import Counts
from resolvers.core.context import Context


async def find_organization(context: Context, organization_id: int | None) -> OrganizationRecord | None:
    """Return an organization in scope (by default the acting one), or None."""
    wanted = context.actor.acting.id if organization_id is None else organization_id
    return await context.loaders.organizations.load(wanted)


def require_in_scope(context: Context, record: OrganizationRecord) -> None:
    """Raise NotFound if the organization is out of scope.

    A caller who acts from a sub-organization still sees the name of their home organization, but nothing else of it.
    """
    if not covers(context.scope, record.path):
        raise not_found("organization", path=())


async def ancestors(context: Context, record: OrganizationRecord) -> list[OrganizationRecord]:
    """Return the ancestors in scope, from the acting organization down."""
    found = await context.loaders.organizations.load_many(ancestor_ids(record.path))
    return [organization for organization in found if organization is not None]


async def written_path(context: Context, record: OrganizationRecord) -> str:
    """Return the names from the acting organization down; of an organization above the scope, its name only."""
    return await context.loaders.written_paths.load(record.path) or record.name


async def organization_page(
    context: Context, query: OrganizationQuery, page: PageRequest, *, counters: bool
) -> ConnectionPage[OrganizationRecord]:
    """Return a page of organizations, sorted by name, with their utilization counters if requested."""
    async with context.database.read() as connection:
        return await organizations.page(connection, query, page, counters=counters)


async def organization_count(context: Context, query: OrganizationQuery) -> int:
    """Count the organizations of a query."""
    async with context.database.read() as connection:
        return await organizations.count(connection, query)


async def region(context: Context, record: OrganizationRecord) -> str:
    """Return the region in which national numbers are read: its own, that of the nearest above it, or the default."""
    found: str | None = record.region or await context.database.batch_loader.load(regions.by_paths, record.path)
    return found or context.deployment.region


async def child_count(context: Context, record: OrganizationRecord) -> int:
    """Count the direct sub-organizations."""
    return await context.loaders.child_counts.load(record.id) or 0


async def utilization(context: Context, organization_id: int) -> Counters:
    """Return the utilization counters of an organization; all zero if it has none."""
    found = await context.loaders.utilization.load(organization_id)
    return found or Counters(organization_id, 0, 0, 0, 0, 0, 0, 0, 1)


async def inventory(context: Context, organization_id: int) -> Sequence[SeriesCounters]:
    """Return the counters of an organization by series."""
    return await context.loaders.inventory.load(organization_id) or []


def counts(counters: Counters | SeriesCounters) -> Counts:
    """Return the counts from which utilization is computed."""
    return Counts(
        counters.available,
        counters.reserved,
        counters.assigned,
        counters.registered,
        counters.allocated,
    )


async def organization_actions(context: Context, record: OrganizationRecord) -> list[OrganizationAction]:
    """Return the actions available to the caller."""
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
    """Return a page of the operations that affected an organization, newest first."""
    async with context.database.read() as connection:
        return await history.activity_page(
            connection, organization_id, page, within=context.scope, without=hidden_events(context.actor.role)
        )


async def activity_count(context: Context, organization_id: int) -> int:
    """Count the operations that affected an organization."""
    async with context.database.read() as connection:
        return await history.activity_count(
            connection, organization_id, within=context.scope, without=hidden_events(context.actor.role)
        )


async def events_page(context: Context, of: EventsOf, page: PageRequest) -> ConnectionPage[EventRecord]:
    """Return a page of the events of a number or of an operation."""
    async with context.database.read() as connection:
        return await history.events_page(connection, of, page, within=context.scope)


async def events_count(context: Context, of: EventsOf) -> int:
    """Count the events of a number or of an operation that are in scope."""
    async with context.database.read() as connection:
        return await history.events_count(connection, of, within=context.scope)


async def find_event(context: Context, phone_number_id: int, version: int) -> EventRecord | None:
    """Return one event of a number's history, or None."""
    async with context.database.read() as connection:
        return await history.event(connection, phone_number_id, version, within=context.scope)
