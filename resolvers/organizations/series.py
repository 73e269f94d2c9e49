"""List, create and update series."""

from __future__ import annotations

from db.core.keyset import ConnectionPage, PageRequest
from db.organizations import series
from db.organizations.series import SeriesQuery, SeriesRecord
from domain.access import Permission, require
from domain.errors import AlreadyExists
from domain.statuses import EventKind
from domain.texts import clean_name
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.organizations.commands import CreateSeries, SeriesChanged, UpdateSeries


def visible_series(context: Context, *, search: str | None = None) -> SeriesQuery:
    """Query all series when acting from the root, otherwise those with numbers in scope."""
    scope_holder = None if context.at_root else context.actor.acting.id
    require(context.actor.role, Permission.READ)
    return SeriesQuery(root_id=context.root_id, holder=scope_holder, search=search)


async def series_page(context: Context, query: SeriesQuery, page: PageRequest) -> ConnectionPage[SeriesRecord]:
    """Return a page of series, sorted by name."""
    async with context.database.read() as connection:
        return await series.page(connection, query, page)


async def series_count(context: Context, query: SeriesQuery) -> int:
    """Count the series of a query."""
    async with context.database.read() as connection:
        return await series.count(connection, query)


async def find_series(context: Context, series_id: int) -> SeriesRecord | None:
    """Return a series that is visible to the caller, or None."""
    query = visible_series(context)
    async with context.database.read() as connection:
        found = await series.by_ids(connection, [series_id], root_id=context.root_id)
        if query.holder is not None and found:
            visible = await series.with_numbers(connection, [series_id], root_id=query.root_id, holder=query.holder)
            return found[series_id] if visible else None
    return found.get(series_id)


async def create_series(context: Context, command: CreateSeries) -> SeriesChanged:
    """Create a series. Only allowed when acting from the root."""

    async def change(work: UnitOfWork) -> SeriesChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        work.require_root("Creating series")
        name = clean_name(command.name, noun="name", path=("input", "name"))
        region = _clean_region(command.region)
        await _require_unused_name(work, name)
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
    """Change the name or region of a series. Only allowed when acting from the root."""

    async def change(work: UnitOfWork) -> SeriesChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        work.require_root("Changing series")
        before = await work.series(command.series_id)
        after = before
        if command.name is not None:
            after = after._replace(name=clean_name(command.name, noun="name", path=("input", "name")))
        if command.region is not None:
            after = after._replace(region=_clean_region(command.region))
        if after.name != before.name:
            await _require_unused_name(work, after.name, series_id=before.id)
        changed = {
            name: (getattr(before, name), getattr(after, name))
            for name in ("name", "region")
            if getattr(before, name) != getattr(after, name)
        }
        if changed:
            await series.write(work.connection, after)
            await record_change(work, EventKind.SERIES_UPDATED, touched=[work.root_id], changed=changed)
        return SeriesChanged(series_id=before.id)

    return await run_mutation(context, command, change, SeriesChanged)


def _clean_region(text: str | None) -> str | None:
    return clean_name(text, noun="region", path=("input", "region")) if text else None


async def _require_unused_name(work: UnitOfWork, name: str, *, series_id: int | None = None) -> None:
    if await series.id_by_name(work.connection, name, root_id=work.root_id) not in {None, series_id}:
        raise AlreadyExists(f"There is already a series {name!r}.", path=("input", "name"))
