"""Find any object by its global id."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from db.core.keyset import LARGEST_PAGE
from db.numbers.relations import Relations
from domain.access import CallerKind
from domain.errors import LimitExceeded
from resolvers.access import administrators, api_keys
from resolvers.core.context import Context
from resolvers.jobs import queries as jobs
from resolvers.mail import deliveries
from resolvers.organizations import queries as organizations
from resolvers.organizations import series
from resolvers.usage import queries as dashboards
from schema.core.ids import decode

_CALLERS = ("Viewer", "ApiKeyViewer")


async def _utilization(context: Context, organization_id: int) -> Any:
    seen = await context.loaders.organizations.load(organization_id)
    return seen and await organizations.utilization(context, organization_id)


async def _inventory(context: Context, organization_id: int, series_id: int) -> Any:
    if await context.loaders.organizations.load(organization_id) is None:
        return None
    rows = await organizations.inventory(context, organization_id)
    return next((row for row in rows if row.series_id == series_id), None)


async def _dashboard(context: Context, organization_id: int) -> Any:
    seen = await context.loaders.organizations.load(organization_id)
    return seen and dashboards.dashboard(context, seen)


async def _cycle(context: Context, organization_id: int, number: int) -> Any:
    seen = await context.loaders.organizations.load(organization_id)
    return seen and await dashboards.find_cycle(context, seen, number)


async def _administrator(context: Context, key: int) -> Any:
    return await administrators.find_administrator(context, key) if context.manages_access else None


async def _api_key(context: Context, key: int) -> Any:
    return await api_keys.find_key(context, key) if context.manages_access else None


_FINDERS: dict[tuple[str, int], Callable[..., Awaitable[Any]]] = {
    ("Organization", 1): lambda context, key: context.loaders.organizations.load(key),
    ("Series", 1): series.find_series,
    ("User", 1): lambda context, key: context.loaders.users.load(key),
    ("Administrator", 1): _administrator,
    ("ApiKey", 1): _api_key,
    ("Operation", 1): lambda context, key: context.loaders.operations.load(key),
    ("NumberEvent", 2): organizations.find_event,
    ("Utilization", 1): _utilization,
    ("SeriesInventory", 2): _inventory,
    ("Dashboard", 1): _dashboard,
    ("CycleUsage", 2): _cycle,
    ("MailDelivery", 1): deliveries.find_delivery,
    ("Job", 1): jobs.find_job,
}
"""The functions that find an object, by its type and the length of its key."""


async def find(context: Context, global_id: str, *, relations: Relations) -> Any:
    """Return the record with this id, or None if there is none in the scope.

    `relations` says what to read together with a number.
    """
    name, keys = decode(global_id)
    if name in _CALLERS:
        return _caller(context, name, keys)
    _ = context.scope  # raises for a role that may not read
    if (name, len(keys)) == ("PhoneNumber", 1):
        return await context.loaders.phone_numbers(relations).load(keys[0])
    finder = _FINDERS.get((name, len(keys)))
    return await finder(context, *keys) if finder else None


async def find_many(context: Context, global_ids: Sequence[str], *, relations: Relations) -> list[Any]:
    """Return the records in the order of the ids. Raises LimitExceeded for more than 500."""
    if len(global_ids) > LARGEST_PAGE:
        raise LimitExceeded(f"`ids` has {len(global_ids)} ids; the maximum is {LARGEST_PAGE}.", path=("ids",))
    return list(await asyncio.gather(*(find(context, id_, relations=relations) for id_ in global_ids)))


def _caller(context: Context, name: str, keys: tuple[int, ...]) -> Any:
    """Return the caller if it is their id, whatever their role; None for any other id."""
    actor = context.actor
    own = "ApiKeyViewer" if actor.kind is CallerKind.API_KEY else "Viewer"
    return actor if (name, keys) == (own, (actor.id,)) else None
