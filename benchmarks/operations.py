"""What is measured: the operations of an administrator's day, with their variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.server import Server

OPERATIONS = {
    "nothing": "{ __typename }",
    "a number by id": """query ($id: ID!) {
      phoneNumber(id: $id) { number status reservedTag series { name } organization { name } }
    }""",
    "a page of 50 by status": """{
      phoneNumbers(filter: {statuses: [AVAILABLE]}, first: 50) {
        nodes { id number status reservedTag series { name } organization { name } }
      }
    }""",
    "the same with totalCount": """{
      phoneNumbers(filter: {statuses: [AVAILABLE]}, first: 50) {
        totalCount nodes { id number status reservedTag series { name } organization { name } }
      }
    }""",
    "text 1418 with totalCount": """{
      phoneNumbers(filter: {text: "1418"}, first: 50) {
        totalCount nodes { id number status reservedTag series { name } organization { name } }
      }
    }""",
    "utilization": "{ organization { utilization { total inUse available percent } } }",
    "500 utilizations": """{
      organizations(first: 500) { nodes { name utilization { total inUse available percent } } }
    }""",
    "edit a tag": """mutation ($id: ID!, $tag: String!) {
      editReservedTag(input: {numberId: $id, tag: $tag}) { phoneNumber { id reservedTag } userErrors { message } }
    }""",
}


class _NextTag:
    """Pairs of variables with another tag at every look, because the same tag again would change nothing."""

    def __init__(self, number_id: str) -> None:
        self._id = number_id
        self._count = 0

    def __iter__(self) -> Iterator[tuple[str, str]]:
        self._count += 1
        return iter((("id", self._id), ("tag", f"benchmark {self._count}")))


def prepare_variables(server: Server, key: str) -> dict[str, Any]:
    """The variables of every operation on this server's data."""
    query = "{ phoneNumbers(filter: {statuses: [RESERVED]}, first: 1) { nodes { id } } }"
    number_id = server.ask(query, token=key)["phoneNumbers"]["nodes"][0]["id"]
    variables: dict[str, Any] = {operation: {} for operation in OPERATIONS}
    variables["a number by id"] = {"id": number_id}
    variables["edit a tag"] = _NextTag(number_id)
    return variables
