"""A small bank whose changes run as jobs."""

import pytest

from tests.api.numbers.conftest import NUMBERS, TREE
from tests.support.inventory import Inventory
from tests.support.server import Server


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, TREE, NUMBERS)
