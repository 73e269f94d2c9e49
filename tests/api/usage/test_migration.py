"""Migrating databases from before the usage tables, and from before the senders of usage."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Connection

from db.core.migrations import alembic_config, run_in_transaction
from tests.api.usage.conftest import Bank, call

WITH_USAGE, WITH_SENDERS = "0004", "0008"


def test_migrating_counts_existing_users(bank: Bank) -> None:
    bank.server.advance(20 * 86_400)
    bank.add("+14185550199,+1 418,Bank/Retail,IN_USE,,Eve,Fox,eve@bank.test\n")
    target = bank.organization("Bank/Retail")
    bank.mutate("moveNumbers", "changedCount", {"numberIds": [bank.number("+14185550110")], "organizationId": target})
    fields = " ".join(f"{time} {{ newUsers activeUsers }}" for time in ("currentCycle", "pastCycle", "allTime"))
    before = {path: bank.dashboard(path, fields) for path in ("Bank", "Bank/Sales", "Bank/Retail")}
    assert before["Bank"]["allTime"] == {"newUsers": 4, "activeUsers": 4}

    bank.server.fold()

    def there_and_back(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), f"{WITH_USAGE}-1")
        command.upgrade(alembic_config(connection), "head")

    bank.server.run(run_in_transaction(bank.server.url, there_and_back))
    assert {path: bank.dashboard(path, fields) for path in before} == before
    assert bank.server.differences() == []


def test_records_of_an_unknown_sender_are_repeated_by_everybody(bank: Bank) -> None:
    number, at = "+14185550110", "2026-11-21T09:00:00Z"
    assert bank.record(call("1", number, at), at="Bank/Sales")["recordedCount"] == 1

    bank.server.fold()

    def there_and_back(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), f"{WITH_SENDERS}-1")
        command.upgrade(alembic_config(connection), "head")

    bank.server.run(run_in_transaction(bank.server.url, there_and_back))
    for organization in ("Bank/Sales", "Bank"):
        found = bank.record(call("1", number, at), call("2", number, at), at=organization)
        assert (found["recordedCount"], found["repeatedCount"]) == (1, 1)
    assert bank.used("Bank/Sales")["voiceMinutes"] == 3
    assert bank.server.differences() == []
