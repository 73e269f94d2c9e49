"""The scope rule and its SQL condition agree, on any tree and on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, select

from db.core import scope
from db.core.statements import Statement
from db.core.tables import OrganizationRow
from domain.scope import child_path, covers
from tests.support.databases import Databases
from tests.support.server import Server, opened

_O = OrganizationRow
_COLUMNS = ("id", "parent_id", "path", "name", "name_folded", "time_zone", "threshold_percent", "created_at")
_INSERT = Statement(insert(_O).values({name: bindparam(name, type_=getattr(_O, name).type) for name in _COLUMNS}))
_ID: Any = _O.id
_INSIDE = Statement(select(_ID).where(scope.inside(_O.path, "scope")))

# Ids whose digits begin alike are the ones that a careless comparison of paths confuses.
IDS = st.one_of(st.integers(1, 40), st.sampled_from([9, 10, 99, 100, 101, 1000, 1001, 2**31 - 1]))


@st.composite
def trees(draw: st.DrawFn) -> dict[int, str]:
    """Paths by id; parents come before their children."""
    paths: dict[int, str] = {}
    for id_ in draw(st.lists(IDS, unique=True, min_size=1, max_size=15)):
        above = draw(st.sampled_from(["", *paths.values()]))
        paths[id_] = child_path(above, id_)
    return paths


class Undone(Exception):
    """Takes back what an example has written."""


@pytest.fixture(scope="module")
def empty(databases: Databases) -> Iterator[Server]:
    with opened(databases) as server:
        yield server


@settings(database=None)
@given(paths=trees())
def test_covers_and_its_sql_condition_agree(empty: Server, paths: dict[int, str]) -> None:
    async def found() -> dict[int, set[int]]:
        seen: dict[int, set[int]] = {}
        try:
            async with empty.database.write() as connection:
                rows = (
                    {
                        "id": id_,
                        "parent_id": int(path.split("/")[-3]) if path.count("/") > 1 else None,
                        "path": path,
                        "name": str(id_),
                        "name_folded": str(id_),
                        "time_zone": "UTC",
                        "threshold_percent": 80,
                        "created_at": datetime(2026, 11, 21, tzinfo=UTC),
                    }
                    for id_, path in paths.items()
                )
                await connection.execute_many(_INSERT, rows)
                for id_, path in paths.items():
                    seen[id_] = {row[0] for row in await connection.fetch(_INSIDE, **scope.bounds("scope", path))}
                raise Undone  # noqa: TRY301 - leaving the block is what takes it back
        except Undone:
            return seen

    expected = {id_: {other for other, path in paths.items() if covers(above, path)} for id_, above in paths.items()}
    assert empty.run(found()) == expected
