"""Who may do and see what is the same on both roads."""

from __future__ import annotations

from typing import Any

import pytest

from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import AVAILABLE, OF_SALES, World
from tests.api.execution_paths.paired_servers import Both

RESERVE = """mutation ($ids: [ID!]!) {
  reserveNumbers(input: { numberIds: $ids, tag: "desk" }) { changedCount userErrors { code message path numbers } }
}"""
MOVE = """mutation ($ids: [ID!]!, $to: ID!) {
  moveNumbers(input: { numberIds: $ids, organizationId: $to }) { changedCount userErrors { code message path } }
}"""
NUMBER = "query ($number: E164!) { phoneNumber(number: $number) { number organization { name } } }"


def test_a_viewer_changes_nothing(servers: Both, world: World) -> None:
    found = servers.refused(RESERVE, {"ids": [world.ids[AVAILABLE]]}, token=world.viewer)
    message = "Your role VIEWER may not change numbers."
    error: dict[str, Any] = {"code": "FORBIDDEN", "message": message, "path": [], "numbers": []}
    assert found == {"data": {"reserveNumbers": {"changedCount": 0, "userErrors": [error]}}}


def test_what_is_elsewhere_is_not_there(servers: Both, world: World) -> None:
    assert servers.send(NUMBER, {"number": AVAILABLE}, token=world.sales) == {"data": {"phoneNumber": None}}
    assert servers.send(NUMBER, {"number": OF_SALES}, token=world.sales) == {
        "data": {"phoneNumber": {"number": OF_SALES, "organization": {"name": "Sales"}}}
    }
    found = servers.refused(MOVE, {"ids": [world.ids[AVAILABLE]], "to": world.ids["Bank/Sales"]}, token=world.sales)
    error = {
        "code": "NOT_FOUND",
        "message": "There is no such number in your scope.",
        "path": ["input", "numberIds", "0"],
    }
    assert found == {"data": {"moveNumbers": {"changedCount": 0, "userErrors": [error]}}}


@pytest.mark.parametrize("token", [None, "dtk_wrong"])
def test_nobody_sees_and_changes_nothing(servers: Both, world: World, token: str | None) -> None:
    message = "Sign in first: send `Authorization: Bearer TOKEN`."
    answer = {"errors": [{"message": message, "extensions": {"code": "UNAUTHENTICATED"}}]}
    assert servers.refused(NUMBER, {"number": AVAILABLE}, token=token, road=None) == answer
    assert servers.refused(RESERVE, {"ids": [world.ids[AVAILABLE]]}, token=token, road=None) == answer


def test_who_only_writes_usage_reads_nothing(servers: Both, world: World) -> None:
    found = servers.refused(NUMBER, {"number": AVAILABLE}, token=world.writer, road=ExecutionPath.FALLBACK)
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


def test_an_organization_to_act_from_that_is_out_of_reach_is_not_found(servers: Both, world: World) -> None:
    headers = {"Dialtree-Organization": world.ids["Bank"]}
    found = servers.refused(RESERVE, {"ids": []}, token=world.sales, headers=headers, road=None)
    assert [error["extensions"]["code"] for error in found["errors"]] == ["NOT_FOUND"]
    assert "data" not in found
    assert servers.send("{ viewer { role } }", token=world.sales) == {"data": {"viewer": {"role": "OWNER"}}}
