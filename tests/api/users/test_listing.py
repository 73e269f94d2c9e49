"""Users listed and searched with their status, in any order, from page to page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.users.actions import ASSIGNED, FREE, IN_USE, invited
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

PAGE = """totalCount edges { cursor node { firstName lastName email status } }
nodes { email } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""
LIST = f"""query ($filter: UserFilter, $order: UserOrder, $first: Int, $after: String) {{
  users(filter: $filter, orderBy: $order, first: $first, after: $after) {{ {PAGE} }}
}}"""
EVERYBODY = ["bo", "cyd", "dee", "eve", "ada"]


@pytest.fixture(scope="module")
def people(databases: Databases) -> Iterator[Inventory]:
    """Bo Rask, Cyd Vale, Dee Vale, Eve Ångström and Ada ling, in three organizations; the tests only read."""
    with opened(databases) as server:
        bank = Inventory(
            server,
            "Bank\nBank/Sales\nBank/Retail\nRival\n",
            f"{ASSIGNED},+1 418,Bank,ASSIGNED,,Ada,ling,ada@bank.test\n"
            f"{IN_USE},+1 418,Bank/Sales,IN_USE,,Bo,Rask,bo@bank.test\n"
            f"{FREE},+1 418,Bank/Sales,AVAILABLE,,,,\n"
            "+442079460100,+44 20,Rival,IN_USE,,Riv,Al,riv@rival.test\n",
        )
        sales = bank.organization("Bank/Sales")
        bank.server.advance(60)
        invited(bank, "Dee", organizationId=sales)
        bank.server.advance(60)
        invited(bank, "Cyd", organizationId=sales, numberId=bank.number(FREE))
        invited(bank, "Eve", organizationId=bank.organization("Bank/Retail"), sendInvitation=False, lastName="Ångström")
        yield bank


def names(found: Any) -> list[str]:
    return [node["email"].partition("@")[0] for node in found["nodes"]]


def listed(bank: Inventory, at: str | None = None, **variables: Any) -> list[str]:
    found = bank.ask(LIST, variables, at=at)["users"]
    assert found["totalCount"] == len(found["nodes"])
    return names(found)


@pytest.mark.parametrize(
    ("field", "rising"),
    [
        ("NAME", ["ada", "bo", "cyd", "dee", "eve"]),
        ("EMAIL", ["ada", "bo", "cyd", "dee", "eve"]),
        ("STATUS", ["eve", "ada", "dee", "cyd", "bo"]),
        ("ORGANIZATION", ["ada", "eve", "bo", "dee", "cyd"]),
        ("NUMBER", ["cyd", "ada", "bo"]),
        ("INVITED_AT", ["ada", "bo", "dee", "cyd"]),
    ],
)
def test_users_are_sorted_by_any_column_with_blanks_last(people: Inventory, field: str, rising: list[str]) -> None:
    blank = [name for name in ("dee", "eve") if name not in rising]
    assert listed(people, order={"field": field}) == rising + blank
    falling = listed(people, order={"field": field, "direction": "DESC"})
    assert falling == rising[::-1] + blank[::-1]


def test_users_are_sorted_by_name_by_default(people: Inventory) -> None:
    assert listed(people) == ["ada", "bo", "cyd", "dee", "eve"]


@pytest.mark.parametrize("field", ["NAME", "STATUS", "ORGANIZATION", "NUMBER", "INVITED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_list_every_user_once(people: Inventory, field: str, direction: str, size: int) -> None:
    order = {"field": field, "direction": direction}
    whole = listed(people, order=order)
    seen: list[str] = []
    after = None
    while True:
        page = people.ask(LIST, {"order": order, "first": size, "after": after})["users"]
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += names(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == whole


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"text": "vale"}, ["cyd", "dee"]),
        ({"text": "CYD V"}, ["cyd"]),
        ({"text": "ångström"}, ["eve"]),
        ({"text": "angstrom"}, []),
        ({"text": "o@bank"}, ["bo"]),
        ({"text": "555010"}, ["ada", "bo", "cyd"]),
        ({"text": "(418) 555-0104"}, ["bo"]),
        ({"text": "%"}, []),
        ({"text": "_"}, []),
        ({"text": "\\"}, []),
        ({"text": "a\nl"}, []),
        ({"text": "x" * 100_000}, []),
        ({"text": ""}, ["ada", "bo", "cyd", "dee", "eve"]),
        ({"statuses": ["INVITED"]}, ["ada", "cyd", "dee"]),
        ({"statuses": ["ACTIVATED", "NOT_INVITED"]}, ["bo", "eve"]),
        ({"statuses": ["INVITATION_FAILED"]}, []),
        ({"statuses": []}, ["ada", "bo", "cyd", "dee", "eve"]),
        ({"withNumber": True}, ["ada", "bo", "cyd"]),
        ({"withNumber": False}, ["dee", "eve"]),
        ({"withNumber": False, "statuses": ["INVITED"], "text": "vale"}, ["dee"]),
    ],
)
def test_users_are_searched(people: Inventory, wanted: dict[str, Any], found: list[str]) -> None:
    assert listed(people, filter=wanted) == found


def test_users_are_searched_by_organization(people: Inventory) -> None:
    bank, sales = people.organization("Bank"), people.organization("Bank/Sales")
    rival = people.organization("Rival")
    assert listed(people, filter={"organizationIds": [sales]}) == ["bo", "cyd", "dee"]
    assert listed(people, filter={"organizationIds": [bank]}) == ["ada"]
    assert listed(people, filter={"organizationIds": [bank], "includeDescendants": True}) == [
        "ada",
        "bo",
        "cyd",
        "dee",
        "eve",
    ]
    assert listed(people, filter={"organizationIds": [rival]}) == []
    assert listed(people, filter={"organizationIds": [rival], "includeDescendants": True}) == []
    assert listed(people, "Rival", filter={"organizationIds": [sales]}) == []


def test_only_users_inside_the_scope_are_listed(people: Inventory) -> None:
    assert listed(people, "Bank/Sales") == ["bo", "cyd", "dee"]
    assert listed(people, "Bank/Retail") == ["eve"]
    assert listed(people, "Rival") == ["riv"]


def test_an_organization_lists_its_own_users(people: Inventory) -> None:
    query = f"""query ($id: ID!, $filter: UserFilter) {{
      organization(id: $id) {{ users(filter: $filter, first: 10) {{ {PAGE} }} }}
    }}"""

    def own(path: str, **wanted: Any) -> list[str]:
        variables = {"id": people.organization(path), "filter": wanted or None}
        return names(people.ask(query, variables)["organization"]["users"])

    assert own("Bank") == ["ada"]
    assert own("Bank", includeDescendants=True) == ["ada", "bo", "cyd", "dee", "eve"]
    assert own("Bank/Sales", text="vale") == ["cyd", "dee"]
    assert own("Bank/Sales", organizationIds=[people.organization("Bank")]) == []


def test_a_cursor_of_another_order_is_refused(people: Inventory) -> None:
    page = people.ask(LIST, {"first": 1})["users"]
    variables = {"order": {"field": "EMAIL"}, "after": page["pageInfo"]["endCursor"]}
    answer = people.server.execute(LIST, variables, token=people.token())
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]


def test_a_usage_writer_may_not_list_users(people: Inventory) -> None:
    answer = people.server.execute(LIST, {}, token=people.token("Bank", "USAGE_WRITER"))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


def test_the_only_root_of_a_deployment_sees_every_user(server: Server) -> None:
    alone = Inventory(server, "Bank\nBank/Sales\n", f"{IN_USE},+1 418,Bank/Sales,IN_USE,,Bo,Rask,bo@bank.test\n")
    assert listed(alone) == ["bo"]
    assert listed(alone, filter={"withNumber": False}) == []
