"""A database in which two roots shared the history of a number is split when it is migrated."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text

from db.core.migrations import alembic_config, run_in_transaction
from tests.support.inventory import Inventory
from tests.support.server import Server

BEFORE = "0006"
SHARED, KEPT = "+14185550100", "+14185550101"
USED = "{ organization { dashboard { allTime { totalMessages } } } }"


@pytest.fixture
def bank(server: Server) -> Inventory:
    tree = "Bank\nBank/Sales\nBank/Sales/Desk\n"
    return Inventory(server, tree, f"{SHARED},+1 418,Bank/Sales/Desk,,,,,\n{KEPT},+1 418,Bank,,,,,\n")


@pytest.fixture
def rival(bank: Inventory) -> Inventory:
    return Inventory(bank.server, "Rival\n", "+14185550900,+1 418,Rival,RESERVED,vip,,,\n")


def share_history(connection: Connection) -> None:
    """Make the number of the rival the continuation of the retired one, as earlier releases did."""
    old, new = (
        connection.execute(text("SELECT * FROM phone_numbers WHERE number = :number"), {"number": number}).one()
        for number in (SHARED, "+14185550900")
    )
    values: dict[str, Any] = {"old": old.id, "new": new.id, "count": old.version}
    connection.execute(text("DELETE FROM phone_numbers WHERE id = :new"), values)
    connection.execute(
        text(
            "UPDATE number_events SET phone_number_id = :old, version = version + :count WHERE phone_number_id = :new"
        ),
        values,
    )
    connection.execute(
        text(
            "UPDATE phone_numbers SET series_id = :series, organization_id = :holder, status = :status,"
            " reserved_tag = :tag, tag_folded = :tag, retired_at = NULL, version = version + :added WHERE id = :old"
        ),
        values
        | {"series": new.series_id, "holder": new.organization_id, "status": new.status, "tag": new.reserved_tag}
        | {"added": new.version},
    )


def there_and_back(connection: Connection) -> None:
    command.downgrade(alembic_config(connection), BEFORE)
    share_history(connection)
    command.upgrade(alembic_config(connection), "head")


def test_each_root_keeps_its_part_of_a_shared_history(bank: Inventory, rival: Inventory) -> None:
    record = {"recordId": "1", "number": SHARED, "kind": "MESSAGE", "quantity": 3, "at": "2026-11-21T09:00:00Z"}
    bank.mutate("recordUsage", "recordedCount", {"records": [record]})
    desk = bank.organization("Bank/Sales/Desk")
    bank.mutate("retireNumbers", "changedCount", {"numberIds": [bank.number(SHARED)]})
    bank.mutate("deleteOrganization", "deletedIds", {"organizationId": desk})
    bank.server.fold()
    bank.server.run(run_in_transaction(bank.server.url, there_and_back))

    assert bank.server.differences() == []
    events = bank.history(SHARED, "action statusBefore statusAfter")
    assert [(event["action"], event["statusAfter"]) for event in events] == [
        ("RETIRED", None),
        ("IMPORTED", "AVAILABLE"),
    ]
    fields = "retiredAt organization { name } availableActions"
    shown = bank.show(SHARED, fields)
    assert shown.pop("retiredAt") is not None
    assert shown == {"organization": {"name": "Sales"}, "availableActions": []}
    assert bank.ask(USED)["organization"]["dashboard"]["allTime"]["totalMessages"] == 3
    assert [event["action"] for event in rival.history(SHARED)] == ["IMPORTED"]
    assert rival.show(SHARED) == {"status": "RESERVED", "reservedTag": "vip", "organization": {"name": "Rival"}}

    series = bank.series("+1 418", root="Bank")
    added = bank.mutate("addNumbers", "changedCount", {"seriesId": series, "numbers": [SHARED]})
    assert added == {"changedCount": 1}
    assert [event["action"] for event in bank.history(SHARED)] == ["ADDED", "RETIRED", "IMPORTED"]
    assert bank.show(KEPT)["status"] == "AVAILABLE"
    assert bank.server.differences() == []


def test_numbers_are_still_found_by_text_after_the_migration(bank: Inventory, rival: Inventory) -> None:
    bank.mutate("retireNumbers", "changedCount", {"numberIds": [bank.number(SHARED)]})
    bank.server.fold()
    bank.server.run(run_in_transaction(bank.server.url, there_and_back))
    query = "query ($text: String) { phoneNumbers(filter: {text: $text}) { nodes { number } } }"
    assert rival.ask(query, {"text": "vip"})["phoneNumbers"]["nodes"] == [{"number": SHARED}]
    assert bank.ask(query, {"text": "550101"})["phoneNumbers"]["nodes"] == [{"number": KEPT}]
    bank.mutate("reserveNumbers", "changedCount", {"numberIds": [bank.number(KEPT)], "tag": "front desk"})
    assert bank.ask(query, {"text": "front"})["phoneNumbers"]["nodes"] == [{"number": KEPT}]
