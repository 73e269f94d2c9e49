"""A server behind a socket, and another application on the same database that changes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from app.application import create_application
from app.settings import Settings
from tests.support.databases import Databases, SQLiteDatabases
from tests.support.inventory import Inventory
from tests.support.live_server import serving
from tests.support.server import Server, opened

ORIGIN = "https://portal.example.test"
TREE = "Bank\nBank/Sales\nBank/Sales/Trading\nBank/Retail\n"
NUMBERS = """\
+14185550100,+1 418,Bank,AVAILABLE,,,,
+14185550101,+1 418,Bank,AVAILABLE,,,,
+14185550102,+1 418,Bank,RESERVED,hotline,,,
+14185550103,+1 418,Bank/Sales,AVAILABLE,,,,
"""


class Live(NamedTuple):
    """The address of the server, and the inventory as the other application changes it."""

    address: str
    bank: Inventory


def _live(server: Server) -> Iterator[Live]:
    bank = Inventory(server, TREE, NUMBERS)
    settings = Settings(database_url=server.url, cors_origins=ORIGIN)
    with serving(create_application(settings, clock=server.clock)) as address:
        yield Live(address, bank)


@pytest.fixture
def live(databases: Databases) -> Iterator[Live]:
    with opened(databases) as server:
        yield from _live(server)


@pytest.fixture(scope="module")
def one_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One for all tests of a module that do not depend on the database."""
    with opened(SQLiteDatabases(tmp_path_factory.mktemp("live"))) as server:
        yield from _live(server)
