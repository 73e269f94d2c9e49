"""A small company whose supplier and administrators get mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.mail_delivery import SUPPLIER
from tests.support.server import Server, opened


@pytest.fixture
def server(databases: Databases) -> Iterator[Server]:
    """Give the application over an empty database of its own, with a supplier to ask."""
    with opened(databases, supplier_email=SUPPLIER, supplier_telephone="+1 800 555 0100") as running:
        yield running


@pytest.fixture
def company(server: Server) -> Inventory:
    return Inventory(server, "Halcyon\nHalcyon/Sales\nHalcyon/Sales/Desk\nHalcyon/Retail\n")
