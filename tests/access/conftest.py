"""A tree with one administrator who has a password."""

from collections.abc import Iterator

import pytest

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

EMAIL, PASSWORD = "Ada@Bank.test", "correct horse battery"


@pytest.fixture
def bank(server: Server) -> Inventory:
    made = Inventory(server, "Bank\nBank/Sales\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")
    server.create_administrator(organization="Bank", role="ADMIN", email=EMAIL, password=PASSWORD)
    return made


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[Inventory]:
    """The same for tests that change nothing."""
    with opened(databases) as server:
        yield Inventory(server, "Bank\nBank/Sales\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")


@pytest.fixture
def closed(databases: Databases) -> Iterator[Server]:
    """A server in production: without GraphiQL."""
    with opened(databases, graphiql="off") as server:
        yield server
