"""Loading objects by id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from db.core.batch_loader import BatchLoader
from db.core.database import Database
from resolvers.core.loaders import MANY_KEYS, Loader


class Rows:
    """A database with the squares of some numbers."""

    def __init__(self) -> None:
        self.batch_loader = BatchLoader(self.read)
        self.reads: list[tuple[list[int], str]] = []

    @asynccontextmanager
    async def read(self, **_options: Any) -> AsyncIterator[None]:
        yield None

    async def squares(self, _connection: None, keys: Sequence[int], *, within: str) -> dict[int, int]:
        self.reads.append((list(keys), within))
        return {key: key * key for key in keys if key % 2}


def test_many_keys_are_read_in_one_statement_without_a_future_for_each() -> None:
    rows = Rows()
    rows.batch_loader.load = None  # type: ignore[assignment,method-assign]  # would fail
    loader: Loader[int, int] = Loader(cast("Database", rows), rows.squares, within="1/")
    keys = [*range(MANY_KEYS), 7]
    assert asyncio.run(loader.load_many(keys)) == [key * key if key % 2 else None for key in keys]
    assert rows.reads == [(list(range(MANY_KEYS)), "1/")]


def test_a_few_keys_share_the_statement_of_others() -> None:
    rows = Rows()
    loader: Loader[int, int] = Loader(cast("Database", rows), rows.squares, within="1/")

    async def load() -> list[list[int | None]]:
        return list(await asyncio.gather(loader.load_many([3, 2]), loader.load_many([5, 3])))

    assert asyncio.run(load()) == [[9, None], [25, 9]]
    assert rows.reads == [([3, 2, 5], "1/")]
