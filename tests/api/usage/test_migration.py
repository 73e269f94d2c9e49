"""Migrating a database from before the usage tables counts its existing users."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Connection

from db.core.migrations import alembic_config, run_in_transaction
from tests.api.usage.conftest import Bank

WITH_USAGE = "0004"


def test_migrating_counts_existing_users(bank: Bank) -> None:
    bank.server.advance(20 * 86_400)
    bank.add("+14185550199,+1 418,Bank/Retail,IN_USE,,Eve,Fox,eve@bank.test\n")
    target = bank.organization("Bank/Retail")
    bank.mutate("moveNumbers", "changedCount", {"numberIds": [bank.number("+14185550110")], "organizationId": target})
    fields = " ".join(f"{time} {{ newUsers activeUsers }}" for time in ("currentCycle", "pastCycle", "allTime"))
    before = {path: bank.dashboard(path, fields) for path in ("Bank", "Bank/Sales", "Bank/Retail")}
    assert before["Bank"]["allTime"] == {"newUsers": 4, "activeUsers": 4}

    def there_and_back(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), f"{WITH_USAGE}-1")
        command.upgrade(alembic_config(connection), "head")

    bank.server.run(run_in_transaction(bank.server.url, there_and_back))
    assert {path: bank.dashboard(path, fields) for path in before} == before
    assert bank.server.differences() == []
