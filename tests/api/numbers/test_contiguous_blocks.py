"""A contiguous block is a run of numbers that follow one another, whatever else lies between them in text order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import Server

ALLOCATE = """mutation ($input: AllocateNumbersInput!) { allocateNumbers(input: $input) {
  changedCount phoneNumbers { number } userErrors { code } } }"""


def allocate(server: Server, numbers: list[str], quantity: int) -> dict[str, Any]:
    server.import_organizations("path\nAcme\nAcme/North\n")
    server.import_numbers("number,series,organization\n" + "".join(f"{number},+49 30,Acme\n" for number in numbers))
    token = server.create_key(organization="Acme", role="OWNER")
    found = server.ask("{ organizations { nodes { id } } series { nodes { id } } }", token=token)
    target, series = found["organizations"]["nodes"][1]["id"], found["series"]["nodes"][0]["id"]
    values = {"seriesId": series, "toOrganizationId": target, "quantity": quantity, "strategy": "CONTIGUOUS"}
    answer: dict[str, Any] = server.ask(ALLOCATE, {"input": values}, token=token)["allocateNumbers"]
    assert server.differences() == []
    return answer


@pytest.mark.parametrize(
    ("numbers", "block"),
    [
        (["+4930123456", "+4930123457"], ["+4930123456", "+4930123457"]),
        (["+4930123455", "+4930123457", "+4930123458"], ["+4930123457", "+4930123458"]),
        # In list order, a longer number lies between the two.
        (["+4930123456", "+49301234560", "+4930123457"], ["+4930123456", "+4930123457"]),
        (["+4930123459", "+49301234590", "+49301234591", "+4930123461"], ["+49301234590", "+49301234591"]),
    ],
    ids=["the-only-ones", "after-a-gap", "with-a-longer-one-between", "of-longer-ones"],
)
def test_the_lowest_contiguous_block_is_allocated(server: Server, numbers: list[str], block: list[str]) -> None:
    answer = allocate(server, numbers, 2)
    assert answer["userErrors"] == []
    assert [node["number"] for node in answer["phoneNumbers"]] == block


def test_without_a_sufficient_run_nothing_is_allocated(server: Server) -> None:
    answer = allocate(server, ["+4930123456", "+49301234570", "+4930123458"], 2)
    assert answer == {"changedCount": 0, "phoneNumbers": [], "userErrors": [{"code": "INSUFFICIENT_NUMBERS"}]}
