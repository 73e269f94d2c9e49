"""How many numbers of a list each organization holds: read off the counters where they suffice, else counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from db.numbers import search_statements
from db.utilization import holders
from tests.support.inventory import Inventory

COUNTS = """query ($filter: PhoneNumberFilter, $first: Int) { phoneNumbers(filter: $filter, first: 500) {
  nodes { organization { name } }
  organizationCounts(first: $first) { organization { name } count }
} }"""


def counted(bank: Inventory, filter_: dict[str, Any] | None, first: int | None = 50, **caller: Any) -> Any:
    """The counts, and the numbers of the list counted one by one."""
    found = bank.ask(COUNTS, {"filter": filter_, "first": first}, **caller)["phoneNumbers"]
    listed = Counter(node["organization"]["name"] for node in found["nodes"])
    return [(each["organization"]["name"], each["count"]) for each in found["organizationCounts"]], listed


def test_numbers_are_counted_by_organization_largest_first(bank: Inventory) -> None:
    bank.add(
        "+15145550100,+1 514,Bank/Retail,AVAILABLE,,,,\n"
        "+15145550101,+1 514,Bank/Sales/Trading,RESERVED,vip,,,\n"
        "+15145550102,+1 514,Bank/Sales/Trading,AVAILABLE,,,,\n"
    )
    sales, trading = bank.organization("Bank/Sales"), bank.organization("Bank/Sales/Trading")
    filters: list[tuple[dict[str, Any] | None, list[tuple[str, int]]]] = [
        (None, [("Bank", 5), ("Trading", 2), ("Retail", 1), ("Sales", 1)]),
        ({"statuses": ["AVAILABLE"]}, [("Bank", 2), ("Retail", 1), ("Sales", 1), ("Trading", 1)]),
        ({"statuses": ["RESERVED", "IN_USE"]}, [("Bank", 2), ("Trading", 1)]),
        ({"seriesIds": [bank.series("+1 514")]}, [("Trading", 2), ("Retail", 1)]),
        ({"organizationIds": [sales, trading]}, [("Trading", 2), ("Sales", 1)]),
        ({"organizationIds": [sales], "includeDescendants": True}, [("Trading", 2), ("Sales", 1)]),
        ({"organizationIds": [sales]}, [("Sales", 1)]),
        ({"text": "514"}, [("Trading", 2), ("Retail", 1)]),
        ({"tagged": True}, [("Bank", 1), ("Trading", 1)]),
        ({"text": "nothing like it"}, []),
        ({"seriesIds": [bank.organization("Bank")]}, []),
    ]
    for wanted, expected in filters:
        found, listed = counted(bank, wanted)
        assert (found, dict(found)) == (expected, dict(listed)), wanted
    assert counted(bank, None, first=2)[0] == [("Bank", 5), ("Trading", 2)]
    assert counted(bank, None, first=None)[0] == filters[0][1]
    for first in (-1, 501):
        answer = bank.server.execute(COUNTS, {"first": first}, token=bank.token())
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]
    # A caller below sees their scope only.
    assert counted(bank, None, at="Bank/Sales")[0] == [("Trading", 2), ("Sales", 1)]
    assert counted(bank, {"tagged": True}, at="Bank/Sales")[0] == [("Trading", 1)]


def test_nothing_is_counted_unless_asked_for(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_more: Any) -> None:
        raise AssertionError("it was counted")

    monkeypatch.setattr(holders, "largest_holders", fail)
    monkeypatch.setattr(search_statements, "organization_counts", fail)
    query = "{ phoneNumbers { totalCount statusCounts { count } } }"
    assert bank.ask(query)["phoneNumbers"]["totalCount"] == 6
