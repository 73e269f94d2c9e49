"""A bank with an invited user and an owner who can sign in."""

import pytest

from tests.support.inventory import Inventory
from tests.support.server import Server

OWNER, PASSWORD = "owner@bank.test", "correct horse battery"
NUMBERS = "".join(f"+1418555010{n},+1 418,Bank,AVAILABLE,,,,\n" for n in range(8))


@pytest.fixture
def bank(server: Server) -> Inventory:
    made = Inventory(server, "Bank\n", NUMBERS)
    server.create_administrator(organization="Bank", role="OWNER", email=OWNER, password=PASSWORD)
    return made
