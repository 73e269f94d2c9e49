"""A bank that the tests share and do not change."""

from collections.abc import Iterator

import pytest

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[Inventory]:
    with opened(databases) as server:
        yield Inventory(server, "Bank\nBank/Sales\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, "Bank\nBank/Sales\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")


@pytest.fixture
def closed(databases: Databases) -> Iterator[Server]:
    """A server in production: without GraphiQL."""
    with opened(databases, graphiql="off") as server:
        yield server
