"""Reading any object again by its global id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from db.keyset import LARGEST_PAGE
from db.number_relations import Relations
from domain.access import CallerKind
from domain.errors import LimitExceeded
from resolvers import dashboards, organizations, series
from resolvers.context import Context
from schema.ids import decode

_CALLERS = ("Viewer", "ApiKeyViewer")


async def find(context: Context, global_id: str, *, relations: Relations) -> Any:  # noqa: C901, PLR0911 - one for each type
    """The record that an id names, or None where it is outside the scope or nothing at all.

    `relations` is what is read with a number.
    """
    decoded = decode(global_id)
    if decoded[0] in _CALLERS:
        return _caller(context, *decoded)
    loaders = context.loaders
    match decoded:
        case "PhoneNumber", (key,):
            return await loaders.phone_numbers(relations).load(key)
        case "Organization", (key,):
            return await loaders.organizations.load(key)
        case "Series", (key,):
            return await series.find_series(context, key)
        case "User", (key,):
            return await loaders.users.load(key)
        case "Operation", (key,):
            return await loaders.operations.load(key)
        case "NumberEvent", (key, version):
            return await organizations.find_event(context, key, version)
        case "Utilization", (key,):
            seen = await loaders.organizations.load(key)
            return seen and await organizations.utilization(context, key)
        case "Dashboard", (key,):
            seen = await loaders.organizations.load(key)
            return seen and dashboards.dashboard(context, seen)
        case "CycleUsage", (key, number):
            seen = await loaders.organizations.load(key)
            return seen and await dashboards.find_cycle(context, seen, number)
        case "SeriesInventory", (key, series_id):
            return await _inventory(context, key, series_id)
    return None


async def find_many(context: Context, global_ids: Sequence[str], *, relations: Relations) -> list[Any]:
    """The records in the order of the ids. Raises LimitExceeded over 500."""
    if len(global_ids) > LARGEST_PAGE:
        message = f"`ids` holds {len(global_ids)} ids; {LARGEST_PAGE} is the most."
        raise LimitExceeded(message, path=("ids",))
    return list(await asyncio.gather(*(find(context, id_, relations=relations) for id_ in global_ids)))


def _caller(context: Context, name: str, keys: tuple[int, ...]) -> Any:
    """The caller himself, whom every role may read; nobody else."""
    actor = context.actor
    own = "ApiKeyViewer" if actor.kind is CallerKind.API_KEY else "Viewer"
    return actor if (name, keys) == (own, (actor.id,)) else None


async def _inventory(context: Context, organization_id: int, series_id: int) -> Any:
    if await context.loaders.organizations.load(organization_id) is None:
        return None
    rows = await organizations.inventory(context, organization_id)
    return next((row for row in rows if row.series_id == series_id), None)
