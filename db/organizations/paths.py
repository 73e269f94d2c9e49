"""The written paths of organizations, such as `Bank/Sales`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import OrganizationRow, columns
from domain.organizations import join_path
from domain.scope import ancestor_ids, covers, path_ids

_O = columns(OrganizationRow)
_NAMES = Statement(select(_O.id, _O.name).where(among(_O.id, ids("ids"))))


async def written_paths(connection: DatabaseConnection, wanted: Sequence[str], *, within: str) -> dict[str, str]:
    """The written paths of organizations, by materialized path, from the organization of the scope down.

    An organization outside the scope has its own name only.
    """
    top = len(ancestor_ids(within))
    shown = {path: path_ids(path)[top if covers(within, path) else -1 :] for path in wanted}
    names: dict[int, str] = dict(
        await connection.fetch(_NAMES, ids=sorted({id_ for ids_ in shown.values() for id_ in ids_}))
    )
    return {path: join_path([names[id_] for id_ in ids_ if id_ in names]) for path, ids_ in shown.items()}
