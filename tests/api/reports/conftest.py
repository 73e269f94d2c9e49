"""A bank with awkward names, tags and users, and links to its reports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

TREE = """\
Bank,America/New_York,75
Bank/=Sales,Asia/Kolkata,
Bank/=Sales/"Desk", Nachtdienst,,
Bank/Zürich\\/Süd,,
""".replace('Bank/=Sales/"Desk", Nachtdienst', '"Bank/=Sales/""Desk"", Nachtdienst"')
NUMBERS = """\
+14185550100,+1 418 Québec,Bank,AVAILABLE,,,,
+14185550101,+1 418 Québec,Bank,RESERVED,=1+1,,,
+14185550102,+1 418 Québec,Bank,RESERVED,+cmd|' /C calc'!A0,,,
+14185550103,+1 418 Québec,Bank,RESERVED,@SUM(A1),,,
+14185550104,+1 418 Québec,Bank,RESERVED,-2+3,,,
+14185550105,+1 418 Québec,Bank/=Sales,RESERVED,"a ""quoted"", tag; 100%",,,
+14185550106,+1 418 Québec,Bank/=Sales,RESERVED,007,,,
+14185550107,=Series,Bank/=Sales,IN_USE,,Ada,=Ling,ada@bank.test
+14185550108,=Series,Bank/=Sales,ASSIGNED,,Bo,Rask,bo@bank.test
+14185550109,=Series,Bank/Zürich\\/Süd,RESERVED,日本 東京,,,
"""
LINK = "url filename expiresAt"


class Reports(Inventory):
    """A bank with helpers to request and download reports."""

    def link(self, field: str, **caller: Any) -> Any:
        """What a query of one link answers."""
        return self.ask(f"{{ link: {field} {{ {LINK} }} }}", **caller)["link"]

    def get(self, url: str) -> httpx.Response:
        """Download the link without any header."""
        return self.server.run(self.server.client.get(url))

    def rows(self, field: str, **caller: Any) -> list[list[str]]:
        """The lines of a report, each in its cells, as Python's csv reads them."""
        response = self.get(self.link(field, **caller)["url"])
        assert response.status_code == 200, response.text
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def bank(server: Server) -> Reports:
    return Reports(server, TREE, NUMBERS)


@pytest.fixture(scope="module")
def shared_bank(databases: Databases) -> Iterator[Reports]:
    """One bank for the tests of a module that change nothing."""
    with opened(databases) as server:
        yield Reports(server, TREE, NUMBERS)
