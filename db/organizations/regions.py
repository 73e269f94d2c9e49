"""The regions in which organizations write national numbers, set at an organization or above it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import OrganizationRow, columns
from domain.scope import path_ids

_O = columns(OrganizationRow)
_REGIONS = Statement(select(_O.id, _O.region).where(among(_O.id, ids("ids")), _O.region.is_not(None)))
_ALL = Statement(select(_O.path, _O.region).where(_O.region.is_not(None)))


async def all_by_path(connection: DatabaseConnection) -> dict[str, str | None]:
    """The region that is set at an organization, by its path; paths without one are missing."""
    return dict(await connection.fetch(_ALL))


async def by_paths(connection: DatabaseConnection, paths: Sequence[str]) -> dict[str, str]:
    """The region that is set at the organization of each path or nearest above it; paths without one are missing."""
    wanted = sorted({organization_id for path in paths for organization_id in path_ids(path)})
    regions: dict[int, str] = dict(await connection.fetch(_REGIONS, ids=wanted))
    nearest = {path: [id_ for id_ in path_ids(path) if id_ in regions] for path in paths}
    return {path: regions[set_at[-1]] for path, set_at in nearest.items() if set_at}
