"""How deep a tree may be: a hundred levels, unless an earlier release has made more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.inventory import REFUSALS, Inventory
from tests.support.server import Server

ERRORS = f"userErrors {{ {REFUSALS} }}"


def path(levels: int) -> str:
    return "/".join(["Bank", *(f"Level {level}" for level in range(2, levels + 1))])


def tree(levels: int) -> str:
    return "".join(f"{path(level)}\n" for level in range(1, levels + 1))


@pytest.fixture
def deep(server: Server) -> Inventory:
    return Inventory(server, f"{tree(100)}Bank/Other\nBank/Other/Below\n")


def below(bank: Inventory, levels: int) -> dict[str, Any]:
    return {"parentId": bank.organization(path(levels))}


def is_too_deep(error: Any) -> bool:
    return (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "parentId"])


def test_an_organization_is_created_on_the_last_level_but_not_below(deep: Inventory) -> None:
    assert deep.mutate("createOrganization", ERRORS, {"name": "New"} | below(deep, 99))["userErrors"] == []
    error = deep.refused("createOrganization", ERRORS, {"name": "New"} | below(deep, 100))
    assert is_too_deep(error)
    assert error["message"] == "A tree of organizations has at most 100 levels; this one would have 101."
    query = "query ($id: ID!) { organization(id: $id) { availableActions } }"
    for levels in (99, 100):
        shown = deep.ask(query, {"id": deep.organization(path(levels))})["organization"]["availableActions"]
        assert ("CREATE_CHILD" in shown) == (levels < 100)


def test_the_levels_of_a_moved_subtree_count(deep: Inventory) -> None:
    other = {"organizationId": deep.organization("Bank/Other")}
    assert is_too_deep(deep.refused("moveOrganization", ERRORS, other | below(deep, 99)))
    # A deleted organization keeps its path, which is as long.
    lowest = {"organizationId": deep.organization("Bank/Other/Below")}
    assert deep.mutate("deleteOrganization", ERRORS, lowest)["userErrors"] == []
    assert is_too_deep(deep.refused("moveOrganization", ERRORS, other | below(deep, 99)))
    assert deep.mutate("moveOrganization", ERRORS, other | below(deep, 98))["userErrors"] == []
    assert deep.server.differences() == []


def test_an_import_refuses_a_deeper_level(deep: Inventory) -> None:
    report = deep.server.import_organizations(f"path\n{path(100)}/New\n")
    [line] = report.lines
    assert (line.line, line.code.value, report.imported) == (2, "INVALID_INPUT", 0)


def test_a_deeper_tree_of_an_earlier_release_gets_no_new_levels(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("domain.organizations.MAX_LEVELS", 103)
        bank = Inventory(server, tree(103))
    assert is_too_deep(bank.refused("createOrganization", ERRORS, {"name": "New"} | below(bank, 101)))
    last = bank.organization(path(103))
    for parent in (101, 100, 50):
        input_ = {"organizationId": last} | below(bank, parent)
        assert bank.mutate("moveOrganization", ERRORS, input_)["userErrors"] == []
    assert is_too_deep(bank.refused("moveOrganization", ERRORS, {"organizationId": last} | below(bank, 100)))
    assert bank.server.differences() == []
