"""Roots may have the same name: no root learns another's, and operators name such a root by its id."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidInput, NotFound
from schema.core.ids import decode
from tests.support.database_dump import dump
from tests.support.inventory import HEADER, Inventory
from tests.support.server import Server

RENAMED = "organization { name } userErrors { code message path }"


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, "Bank\nBank/Sales\n", "+14185550100,+1 418,Bank,AVAILABLE,,,,\n")


@pytest.fixture
def rival(bank: Inventory) -> Inventory:
    return Inventory(bank.server, "Rival\nRival/Sales\n", "+14185550900,+1 418,Rival,AVAILABLE,,,,\n")


def rename(inventory: Inventory, name: str) -> Any:
    root = inventory.ask("{ organization { id } }")["organization"]["id"]
    return inventory.mutate("updateOrganization", RENAMED, {"organizationId": root, "name": name})


def root_id(inventory: Inventory) -> int:
    _, (found,) = decode(inventory.ask("{ organization { id } }")["organization"]["id"])
    return found


@pytest.fixture
def banks(bank: Inventory, rival: Inventory) -> tuple[int, int]:
    """The ids of two roots named Bank and BANK."""
    ids = root_id(bank), root_id(rival)
    assert rename(rival, "BANK")["userErrors"] == []
    return ids


@pytest.mark.parametrize("name", ["Bank", "bank", "Banque"])
def test_the_answer_is_the_same_whether_another_root_has_the_name_or_not(
    bank: Inventory, rival: Inventory, name: str
) -> None:
    assert rename(rival, name) == {"organization": {"name": name}, "userErrors": []}
    assert rename(bank, "Bank") == {"organization": {"name": "Bank"}, "userErrors": []}
    assert bank.ask("{ organizations { totalCount nodes { name } } }") == {
        "organizations": {"totalCount": 2, "nodes": [{"name": "Bank"}, {"name": "Sales"}]}
    }
    assert bank.server.differences() == []


def test_a_path_that_begins_with_the_name_of_several_roots_is_refused(bank: Inventory, banks: tuple[int, int]) -> None:
    server = bank.server
    before = dump(server)
    for path, name, below in (
        ("Bank", "Bank", ""),
        (" BANK /Sales", " BANK ", "/Sales"),
        ("bank/None", "bank", "/None"),
    ):
        with pytest.raises(InvalidInput) as refused:
            server.create_key(organization=path, role="OWNER")
        ids = " or ".join(f"/{root}{below}" for root in banks)
        assert refused.value.message == f"2 root organizations have the name {name!r}. Name one by its id: {ids}."
    lines = server.import_organizations("path\nBank/New\n").lines
    lines += server.import_numbers(f"{HEADER}+14185550101,+1 418,Bank/Sales,AVAILABLE,,,,\n").lines
    assert [(line.line, line.code.value, line.column) for line in lines] == [
        (2, "INVALID_INPUT", "path"),
        (2, "INVALID_INPUT", "organization"),
    ]
    with pytest.raises(InvalidInput, match="2 root organizations have the name 'Bank'"):
        server.import_usage("record_id,number,kind,quantity,at\n", organization="Bank")
    assert dump(server) == before


def test_a_refusal_names_an_organization_by_a_path_that_is_read(bank: Inventory, banks: tuple[int, int]) -> None:
    first, second = banks
    for organization, message in (
        ("Sales", f"There is no organization 'Sales'. Give its path from the root, such as '/{second}/Sales'."),
        (
            f"/{first}/Sales",
            f"+14185550100 already exists and differs: organization is /{first} there and /{first}/Sales here.",
        ),
    ):
        lines = bank.server.import_numbers(f"{HEADER}+14185550100,+1 418,{organization},AVAILABLE,,,,\n").lines
        assert [line.message for line in lines] == [message]


def test_a_path_may_begin_with_the_id_of_a_root(bank: Inventory, banks: tuple[int, int]) -> None:
    server, (first, second) = bank.server, banks
    key = server.create_key(organization=f"/{second}/sales", role="VIEWER")
    assert server.ask("{ organization { name } }", token=key) == {"organization": {"name": "Sales"}}
    made = server.import_organizations(
        f"path\n/{second}/Sales/Desk\n/{first}/New\n/{first}/New/Desk\nThird\nThird/New\n"
    )
    assert (made.imported, made.lines) == (5, [])
    added = server.import_numbers(
        f"{HEADER}+14185550101,+1 418,/{first}/New,AVAILABLE,,,,\n+14185550101,+1 418,/{second},AVAILABLE,,,,\n"
    )
    assert (added.imported, added.lines) == (2, [])
    query = "query ($number: E164!) { phoneNumber(number: $number) { organization { name } } }"
    holders = {
        root: server.ask(query, {"number": "+14185550101"}, token=server.create_key(organization=root, role="VIEWER"))
        for root in (f"/{first}", f"/{second}")
    }
    assert [found["phoneNumber"]["organization"]["name"] for found in holders.values()] == ["New", "BANK"]
    assert server.differences() == []


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("/999", "NOT_FOUND", "There is no root organization with the id 999."),
        ("/999/New", "NOT_FOUND", "There is no root organization with the id 999."),
        ("/{first}", "ALREADY_EXISTS", "The organization /{first} is already in the inventory."),
        ("/{first}/sales", "ALREADY_EXISTS", "The organization /{first}/sales is already in the inventory."),
        ("/{first}/None/New", "NOT_FOUND", "The parent /{first}/None is neither in the inventory nor in the file."),
        ("/Bank/New", "INVALID_INPUT", "The name is blank."),
        ("//New", "INVALID_INPUT", "The name is blank."),
        (f"/{10**18}/New", "INVALID_INPUT", "The name is blank."),
        ("/²/New", "INVALID_INPUT", "The name is blank."),
    ],
)
def test_a_path_with_a_wrong_root_creates_nothing(
    bank: Inventory, banks: tuple[int, int], path: str, code: str, message: str
) -> None:
    before = dump(bank.server)
    path, message = path.format(first=banks[0]), message.format(first=banks[0])
    lines = bank.server.import_organizations(f"path\n{path}\n").lines
    assert [(line.code.value, line.message) for line in lines] == [(code, message)]
    assert dump(bank.server) == before


def test_an_id_is_that_of_a_root(bank: Inventory) -> None:
    sales = decode(bank.organization("Bank/Sales"))[1][0]
    before = dump(bank.server)
    with pytest.raises(NotFound, match=f"There is no root organization with the id {sales}"):
        bank.server.create_key(organization=f"/{sales}", role="OWNER")
    assert dump(bank.server) == before
