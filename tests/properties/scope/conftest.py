"""The tenants that the tests of scope share; no test changes them."""

from collections.abc import Iterator

import pytest

from tests.properties.scope.fixtures import Tenants, build
from tests.support.database_dump import Contents, dump
from tests.support.databases import Databases
from tests.support.server import opened


@pytest.fixture(scope="module")
def tenants(databases: Databases) -> Iterator[Tenants]:
    with opened(databases) as server:
        yield build(server)


@pytest.fixture(scope="module")
def contents(tenants: Tenants) -> Contents:
    """The rows of the tenants' database."""
    return dump(tenants.server)
