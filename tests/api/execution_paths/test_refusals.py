"""A refusal is the same on both execution paths and writes nothing."""

from __future__ import annotations

from typing import Any

from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import ASSIGNED, AVAILABLE, Bank
from tests.api.execution_paths.paired_servers import PairedServers
from tests.support.inventory import REFUSALS

RESERVE = f"""mutation Reserve($ids: [ID!]!, $tag: String!) {{
  reserveNumbers(input: {{ numberIds: $ids, tag: $tag }}) {{
    changedCount phoneNumbers {{ number }} operationId userErrors {{ {REFUSALS} }}
  }}
}}"""


def refused(**error: Any) -> dict[str, Any]:
    errors = [{"numbers": [], "numberCount": 0, "refusals": []} | error]
    payload = {"changedCount": 0, "phoneNumbers": [], "operationId": None, "userErrors": errors}
    return {"data": {"reserveNumbers": payload}}


def test_a_refusal_names_the_numbers_and_their_allowed_actions(servers: PairedServers, bank: Bank) -> None:
    ids = [bank.ids[AVAILABLE], bank.ids[ASSIGNED]]
    assert servers.refused(RESERVE, {"ids": ids, "tag": "desk"}, token=bank.owner) == refused(
        code="INVALID_TRANSITION",
        message=f"{ASSIGNED} is ASSIGNED, which does not allow RESERVE; "
        "it allows CANCEL_INVITATION, RESEND_INVITATION, DELETE_USER.",
        path=["input", "numberIds"],
        numbers=[ASSIGNED],
        numberCount=1,
        refusals=[
            {
                "number": ASSIGNED,
                "status": "ASSIGNED",
                "allowed": ["CANCEL_INVITATION", "RESEND_INVITATION", "DELETE_USER"],
            }
        ],
    )


def test_a_refusal_names_the_field_at_fault(servers: PairedServers, bank: Bank) -> None:
    found = servers.refused(RESERVE, {"ids": [bank.ids[AVAILABLE]], "tag": " "}, token=bank.owner)
    assert found == refused(code="INVALID_INPUT", message="The reserved tag is blank.", path=["input", "tag"])


def test_a_refused_mutation_does_not_affect_the_next_one(servers: PairedServers, bank: Bank) -> None:
    query = """mutation ($ids: [ID!]!) {
      first: reserveNumbers(input: { numberIds: $ids, tag: " " }) { changedCount userErrors { code } }
      second: reserveNumbers(input: { numberIds: $ids, tag: "desk" }) { changedCount userErrors { code } }
    }"""
    assert servers.send(query, {"ids": [bank.ids[AVAILABLE]]}, token=bank.owner) == {
        "data": {
            "first": {"changedCount": 0, "userErrors": [{"code": "INVALID_INPUT"}]},
            "second": {"changedCount": 1, "userErrors": []},
        }
    }


def test_an_invalid_argument_of_a_query_is_named(servers: PairedServers, bank: Bank) -> None:
    query = "query ($first: Int) { organizations(first: $first) { nodes { name } } }"
    assert servers.refused(query, {"first": 501}, token=bank.owner, execution_path=ExecutionPath.FALLBACK) == {
        "errors": [
            {
                "message": "`first` must be a whole number from 0 to 500, not 501.",
                "locations": [{"line": 1, "column": 23}],
                "path": ["organizations"],
                "extensions": {"code": "INVALID_INPUT", "argument": ["first"]},
            }
        ],
        "data": None,
    }


def test_a_variable_of_the_wrong_type_is_refused(servers: PairedServers, bank: Bank) -> None:
    found = servers.refused(RESERVE, {"ids": [], "tag": 5}, token=bank.owner, execution_path=ExecutionPath.INTERPRETED)
    (error,) = found["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert "data" not in found
