"""A tree with numbers and users; one organization has none."""

from collections.abc import Iterator

import pytest

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

TREE = "Bank\nBank/Sales\nBank/Sales/Desk\nBank/Retail\nBank/Retail/Shop\nBank/Retail/Shop/Till\nBank/Empty\n"
NUMBERS = """\
+14185550100,+1 418,Bank,AVAILABLE,,,,
+14185550110,+1 418,Bank/Sales,IN_USE,,Ada,Ling,ada@bank.test
+14185550111,+1 418,Bank/Sales,AVAILABLE,,,,
+14185550120,+1 418,Bank/Retail/Shop,AVAILABLE,,,,
+19005550121,+1 900,Bank/Retail/Shop,RESERVED,till,,,
+19005550122,+1 900,Bank/Retail/Shop/Till,AVAILABLE,,,,
"""


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, TREE, NUMBERS)


@pytest.fixture(scope="module")
def shared_bank(databases: Databases) -> Iterator[Inventory]:
    """One bank for the tests of a module that change nothing."""
    with opened(databases) as server:
        yield Inventory(server, TREE, NUMBERS)
