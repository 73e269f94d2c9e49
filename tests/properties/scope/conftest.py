"""The world that the tests of scope share: they read it, and what they try to change is refused."""

from collections.abc import Iterator

import pytest

from tests.properties.scope.fixtures import World, build
from tests.support.databases import Databases
from tests.support.server import opened


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    with opened(databases) as server:
        yield build(server)
