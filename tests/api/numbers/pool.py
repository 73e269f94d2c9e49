"""A pool of numbers that concurrent clients change, and their requests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.support.concurrency import (
    Call,
)
from tests.support.server import Server

CLIENTS = 32
POOL = 1000
TEAMS = ("North", "South", "East", "West")
STRATEGIES = ("LOWEST", "LONGEST_UNUSED", "CONTIGUOUS")
# The refusals that a late client may get.
TOO_LATE = {"done", "CONFLICT", "INVALID_TRANSITION", "INSUFFICIENT_NUMBERS"}

DONE = "changedCount operationId userErrors { code }"
ALLOCATE = f"mutation ($input: AllocateNumbersInput!) {{ allocateNumbers(input: $input) {{ {DONE} }} }}"
WITHDRAW = f"mutation ($input: WithdrawNumbersInput!) {{ withdrawNumbers(input: $input) {{ {DONE} }} }}"
RESERVE = f"mutation ($input: ReserveNumbersInput!) {{ reserveNumbers(input: $input) {{ {DONE} }} }}"
UNRESERVE = f"mutation ($input: UnreserveNumbersInput!) {{ unreserveNumbers(input: $input) {{ {DONE} }} }}"
MOVE = f"mutation ($input: MoveNumbersInput!) {{ moveNumbers(input: $input) {{ {DONE} }} }}"
RETIRE = f"mutation ($input: RetireNumbersInput!) {{ retireNumbers(input: $input) {{ {DONE} }} }}"
EDIT = "mutation ($input: EditReservedTagInput!) { editReservedTag(input: $input) { userErrors { code } } }"
TAGS = """query ($id: ID!) { phoneNumber(id: $id) { reservedTag history(first: 100) { nodes {
  action reservedTagBefore reservedTagAfter } } } }"""
OPERATION = "query ($id: ID!) { node(id: $id) { ... on Operation { events(first: 500) { nodes { number } } } } }"
CREATE: dict[str, tuple[str, dict[str, Any]]] = {
    "organization": (
        "mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { userErrors { code } } }",
        {"name": "Twin"},
    ),
    "series": (
        "mutation ($input: CreateSeriesInput!) { createSeries(input: $input) { userErrors { code } } }",
        {"name": "Twin"},
    ),
    "number": (
        "mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { code } } }",
        {"numbers": ["+15145550000"]},
    ),
}


@dataclass(frozen=True)
class Pool:
    """A thousand available numbers at Acme (the ids of the lower half are at hand), and the teams below it."""

    server: Server
    token: str
    series: str
    places: dict[str, str]
    numbers: dict[str, str]

    def call(self, query: str, **variables: Any) -> Call:
        return Call(query, {"input": variables}, self.token)

    def allocate(self, team: str, quantity: int, strategy: str = "LOWEST") -> Call:
        values = {"toOrganizationId": self.places[team], "quantity": quantity, "strategy": strategy}
        return self.call(ALLOCATE, seriesId=self.series, **values)

    def held(self) -> Counter[str]:
        """How many numbers each organization holds."""
        query = """query ($after: String) { phoneNumbers(first: 500, after: $after) {
          nodes { number organization { name } } pageInfo { hasNextPage endCursor } } }"""
        found: Counter[str] = Counter()
        after = None
        while True:
            page = self.server.ask(query, {"after": after}, token=self.token)["phoneNumbers"]
            found.update(node["organization"]["name"] for node in page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    def tags(self) -> dict[str, set[str]]:
        """The numbers under each reserved tag."""
        query = "{ phoneNumbers(first: 500, filter: {tagged: true}) { nodes { number reservedTag } } }"
        found: dict[str, set[str]] = {}
        for node in self.server.ask(query, token=self.token)["phoneNumbers"]["nodes"]:
            found.setdefault(node["reservedTag"], set()).add(node["number"])
        return found

    def changed_by(self, payload: dict[str, Any]) -> list[str]:
        """The numbers that an operation changed, lowest first."""
        found = self.server.ask(OPERATION, {"id": payload["operationId"]}, token=self.token)
        return sorted(node["number"] for node in found["node"]["events"]["nodes"])
