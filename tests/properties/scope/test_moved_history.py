"""The history of moved numbers, and series that become visible and invisible."""

from __future__ import annotations

import pytest

from tests.support.inventory import NUMBERS, Inventory
from tests.support.server import Server

EVENT = """
  id action actor organizationBefore { name } organizationAfter { name }
  reservedTagBefore reservedTagAfter operation { id action changedCount organization { name } }
"""
ONE, TWO = "+14185550101", "+14185550102"


@pytest.fixture
def inventory(server: Server) -> Inventory:
    """A number that was reserved in Sales for a secret, freed, moved by the root to Retail, and reserved there."""
    rows = f"{ONE},+1 418,Bank/Sales,AVAILABLE,,,,\n{TWO},+1 418,Bank/Sales,AVAILABLE,,,,\n"
    made = Inventory(server, "Bank\nBank/Sales\nBank/Retail\n", rows)
    ids = made.numbers(ONE, TWO)
    one = {"numberIds": ids[:1]}
    for name, more, at in (
        ("reserveNumbers", {"tag": "secret merger"}, "Bank/Sales"),
        ("unreserveNumbers", {}, "Bank/Sales"),
        ("moveNumbers", {"numberIds": ids, "organizationId": made.organization("Bank/Retail")}, "Bank"),
        ("reserveNumbers", {"tag": "shop"}, "Bank/Retail"),
    ):
        assert made.mutate(name, NUMBERS, one | more, at=at)["userErrors"] == []
    return made


def test_the_new_holder_sees_later_events_but_not_the_previous_holder(inventory: Inventory) -> None:
    events = inventory.history(ONE, EVENT, at="Bank/Retail")
    assert [
        (event["action"], event["organizationBefore"], event["organizationAfter"], event["operation"]["organization"])
        for event in events
    ] == [
        ("RESERVED", {"name": "Retail"}, {"name": "Retail"}, {"name": "Retail"}),
        ("MOVED", None, {"name": "Retail"}, None),
    ]
    assert "secret" not in str(events)
    assert [event["operation"]["changedCount"] for event in events] == [1, 2]
    assert inventory.show(ONE, "history { totalCount }", at="Bank/Retail") == {"history": {"totalCount": 2}}


def test_the_old_holder_keeps_its_events_up_to_the_move(inventory: Inventory) -> None:
    nodes = "nodes { action events(first: 10) { nodes { number " + EVENT + " } } }"
    query = "{ organization { activity { totalCount " + nodes + " } } }"
    activity = inventory.ask(query, at="Bank/Sales")["organization"]["activity"]
    # Creating Sales itself was the first that touched it.
    assert [node["action"] for node in activity["nodes"]] == [
        "MOVED",
        "UNRESERVED",
        "RESERVED",
        "IMPORTED",
        "ORGANIZATION_CREATED",
    ]
    moved = activity["nodes"][0]["events"]["nodes"]
    assert [(event["number"], event["organizationBefore"], event["organizationAfter"]) for event in moved] == [
        (ONE, {"name": "Sales"}, None),
        (TWO, {"name": "Sales"}, None),
    ]
    assert inventory.show(ONE, "id", at="Bank/Sales") is None
    assert "shop" not in str(activity)


def test_the_root_sees_the_complete_history(inventory: Inventory) -> None:
    events = inventory.history(ONE, EVENT)
    assert [event["action"] for event in events] == ["RESERVED", "MOVED", "UNRESERVED", "RESERVED", "IMPORTED"]
    assert [event["reservedTagAfter"] for event in events] == ["shop", None, None, "secret merger", None]


def test_an_event_outside_the_scope_is_not_found_as_a_node(inventory: Inventory) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    events = inventory.history(ONE, EVENT)
    ids = [event["id"] for event in events] + [event["operation"]["id"] for event in events]
    retail = inventory.ask(query, {"ids": ids}, at="Bank/Retail")["nodes"]
    assert [node is not None for node in retail] == [True, True, False, False, False] * 2
    sales = inventory.ask(query, {"ids": ids}, at="Bank/Sales")["nodes"]
    assert [node is not None for node in sales] == [False, True, True, True, True] * 2


def test_an_operation_only_counts_events_inside_the_scope(server: Server) -> None:
    tree = "Bank\nBank/Sales\nBank/Retail\nBank/Vault\n"
    rows = f"{ONE},+1 418,Bank/Sales,AVAILABLE,,,,\n{TWO},+1 418,Bank/Retail,AVAILABLE,,,,\n"
    inventory = Inventory(server, tree, rows)
    both = {"numberIds": inventory.numbers(ONE, TWO), "tag": "audit"}
    assert inventory.mutate("reserveNumbers", NUMBERS, both)["changedCount"] == 2
    query = """{ organization { activity(first: 1) { nodes {
      changedCount organization { name } events { totalCount nodes { number } }
    } } } }"""
    seen = inventory.ask(query, at="Bank/Sales")["organization"]["activity"]["nodes"]
    assert seen == [{"changedCount": 1, "organization": None, "events": {"totalCount": 1, "nodes": [{"number": ONE}]}}]


def test_a_series_is_visible_while_it_has_numbers_in_scope(inventory: Inventory) -> None:
    query = "{ series { nodes { name } } }"
    node = "query ($id: ID!) { node(id: $id) { id } }"
    series = inventory.series("+1 418")
    assert inventory.ask(query, at="Bank/Sales") == {"series": {"nodes": []}}
    assert inventory.ask(node, {"id": series}, at="Bank/Sales") == {"node": None}
    assert inventory.ask(query, at="Bank/Retail") == {"series": {"nodes": [{"name": "+1 418"}]}}
    assert inventory.ask(query) == {"series": {"nodes": [{"name": "+1 418"}]}}


def test_moving_an_organization_does_not_reveal_its_ancestors(server: Server) -> None:
    inventory = Inventory(server, "Bank\nBank/Sales\nBank/Sales/Desk\nBank/Retail\n")
    move = {
        "organizationId": inventory.organization("Bank/Sales/Desk"),
        "parentId": inventory.organization("Bank/Retail"),
    }
    assert inventory.mutate("moveOrganization", "userErrors { code }", move)["userErrors"] == []
    query = "{ organization { activity { nodes { action changes { field before after } } } } }"
    desk = inventory.ask(query, at="Bank/Retail/Desk")["organization"]["activity"]["nodes"]
    moved = next(node for node in desk if node["action"] == "ORGANIZATION_MOVED")
    assert [(change["before"], change["after"]) for change in moved["changes"]] in ([], [(None, None)])
