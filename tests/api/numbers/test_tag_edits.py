"""An edit of a tag leaves the same rows whether it is one statement or, with an idempotency key, several."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.numbers.conftest import NUMBERS, TREE
from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import REFUSALS, Inventory
from tests.support.server import opened

HELD = "+14185550110,+1 418,Bank/Sales,RESERVED,desk,,,\n"
EDITED = f"""
  operationId
  phoneNumber {{ id number status reservedTag updatedAt retiredAt series {{ name }} organization {{ name }}
    availableActions history {{ nodes {{ action actor }} }} }}
  userErrors {{ {REFUSALS} }}
"""


def edited(databases: Databases, at: str, number: str, tag: str, **more: Any) -> tuple[Any, dict[str, Any]]:
    """The payload of an edit, and the rows of each table that were not there before."""
    with opened(databases) as server:
        bank = Inventory(server, TREE, NUMBERS + HELD)
        bank.token(at)
        edit = {"numberId": bank.number(number), "tag": tag, **more}
        before = dump(server)
        payload = bank.mutate("editReservedTag", EDITED, edit, at=at)
        after = dump(server)
        assert server.differences() == []
        return payload, {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}


@pytest.mark.parametrize("at", ["Bank", "Bank/Sales"])
def test_an_edit_leaves_the_same_rows_on_both_ways(databases: Databases, at: str) -> None:
    alone, rows = edited(databases, at, "+14185550110", "VIP Ä")
    by_steps, others = edited(databases, at, "+14185550110", "VIP Ä", idempotencyKey="key")
    assert alone == by_steps
    assert alone["phoneNumber"]["reservedTag"] == "VIP Ä"
    assert alone["userErrors"] == []
    assert len(others.pop("idempotency_keys")) == 1
    assert rows.pop("idempotency_keys") == []
    assert rows == others
    changed = {name: len(found) for name, found in rows.items() if found}
    assert changed == {"number_events": 1, "operation_organizations": 1, "operations": 1, "phone_numbers": 1}


@pytest.mark.parametrize(
    ("number", "tag", "code"),
    [
        ("+14185550102", "VIP", "NOT_FOUND"),
        ("+14185550105", "VIP", "INVALID_TRANSITION"),
        ("+14185550110", " ", "INVALID_INPUT"),
        ("+14185550110", "desk", None),
    ],
    ids=["out of scope", "not reserved", "blank", "the same"],
)
def test_what_changes_nothing_is_answered_alike_on_both_ways(
    databases: Databases, number: str, tag: str, code: str | None
) -> None:
    alone, rows = edited(databases, "Bank/Sales", number, tag)
    by_steps, _ = edited(databases, "Bank/Sales", number, tag, idempotencyKey="key")
    assert alone == by_steps
    assert [error["code"] for error in alone["userErrors"]] == ([code] if code else [])
    assert alone["operationId"] is None
    assert not any(rows.values())
