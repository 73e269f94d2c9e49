"""API keys: they expire, they are revoked, they are stored hashed, and their last use is known."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import AlreadyExists, InvalidInput
from resolvers.access import operators
from resolvers.organizations.paths import organization_at
from tests.support.database_dump import dump
from tests.support.inventory import Inventory

VIEWER = "{ viewer { name email role homeOrganization { name } } }"
DAY = 24 * 3600


def codes(found: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in found.get("errors", [])]


def test_an_api_key_is_the_viewer_of_its_requests(bank: Inventory) -> None:
    key = bank.server.create_key(organization="Bank/Sales", role="VIEWER", name="Dashboard")
    assert bank.server.ask(VIEWER, token=key)["viewer"] == {
        "name": "Dashboard",
        "email": None,
        "role": "VIEWER",
        "homeOrganization": {"name": "Sales"},
    }


def test_a_key_is_stored_hashed(bank: Inventory) -> None:
    key = bank.server.create_key(organization="Bank", role="VIEWER")
    stored = str(dump(bank.server))
    assert key not in stored
    assert key.removeprefix("dtk_") not in stored


def test_an_expired_api_key_is_rejected(bank: Inventory) -> None:
    key = bank.server.create_key(organization="Bank", role="VIEWER", days=30)
    bank.server.advance(30 * DAY - 1)
    assert codes(bank.server.execute(VIEWER, token=key)) == []
    bank.server.advance(1)
    assert codes(bank.server.execute(VIEWER, token=key)) == ["UNAUTHENTICATED"]


def test_an_api_key_without_expiry_keeps_working(bank: Inventory) -> None:
    key = bank.server.create_key(organization="Bank", role="VIEWER")
    bank.server.advance(3650 * DAY)
    assert codes(bank.server.execute(VIEWER, token=key)) == []


def test_a_revoked_api_key_is_anonymous(bank: Inventory) -> None:
    key = bank.server.create_key(organization="Bank", role="VIEWER", name="Dashboard")
    other = bank.server.create_key(organization="Bank", role="VIEWER", name="Other")
    same = "dash\u200bBOARD"
    assert bank.server.run(operators.revoke_key(bank.server.database, name=same, now=bank.server.clock())) == 1
    assert codes(bank.server.execute(VIEWER, token=key)) == ["UNAUTHENTICATED"]
    assert codes(bank.server.execute(VIEWER, token=other)) == []
    assert bank.server.run(operators.revoke_key(bank.server.database, name="Dashboard", now=bank.server.clock())) == 0


def test_roots_name_their_keys_independently(bank: Inventory) -> None:
    server = bank.server
    server.import_organizations("path,time_zone,threshold\nShop,,\n")
    keys = [server.create_key(organization=root, role="VIEWER", name="Dashboard") for root in ("Bank", "Shop")]
    before = dump(server)
    with pytest.raises(InvalidInput, match="Several root organizations have a key 'Dashboard'"):
        server.revoke_key("Dashboard")
    assert dump(server) == before
    shop = server.run(organization_at(server.database, "Shop"))
    revoked = operators.revoke_key(server.database, name="Dashboard", now=server.clock(), organization_id=shop.id)
    assert server.run(revoked) == 1
    assert [codes(server.execute(VIEWER, token=key)) for key in keys] == [[], ["UNAUTHENTICATED"]]


def test_a_name_that_only_looks_different_is_taken(bank: Inventory) -> None:
    bank.server.create_key(organization="Bank", role="VIEWER", name="Dashboard")
    before = dump(bank.server)
    with pytest.raises(AlreadyExists, match="There is already an API key 'DASHBOARD'"):
        bank.server.create_key(organization="Bank", role="VIEWER", name="DASHBOARD")
    assert dump(bank.server) == before
