"""A small bank with numbers in every status, and a user for each that has one."""

from collections.abc import Iterator

import pytest

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

TREE = "Bank\nBank/Sales\nBank/Sales/Trading\nBank/Retail\nRival\n"
NUMBERS = """\
+14185550100,+1 418,Bank,AVAILABLE,,,,
+14185550101,+1 418,Bank,AVAILABLE,,,,
+14185550102,+1 418,Bank,RESERVED,hotline,,,
+14185550103,+1 418,Bank,ASSIGNED,,Ada,Ling,ada@bank.test
+14185550104,+1 418,Bank,IN_USE,,Bo,Rask,bo@bank.test
+14185550105,+1 418,Bank/Sales,AVAILABLE,,,,
+14185550106,+1 418,Bank,RESERVED,hotline,,,
+493012345600,+49 30,Bank,AVAILABLE,,,,
+442079460100,+44 20,Rival,AVAILABLE,,,,
"""


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, TREE, NUMBERS)


@pytest.fixture(scope="module")
def shared_bank(databases: Databases) -> Iterator[Inventory]:
    """One bank for the tests of a module that change nothing."""
    with opened(databases) as server:
        yield Inventory(server, TREE, NUMBERS)
