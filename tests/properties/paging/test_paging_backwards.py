"""Every connection of the schema, read from its end: the same rows, refusals and page information as from its start."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLObjectType, get_named_type

from schema.root.schema import build_schema
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.paging import PAGE_INFO, Walker
from tests.support.server import opened

SCHEMA = build_schema()._schema
TREE = "Bank\nBank/Sales\nBank/Sales/Night\nBank/Sales/night shift\nBank/Retail\nBank/zulu\nBank/Émile\nRival\n"
NUMBERS = [f"+141889847{n:02}" for n in range(11)]
PAGING = "first: $first, after: $after, last: $last, before: $before"


class List(NamedTuple):
    """A connection: the field that returns it, and where an operation reads it."""

    field: str
    within: str = "{}"
    arguments: str = ""
    node: str = "id"

    def selection(self, paging: str, wanted: str) -> str:
        name = self.field.partition(".")[2]
        return "{ " + self.within.replace("{}", f"{name}({self.arguments}{paging}) {{ {wanted} }}") + " }"

    def document(self) -> str:
        wanted = f"edges {{ cursor node {{ {self.node} }} }} nodes {{ {self.node} }} totalCount {PAGE_INFO}"
        declared = "$first: Int, $after: String, $last: Int, $before: String"
        return f"query ({declared}) {self.selection(PAGING, wanted)}"

    def path(self) -> tuple[str, ...]:
        above = {"Query": (), "PhoneNumber": ("phoneNumber",), "Operation": ("node",)}
        type_, _, name = self.field.partition(".")
        return (*above.get(type_, ("organization",)), name)


BELOW = "organization { {} }"
NUMBER = f'phoneNumber(number: "{NUMBERS[0]}") {{ {{}} }}'
USER_ORDERS = [(field, way) for field in ("NAME", "STATUS", "NUMBER", "INVITED_AT") for way in ("ASC", "DESC")]
LISTS = {
    "numbers": List("Query.phoneNumbers"),
    "organizations": List("Query.organizations"),
    "series": List("Query.series"),
    "users": List("Query.users"),
    "administrators": List("Query.administrators"),
    "mails": List("Query.mailDeliveries"),
    "jobs": List("Query.jobs"),
    "children": List("Organization.children", BELOW),
    "descendants": List("Organization.descendants", BELOW),
    "own users": List("Organization.users", BELOW),
    "own administrators": List("Organization.administrators", BELOW),
    "activity": List("Organization.activity", BELOW),
    "history": List("PhoneNumber.history", NUMBER),
    "events": List("Operation.events", 'node(id: "OPERATION") { ... on Operation { {} } }'),
} | {
    f"users by {field} {way}": List("Query.users", arguments=f"orderBy: {{field: {field}, direction: {way}}}, ")
    for field, way in USER_ORDERS
}
EVERY_LIST = pytest.mark.parametrize("name", LISTS)


@pytest.fixture(scope="module")
def bank(databases: Databases) -> Iterator[tuple[Inventory, str]]:
    """A server on which every connection has at least four rows, and an operation with events; the tests only read."""
    with opened(databases) as server:
        series = ("+1 418", "Toll free", "Émile", "emile")
        free = "".join(f"{number},{series[n % 4]},Bank,AVAILABLE,,,,\n" for n, number in enumerate(NUMBERS[:9]))
        used = "".join(
            f"{number},+1 418,Bank,{status},,{name},Vale,{name}@bank.test\n"
            for number, status, name in ((NUMBERS[9], "IN_USE", "Ada"), (NUMBERS[10], "ASSIGNED", "Bo"))
        )
        bank = Inventory(server, TREE, free + used)
        for n, name in enumerate(("Cyd", "Dee", "Eve", "Fay")):
            server.advance(60)
            person = {"firstName": name, "lastName": "Vale", "email": f"{name}@bank.test", "sendInvitation": n < 2}
            assert bank.mutate("inviteUser", "userErrors { message }", person) == {"userErrors": []}
        for name in ("Una", "una", "Val", "Wes"):
            person = {"name": name, "email": f"{name}.{ord(name[0])}@bank.test", "role": "VIEWER"}
            assert bank.mutate("inviteAdministrator", "userErrors { message }", person) == {"userErrors": []}
        said: dict[str, Any] = {"numberIds": bank.numbers(*NUMBERS[:5]), "tag": "one"}
        operation = bank.mutate("reserveNumbers", "operationId", said)["operationId"]
        for tag in ("two", "three", "four"):
            edit = {"numberId": bank.number(NUMBERS[0]), "tag": tag}
            assert bank.mutate("editReservedTag", "userErrors { message }", edit) == {"userErrors": []}
        for tag in ("five", "six", "seven", "eight"):
            queued = bank.mutate("reserveNumbers", "job { state }", said | {"tag": tag, "asJob": True})
            assert queued == {"job": {"state": "QUEUED"}}
        yield bank, operation


def walker(bank: tuple[Inventory, str], name: str) -> Walker:
    inventory, operation = bank
    list_ = LISTS[name]
    document = list_.document().replace("OPERATION", operation)
    return Walker(inventory.server, inventory.token(), document, list_.path())


def test_every_connection_is_here() -> None:
    connections = {
        f"{type_.name}.{name}": set(field.args)
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if "edges" in getattr(get_named_type(field.type), "fields", ())
    }
    assert {list_.field for list_ in LISTS.values()} == set(connections)
    paging = {"first", "after", "last", "before"}
    assert {field: paging - arguments for field, arguments in connections.items() if not paging <= arguments} == {}


@EVERY_LIST
def test_the_pages_from_the_end_are_the_rows_from_the_start(bank: tuple[Inventory, str], name: str) -> None:
    pages = walker(bank, name)
    whole = pages.page(first=500)
    rows = [edge["node"] for edge in whole["edges"]]
    assert len(rows) == whole["totalCount"] >= 4
    assert len({row["id"] for row in rows}) == len(rows)
    assert pages.page()["edges"] == pages.page(last=500)["edges"] == whole["edges"]
    for size in (1, 2, 3):
        assert pages.all(size, backwards=True) == rows
    assert pages.all(2) == rows
    cut = {"after": whole["edges"][0]["cursor"], "before": whole["edges"][-1]["cursor"]}
    assert [edge["node"] for edge in pages.page(first=500, **cut)["edges"]] == rows[1:-1]
    ended = pages.page(last=1, **cut)
    assert [edge["node"] for edge in ended["edges"]] == rows[-2:-1]
    assert (ended["pageInfo"]["hasNextPage"], ended["pageInfo"]["hasPreviousPage"]) == (True, len(rows) > 3)


FOREIGN = base64.urlsafe_b64encode(json.dumps(["another list", None, 1]).encode()).decode().rstrip("=")
REFUSED = {
    "first: 2, last: 2": ("last", "Give `first` or `last`, not both."),
    "last: -1": ("last", "`last` must be a whole number from 0 to 500, not -1."),
    "last: 501": ("last", "`last` must be a whole number from 0 to 500, not 501."),
    "first: 501": ("first", "`first` must be a whole number from 0 to 500, not 501."),
    'last: 2, before: "no-cursor"': ("before", "`before` is not a cursor of this list."),
    f'last: 2, before: "{FOREIGN}"': ("before", "`before` is a cursor of a list with another order."),
    f'first: 2, after: "{FOREIGN}"': ("after", "`after` is a cursor of a list with another order."),
}


@EVERY_LIST
def test_every_list_refuses_the_same_pages_in_the_same_words(bank: tuple[Inventory, str], name: str) -> None:
    inventory, operation = bank
    for paging, (argument, message) in REFUSED.items():
        selection = LISTS[name].selection(paging, "edges { cursor }").replace("OPERATION", operation)
        (error,) = inventory.server.execute(selection, token=inventory.token())["errors"]
        assert error["message"] == message
        assert error["extensions"] == {"code": "INVALID_INPUT", "argument": [argument]}
