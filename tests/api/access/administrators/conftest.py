"""A bank with an owner who can sign in."""

import pytest

from tests.support.inventory import Inventory
from tests.support.server import Server

OWNER, PASSWORD = "owner@bank.test", "correct horse battery"


@pytest.fixture
def bank(server: Server) -> Inventory:
    made = Inventory(server, "Bank\nBank/Sales\nRival\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")
    server.create_administrator(organization="Bank", role="OWNER", email=OWNER, password=PASSWORD)
    return made
