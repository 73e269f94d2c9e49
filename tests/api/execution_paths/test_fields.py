"""A field has the same value on both execution paths, with any other fields and through any parent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.execution_paths.conftest import ASSIGNED, AVAILABLE, OF_SALES, Bank
from tests.api.execution_paths.paired_servers import PairedServers

FIELDS = (
    *("id", "number", "nationalFormat", "status", "reservedTag", "forwardingNumber", "availableActions"),
    *("retiredAt", "updatedAt", "series { id name color: name }", "organization { id name timeZone }"),
    *("user { email status }", "history { totalCount nodes { action at } }"),
)
TOGETHER = " ".join(FIELDS)
RETIRE = "mutation ($ids: [ID!]!) { retireNumbers(input: {numberIds: $ids}) { changedCount } }"


@pytest.mark.parametrize(
    "number",
    [pytest.param(AVAILABLE, marks=pytest.mark.long), ASSIGNED, pytest.param(OF_SALES, marks=pytest.mark.long)],
)
def test_a_field_has_the_same_value_alone_and_among_others(servers: PairedServers, bank: Bank, number: str) -> None:
    if number == OF_SALES:
        done = servers.send(RETIRE, {"ids": [bank.ids[OF_SALES]]}, token=bank.owner)
        assert done == {"data": {"retireNumbers": {"changedCount": 1}}}

    def ask(query: str) -> Any:
        found = servers.send(query, {"number": number, "id": bank.ids[number]}, token=bank.owner)
        assert "errors" not in found, found
        return found["data"]

    by_number = "query ($number: E164!) {{ phoneNumber(number: $number) {{ {} }} }}"
    expected = ask(by_number.format(TOGETHER))["phoneNumber"]
    assert (expected["retiredAt"] is None, expected["number"]) == (number != OF_SALES, number)
    for field in FIELDS:
        alone = {name: value for name, value in expected.items() if name == field.split(" ", 1)[0]}
        assert ask(by_number.format(field))["phoneNumber"] == alone
        on_number = f"{{ ... on PhoneNumber {{ {field} }} }}"
        assert ask(f"query ($id: ID!) {{ phoneNumber(id: $id) {{ {field} }} }}")["phoneNumber"] == alone
        assert ask(f"query ($id: ID!) {{ node(id: $id) {on_number} }}")["node"] == alone
        assert ask(f"query ($id: ID!) {{ nodes(ids: [$id]) {on_number} }}")["nodes"] == [alone]
        if number != OF_SALES:
            listed = f"phoneNumbers(filter: {{numbers: [$number]}}) {{ nodes {{ {field} }} edges {{ node {{ id }} }} }}"
            assert ask(f"query ($number: E164!) {{ {listed} }}")["phoneNumbers"]["nodes"] == [alone]
