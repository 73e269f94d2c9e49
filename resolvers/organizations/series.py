"""Series: the list that a caller sees, and creating and changing them at the root."""

from __future__ import annotations

from dataclasses import dataclass

from db.core.keyset import ConnectionPage, PageRequest
from db.organizations import series
from db.organizations.series import SeriesQuery, SeriesRecord
from domain.access import Permission, require
from domain.errors import AlreadyExists
from domain.statuses import EventKind
from domain.texts import clean_name
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.results import MutationResult
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSeries:
    """Create a series under the root."""

    name: str
    region: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSeries:
    """Rename a series, or change its region; None leaves a value as it is."""

    series_id: int
    name: str | None = None
    region: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChanged(MutationResult):
    """Which series was created or changed."""

    series_id: int


def visible_series(context: Context, *, search: str | None = None) -> SeriesQuery:
    """All series of the root for who acts from it; below it, those that have numbers in scope."""
    scope_holder = None if context.at_root else context.actor.acting.id
    require(context.actor.role, Permission.READ)
    return SeriesQuery(root_id=context.root_id, holder=scope_holder, search=search)


async def series_page(context: Context, listing: SeriesQuery, page: PageRequest) -> ConnectionPage[SeriesRecord]:
    """A page of series in the order of names."""
    async with context.database.read() as connection:
        return await series.page(connection, listing, page)


async def series_count(context: Context, listing: SeriesQuery) -> int:
    """How many series the list has."""
    async with context.database.read() as connection:
        return await series.count(connection, listing)


async def find_series(context: Context, series_id: int) -> SeriesRecord | None:
    """A series that the caller can see, or None."""
    listing = visible_series(context)
    async with context.database.read() as connection:
        found = await series.by_ids(connection, [series_id], root_id=context.root_id)
        if listing.holder is not None and found:
            visible = await series.with_numbers(connection, [series_id], root_id=listing.root_id, holder=listing.holder)
            return found[series_id] if visible else None
    return found.get(series_id)


async def create_series(context: Context, command: CreateSeries) -> SeriesChanged:
    """Create a series, acted from the root alone."""

    async def change(work: UnitOfWork) -> SeriesChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        work.require_root("Creating series")
        name = clean_name(command.name, noun="name", path=("input", "name"))
        region = _region(command.region)
        await _refuse_taken_name(work, name)
        series_id = await series.insert_one(work.connection, root_id=work.root_id, name=name, region=region)
        await record_change(
            work,
            EventKind.SERIES_CREATED,
            touched=[work.root_id],
            changed={"name": (None, name), "region": (None, region)},
        )
        return SeriesChanged(series_id=series_id)

    return await run_mutation(context, command, change, SeriesChanged)


async def update_series(context: Context, command: UpdateSeries) -> SeriesChanged:
    """Rename a series or change its region, acted from the root alone."""

    async def change(work: UnitOfWork) -> SeriesChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        work.require_root("Changing series")
        record = await work.series(command.series_id)
        after = record
        if command.name is not None:
            after = after._replace(name=clean_name(command.name, noun="name", path=("input", "name")))
        if command.region is not None:
            after = after._replace(region=_region(command.region))
        if after.name != record.name:
            await _refuse_taken_name(work, after.name)
        changed = {
            name: (getattr(record, name), getattr(after, name))
            for name in ("name", "region")
            if getattr(record, name) != getattr(after, name)
        }
        if changed:
            await series.write(work.connection, after)
            await record_change(work, EventKind.SERIES_UPDATED, touched=[work.root_id], changed=changed)
        return SeriesChanged(series_id=record.id)

    return await run_mutation(context, command, change, SeriesChanged)


def _region(text: str | None) -> str | None:
    return clean_name(text, noun="region", path=("input", "region")) if text else None


async def _refuse_taken_name(work: UnitOfWork, name: str) -> None:
    if await series.id_by_name(work.connection, name, root_id=work.root_id) is not None:
        message = f"There is a series {name!r} already."
        raise AlreadyExists(message, path=("input", "name"))
