"""A caller whose organization is moved or deleted between authentication and the change."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.access.sign_in import authenticate
from tests.support.inventory import Inventory

RESERVE = """mutation ($ids: [ID!]!) { reserveNumbers(input: {numberIds: $ids, tag: "late"}) {
  changedCount organizations { name } userErrors { code path }
} }"""
EDIT = """mutation ($id: ID!) { editReservedTag(input: {numberId: $id, tag: "late"}) {
  phoneNumber { number } userErrors { code path }
} }"""
MOVE = """mutation ($id: ID!, $to: ID!) {
  moveOrganization(input: {organizationId: $id, parentId: $to}) { userErrors { message } }
}"""
DELETE = "mutation ($id: ID!) { deleteOrganization(input: {organizationId: $id}) { userErrors { message } } }"


def meanwhile(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch, query: str, variables: dict[str, Any], token: str
) -> None:
    """Let another change come between the next signing in and what it is for."""

    async def authenticate_and_wait(*arguments: Any, **named: Any) -> Any:
        found = await authenticate(*arguments, **named)
        monkeypatch.setattr("app.endpoint.authenticate", authenticate)
        answer = await bank.server.post(query, variables, token=token)
        assert [payload["userErrors"] for payload in answer["data"].values()] == [[]]
        return found

    monkeypatch.setattr("app.endpoint.authenticate", authenticate_and_wait)


@pytest.mark.parametrize("home", ["Bank", "Bank/Retail"])
def test_a_request_from_a_moved_organization_uses_its_new_scope(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    acting, to = bank.organization("Bank/Retail/Shop/Till"), bank.organization("Bank/Retail")
    ids, token = bank.numbers("+19005550122"), bank.token(home)
    meanwhile(bank, monkeypatch, MOVE, {"id": acting, "to": to}, bank.token())
    found = bank.server.ask(RESERVE, {"ids": ids}, token=token, acting=acting)["reserveNumbers"]
    assert found == {"changedCount": 1, "organizations": [{"name": "Till"}], "userErrors": []}
    at = "status organization { ancestors { name } }"
    shown = bank.show("+19005550122", at)
    assert shown == {"status": "RESERVED", "organization": {"ancestors": [{"name": "Bank"}, {"name": "Retail"}]}}


@pytest.mark.parametrize(
    ("to", "expected"),
    [("Bank", [{"code": "NOT_FOUND", "path": []}]), ("Bank/Retail", [])],
)
def test_a_request_from_a_moved_organization_is_refused_if_it_left_the_scope(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch, to: str, expected: list[dict[str, Any]]
) -> None:
    acting, target = bank.organization("Bank/Retail/Shop/Till"), bank.organization(to)
    ids, token = bank.numbers("+19005550122"), bank.token("Bank/Retail")
    meanwhile(bank, monkeypatch, MOVE, {"id": acting, "to": target}, bank.token())
    found = bank.server.ask(RESERVE, {"ids": ids}, token=token, acting=acting)["reserveNumbers"]
    assert found["userErrors"] == expected
    assert found["changedCount"] == int(not expected)
    assert bank.show("+19005550122")["status"] == ("AVAILABLE" if expected else "RESERVED")


@pytest.mark.parametrize("home", ["Bank", "Bank/Retail"])
def test_a_request_from_a_deleted_organization_is_refused(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    acting, ids, token = bank.organization("Bank/Retail/Shop/Till"), bank.numbers("+19005550122"), bank.token(home)
    meanwhile(bank, monkeypatch, DELETE, {"id": acting}, bank.token())
    found = bank.server.ask(RESERVE, {"ids": ids}, token=token, acting=acting)["reserveNumbers"]
    assert found == {"changedCount": 0, "organizations": [], "userErrors": [{"code": "NOT_FOUND", "path": []}]}
    assert bank.show("+19005550122") == {"status": "AVAILABLE", "reservedTag": None, "organization": {"name": "Shop"}}
    assert [event["action"] for event in bank.history("+19005550122")] == ["ORGANIZATION_DELETED", "IMPORTED"]


def test_the_tag_of_a_number_in_a_moved_organization_is_edited(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting, [number] = bank.organization("Bank/Retail/Shop"), bank.numbers("+19005550121")
    token = bank.token("Bank/Retail/Shop")
    meanwhile(bank, monkeypatch, MOVE, {"id": acting, "to": bank.organization("Bank/Sales")}, bank.token())
    found = bank.server.ask(EDIT, {"id": number}, token=token)["editReservedTag"]
    assert found == {"phoneNumber": {"number": "+19005550121"}, "userErrors": []}
    assert bank.show("+19005550121", "reservedTag") == {"reservedTag": "late"}
    assert bank.server.differences() == []


def test_the_tag_of_a_number_moved_out_of_the_scope_is_not_edited(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, [number] = bank.organization("Bank/Retail/Shop"), bank.numbers("+19005550121")
    token = bank.token("Bank/Retail")
    meanwhile(bank, monkeypatch, MOVE, {"id": shop, "to": bank.organization("Bank/Sales")}, bank.token())
    found = bank.server.ask(EDIT, {"id": number}, token=token)["editReservedTag"]
    assert found == {"phoneNumber": None, "userErrors": [{"code": "NOT_FOUND", "path": ["input", "numberId"]}]}
    assert bank.show("+19005550121", "reservedTag") == {"reservedTag": "till"}
    assert [event["action"] for event in bank.history("+19005550121")] == ["IMPORTED"]
