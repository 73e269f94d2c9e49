"""A tree with one administrator who has a password."""

import pytest

from tests.support.inventory import Inventory
from tests.support.server import Server

EMAIL, PASSWORD = "Ada@Bank.test", "correct horse battery"


@pytest.fixture
def bank(server: Server) -> Inventory:
    made = Inventory(server, "Bank\nBank/Sales\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")
    server.create_administrator(organization="Bank", role="ADMIN", email=EMAIL, password=PASSWORD)
    return made
