"""API keys through the API: created with a secret that is shown once, listed, revoked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.access.administrators.actions import DAY, ERRORS, codes, sign_in, viewer
from tests.api.access.administrators.conftest import OWNER, PASSWORD
from tests.support.database_dump import dump
from tests.support.inventory import Inventory

KEY = "apiKey { id name role createdAt expiresAt lastUsedAt revokedAt organization { name } }"
CREATED = f"secret {KEY} {ERRORS}"


def create(bank: Inventory, **said: Any) -> Any:
    done = bank.mutate("createApiKey", CREATED, {"name": "Dashboard", "role": "VIEWER"} | said)
    assert done["userErrors"] == []
    return done


def listed(bank: Inventory, **caller: Any) -> list[Any]:
    found: list[Any] = bank.ask("{ apiKeys { id name role revokedAt organization { name } } }", **caller)["apiKeys"]
    return found


def test_creating_an_api_key_shows_its_secret_once(bank: Inventory) -> None:
    done = create(bank, organizationId=bank.organization("Bank/Sales"), expiresInDays=30, idempotencyKey="once")
    key = done["apiKey"]
    assert (key["name"], key["role"], key["organization"]) == ("Dashboard", "VIEWER", {"name": "Sales"})
    assert (key["createdAt"], key["expiresAt"]) == ("2026-11-21T09:00:00Z", "2026-12-21T09:00:00Z")
    assert viewer(bank, done["secret"]) == {"name": "Dashboard", "email": None, "role": "VIEWER"}
    assert done["secret"] not in str(dump(bank.server))
    again = create(bank, organizationId=bank.organization("Bank/Sales"), expiresInDays=30, idempotencyKey="once")
    assert again["secret"] is None
    assert again["apiKey"]["id"] == key["id"]
    bank.server.advance(30 * DAY)
    assert viewer(bank, done["secret"]) is None


def test_an_api_key_does_not_expire_by_default(bank: Inventory) -> None:
    done = create(bank)
    assert done["apiKey"]["expiresAt"] is None
    bank.server.advance(3650 * DAY)
    assert viewer(bank, done["secret"])["name"] == "Dashboard"


def test_a_revoked_api_key_stops_working_at_once(bank: Inventory) -> None:
    done = create(bank)
    said = {"apiKeyId": done["apiKey"]["id"]}
    bank.server.advance(60)
    revoked = bank.mutate("revokeApiKey", f"{KEY} {ERRORS}", said)
    assert revoked["apiKey"]["revokedAt"] == "2026-11-21T09:01:00Z"
    assert viewer(bank, done["secret"]) is None
    bank.server.advance(60)
    again = bank.mutate("revokeApiKey", f"{KEY} {ERRORS}", said)
    assert (again["apiKey"]["revokedAt"], again["userErrors"]) == ("2026-11-21T09:01:00Z", [])
    query = "{ organization { activity(first: 2) { nodes { action changes { field before after } } } } }"
    assert [node["action"] for node in bank.ask(query)["organization"]["activity"]["nodes"]] == [
        "API_KEY_REVOKED",
        "API_KEY_CREATED",
    ]


def test_keys_are_listed_within_the_scope(bank: Inventory) -> None:
    bank.token("Bank/Sales")
    create(bank, organizationId=bank.organization("Bank/Sales"))
    bank.token("Rival")
    assert [key["organization"]["name"] for key in listed(bank)] == ["Bank", "Sales", "Sales"]
    assert [key["name"] for key in listed(bank, at="Bank/Sales")][-1] == "Dashboard"
    assert [key["organization"]["name"] for key in listed(bank, at="Rival")] == ["Rival"]


def test_a_key_outside_the_scope_is_not_found(bank: Inventory) -> None:
    key = create(bank)["apiKey"]
    for at in ("Bank/Sales", "Rival"):
        error = bank.refused("revokeApiKey", ERRORS, {"apiKeyId": key["id"]}, at=at)
        assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "apiKeyId"])
        elsewhere = {"name": "Mine", "role": "VIEWER", "organizationId": bank.organization("Bank")}
        assert bank.refused("createApiKey", ERRORS, elsewhere, at=at)["code"] == "NOT_FOUND"
        assert bank.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": key["id"]}, at=at)["node"] is None


@pytest.mark.parametrize(
    ("said", "field"),
    [({"name": " "}, "name"), ({"expiresInDays": 0}, "expiresInDays"), ({"expiresInDays": 36_501}, "expiresInDays")],
)
def test_invalid_input_names_its_field(bank: Inventory, said: dict[str, Any], field: str) -> None:
    error = bank.refused("createApiKey", ERRORS, {"name": "Dashboard", "role": "VIEWER"} | said)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", field])


def test_an_owners_api_key_creates_keys_and_revokes_itself(bank: Inventory) -> None:
    done = create(bank, role="OWNER")
    document = f"mutation ($input: RevokeApiKeyInput!) {{ revokeApiKey(input: $input) {{ {ERRORS} }} }}"
    answer = bank.server.ask(document, {"input": {"apiKeyId": done["apiKey"]["id"]}}, token=done["secret"])
    assert codes(answer["revokeApiKey"]) == []
    assert viewer(bank, done["secret"]) is None


MORE = 'more: createApiKey(input: {name: "more", role: OWNER}) { secret userErrors { code } }'


def test_a_key_that_is_revoked_ends_the_operation_that_revokes_it(bank: Inventory) -> None:
    key = create(bank, role="OWNER")
    revoke = f'revokeApiKey(input: {{apiKeyId: "{key["apiKey"]["id"]}"}}) {{ userErrors {{ code }} }}'
    answer = bank.server.execute(f"mutation {{ {revoke} {MORE} }}", token=key["secret"])
    assert answer["data"] == {"revokeApiKey": {"userErrors": []}, "more": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["more"], "UNAUTHENTICATED")
    ]
    assert [key["name"] for key in listed(bank) if key["name"] == "more"] == []


def test_a_session_that_ends_ends_the_operation(bank: Inventory) -> None:
    token = sign_in(bank, OWNER, PASSWORD)["token"]
    answer = bank.server.execute(f"mutation {{ signOut {{ userErrors {{ code }} }} {MORE} }}", token=token)
    assert answer["data"] == {"signOut": {"userErrors": []}, "more": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


def test_a_lower_role_counts_for_the_rest_of_the_operation(bank: Inventory) -> None:
    bank.server.create_administrator(organization="Bank", role="OWNER", email="other@bank.test", password=PASSWORD)
    token = sign_in(bank, "other@bank.test", PASSWORD)["token"]
    query = "{ administrators { nodes { id email } } }"
    found = {node["email"]: node["id"] for node in bank.ask(query)["administrators"]["nodes"]}
    own_id = found["other@bank.test"]
    lower = f'updateAdministrator(input: {{administratorId: "{own_id}", role: VIEWER}}) {{ userErrors {{ code }} }}'
    done = bank.server.ask(f"mutation {{ {lower} {MORE} }}", token=token)
    assert codes(done["updateAdministrator"]) == []
    assert (done["more"]["secret"], codes(done["more"])) == (None, ["FORBIDDEN"])
