"""Permissions are the same on both execution paths."""

from __future__ import annotations

from typing import Any

import pytest

from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import AVAILABLE, OF_SALES, Bank
from tests.api.execution_paths.paired_servers import PairedServers

RESERVE = """mutation ($ids: [ID!]!) {
  reserveNumbers(input: { numberIds: $ids, tag: "desk" }) { changedCount userErrors { code message path numbers } }
}"""
MOVE = """mutation ($ids: [ID!]!, $to: ID!) {
  moveNumbers(input: { numberIds: $ids, organizationId: $to }) { changedCount userErrors { code message path } }
}"""
NUMBER = "query ($number: E164!) { phoneNumber(number: $number) { number organization { name } } }"


def test_a_viewer_changes_nothing(servers: PairedServers, bank: Bank) -> None:
    found = servers.refused(RESERVE, {"ids": [bank.ids[AVAILABLE]]}, token=bank.viewer)
    message = "Your role VIEWER may not change numbers."
    error: dict[str, Any] = {"code": "FORBIDDEN", "message": message, "path": [], "numbers": []}
    assert found == {"data": {"reserveNumbers": {"changedCount": 0, "userErrors": [error]}}}


def test_numbers_outside_the_scope_are_not_found(servers: PairedServers, bank: Bank) -> None:
    assert servers.send(NUMBER, {"number": AVAILABLE}, token=bank.sales) == {"data": {"phoneNumber": None}}
    assert servers.send(NUMBER, {"number": OF_SALES}, token=bank.sales) == {
        "data": {"phoneNumber": {"number": OF_SALES, "organization": {"name": "Sales"}}}
    }
    found = servers.refused(MOVE, {"ids": [bank.ids[AVAILABLE]], "to": bank.ids["Bank/Sales"]}, token=bank.sales)
    error = {
        "code": "NOT_FOUND",
        "message": "There is no such number in your scope.",
        "path": ["input", "numberIds", "0"],
    }
    assert found == {"data": {"moveNumbers": {"changedCount": 0, "userErrors": [error]}}}


@pytest.mark.parametrize("token", [None, "dtk_wrong"])
def test_an_anonymous_caller_reads_and_changes_nothing(servers: PairedServers, bank: Bank, token: str | None) -> None:
    message = "Sign in first: send `Authorization: Bearer TOKEN`."
    answer = {"errors": [{"message": message, "extensions": {"code": "UNAUTHENTICATED"}}]}
    assert servers.refused(NUMBER, {"number": AVAILABLE}, token=token, execution_path=None) == answer
    assert servers.refused(RESERVE, {"ids": [bank.ids[AVAILABLE]]}, token=token, execution_path=None) == answer


def test_a_usage_writer_reads_nothing(servers: PairedServers, bank: Bank) -> None:
    found = servers.refused(NUMBER, {"number": AVAILABLE}, token=bank.writer, execution_path=ExecutionPath.FALLBACK)
    assert found == {
        "errors": [
            {
                "message": "Your role USAGE_WRITER may not read the inventory.",
                "locations": [{"line": 1, "column": 26}],
                "path": ["phoneNumber"],
                "extensions": {"code": "FORBIDDEN"},
            }
        ],
        "data": {"phoneNumber": None},
    }


def test_acting_from_an_organization_outside_the_scope_is_not_found(servers: PairedServers, bank: Bank) -> None:
    headers = {"Dialtree-Organization": bank.ids["Bank"]}
    found = servers.refused(RESERVE, {"ids": []}, token=bank.sales, headers=headers, execution_path=None)
    assert [error["extensions"]["code"] for error in found["errors"]] == ["NOT_FOUND"]
    assert "data" not in found
    assert servers.send("{ viewer { role } }", token=bank.sales) == {"data": {"viewer": {"role": "OWNER"}}}
