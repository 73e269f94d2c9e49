"""A change to a few named numbers writes the same rows as one PostgreSQL statement and as set-based steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from db.numbers import changes, single_statement
from tests.api.numbers.conftest import NUMBERS as ROWS
from tests.api.numbers.conftest import TREE
from tests.support.database_dump import dump
from tests.support.databases import Databases, PostgresDatabases
from tests.support.inventory import EDITED, NUMBERS, REFUSALS, RETIRED, Inventory
from tests.support.server import opened

AVAILABLE, OTHER, RESERVED, ASSIGNED, IN_USE, OF_SALES = (f"+141855501{n:02}" for n in range(6))
DESK = "+14185550110"

Input = Callable[[Inventory], dict[str, Any]]
ERRORS = f"userErrors {{ {REFUSALS} }}"


def user_of(bank: Inventory, number: str) -> str:
    user_id: str = bank.show(number, "user { id }")["user"]["id"]
    return user_id


CHANGES: dict[str, tuple[str, str, Input]] = {
    "move one": (
        "moveNumbers",
        NUMBERS,
        lambda bank: {"numberIds": bank.numbers(AVAILABLE), "organizationId": bank.organization("Bank/Retail")},
    ),
    "move some of several": (
        "moveNumbers",
        NUMBERS,
        lambda bank: {
            "numberIds": bank.numbers(OF_SALES, DESK, IN_USE, AVAILABLE),
            "organizationId": bank.organization("Bank/Sales"),
        },
    ),
    "reserve": ("reserveNumbers", NUMBERS, lambda bank: {"numberIds": bank.numbers(OTHER, AVAILABLE), "tag": "VIP Ä"}),
    "reserve for an organization": (
        "reserveNumbers",
        NUMBERS,
        lambda bank: {
            "numberIds": bank.numbers(AVAILABLE, OF_SALES),
            "tag": "VIP",
            "organizationId": bank.organization("Bank/Sales/Trading"),
        },
    ),
    "edit a tag": ("editReservedTag", EDITED, lambda bank: {"numberId": bank.number(DESK), "tag": "VIP Ä"}),
    "unreserve": ("unreserveNumbers", NUMBERS, lambda bank: {"numberIds": bank.numbers(RESERVED, DESK)}),
    "retire": ("retireNumbers", RETIRED, lambda bank: {"numberIds": bank.numbers(OTHER, AVAILABLE)}),
    "cancel an invitation": ("cancelInvitation", ERRORS, lambda bank: {"userId": user_of(bank, ASSIGNED)}),
    "delete a user": (
        "deleteUser",
        ERRORS,
        lambda bank: {
            "userId": user_of(bank, IN_USE),
            "disposition": "RESERVE",
            "tag": "gone",
            "forwardingNumber": "+14185550199",
        },
    ),
}
UNCHANGED: dict[str, tuple[str, str, Input, str | None]] = {
    "out of scope": (
        "editReservedTag",
        EDITED,
        lambda bank: {"numberId": bank.number(RESERVED), "tag": "x"},
        "NOT_FOUND",
    ),
    "not reserved": (
        "editReservedTag",
        EDITED,
        lambda bank: {"numberId": bank.number(OF_SALES), "tag": "x"},
        "INVALID_TRANSITION",
    ),
    "one of several not available": (
        "reserveNumbers",
        NUMBERS,
        lambda bank: {"numberIds": bank.numbers(OF_SALES, DESK), "tag": "x"},
        "INVALID_TRANSITION",
    ),
    "blank tag": ("editReservedTag", EDITED, lambda bank: {"numberId": bank.number(DESK), "tag": " "}, "INVALID_INPUT"),
    "same tag": ("editReservedTag", EDITED, lambda bank: {"numberId": bank.number(DESK), "tag": "desk"}, None),
    "same organization": (
        "moveNumbers",
        NUMBERS,
        lambda bank: {"numberIds": bank.numbers(DESK), "organizationId": bank.organization("Bank/Sales")},
        None,
    ),
}


def changed(
    databases: Databases, name: str, selection: str, values: Input, *, at: str = "Bank"
) -> tuple[Any, dict[str, Any]]:
    """The payload of a mutation, and the rows of each table that were written by it."""
    with opened(databases) as server:
        bank = Inventory(server, TREE, ROWS + f"{DESK},+1 418,Bank/Sales,RESERVED,desk,,,\n")
        bank.token(at)
        input_ = values(bank)
        before = dump(server)
        payload = bank.mutate(name, selection, input_, at=at)
        after = dump(server)
        assert server.differences() == []
        return payload, {
            table: sorted((row for row in rows if row not in before[table]), key=repr)
            for table, rows in after.items()
            if rows != before[table]
        }


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the operations that single statements have written so far."""
    written: list[str] = []

    def note(name: str) -> None:
        change = getattr(single_statement, name)

        async def noted(connection: Any, new_operation: Any, *arguments: Any, **more: Any) -> Any:
            result = await change(connection, new_operation, *arguments, **more)
            if result is not None:
                written.append(new_operation.action.name)
            return result

        monkeypatch.setattr(single_statement, name, noted)

    note("change")
    note("change_alone")
    return written


def _use_separate_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(changes, "FEW", 0)
    monkeypatch.setattr(single_statement, "change_alone", nothing)


@pytest.mark.parametrize(("name", "selection", "values"), CHANGES.values(), ids=CHANGES)
def test_the_single_statement_writes_the_same_rows_as_separate_statements(
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    statements: list[str],
    name: str,
    selection: str,
    values: Input,
) -> None:
    payload, rows = changed(databases, name, selection, values)
    assert len(statements) == (1 if isinstance(databases, PostgresDatabases) else 0)
    _use_separate_statements(monkeypatch)
    assert changed(databases, name, selection, values) == (payload, rows)
    assert len(statements) <= 1
    assert payload["userErrors"] == []
    assert {"number_events", "operation_organizations", "operations", "phone_numbers"} <= rows.keys()


@pytest.mark.parametrize(("name", "selection", "values", "code"), UNCHANGED.values(), ids=UNCHANGED)
def test_the_single_statement_has_the_same_result_as_separate_statements_without_changes(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, name: str, selection: str, values: Input, code: str | None
) -> None:
    payload, rows = changed(databases, name, selection, values, at="Bank/Sales")
    _use_separate_statements(monkeypatch)
    assert changed(databases, name, selection, values, at="Bank/Sales") == (payload, rows)
    assert [error["code"] for error in payload["userErrors"]] == ([code] if code else [])
    assert payload["operationId"] is None
    assert rows == {}
