"""Insert a whole tree of organizations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from db.core.database import DatabaseConnection
from db.core.tables import OrganizationRow, UtilizationRow, columns
from domain.scope import child_path
from domain.texts import fold


class NewOrganization(NamedTuple):
    """An organization to be inserted; `parent` is the index of its parent among those inserted with it."""

    parent: int | None
    name: str
    time_zone: str
    region: str | None
    threshold_percent: int


_COLUMNS = ("id", "parent_id", "path", "name", "name_folded", "time_zone", "region", "threshold_percent", "created_at")


async def insert_tree(
    connection: DatabaseConnection, organizations: Sequence[NewOrganization], *, at: datetime
) -> list[tuple[int, str]]:
    """Insert organizations, parents first. Return the id and path of each."""
    ids = await connection.new_ids(OrganizationRow, len(organizations))
    paths: list[str] = []
    for id_, new in zip(ids, organizations, strict=True):
        paths.append(child_path("" if new.parent is None else paths[new.parent], id_))
    rows = (
        (
            id_,
            None if new.parent is None else ids[new.parent],
            path,
            new.name,
            fold(new.name),
            new.time_zone,
            new.region,
            new.threshold_percent,
            at,
        )
        for id_, path, new in zip(ids, paths, organizations, strict=True)
    )
    await connection.load(OrganizationRow, _COLUMNS, rows)
    counters = columns(UtilizationRow).keys()
    zeros = [0] * (len(counters) - 1)
    names = sorted(counters, key=lambda name: name != "organization_id")
    await connection.load(UtilizationRow, names, ((id_, *zeros) for id_ in ids))
    return list(zip(ids, paths, strict=True))
