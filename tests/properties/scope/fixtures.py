"""The fixtures of the scope tests: two tenants, and objects of every kind that belong to one organization.

Bank holds Sales, the organization of the objects; Retail is beside it, Trading below it. Rival is another root.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from tests.support.inventory import Inventory
from tests.support.server import Server

TREE = "Bank\nBank/Sales\nBank/Sales/Trading\nBank/Retail\nRival\n"
OBJECT_SERIES = "+1 900"
"""Only Sales holds numbers of it, so that neither Trading nor Retail sees it."""

NUMBERS = """\
+19005550101,+1 900,Bank/Sales,AVAILABLE,,,,
+19005550102,+1 900,Bank/Sales,RESERVED,sales_hotline,,,
+19005550103,+1 900,Bank/Sales,IN_USE,,Ada,Ling,ada@bank.test
+14185550100,+1 418,Bank,AVAILABLE,,,,
+14185550101,+1 418,Bank/Sales,AVAILABLE,,,,
+14185550102,+1 418,Bank/Sales/Trading,AVAILABLE,,,,
+14185550103,+1 418,Bank/Retail,AVAILABLE,,,,
+442079460100,+44 20,Rival,AVAILABLE,,,,
"""
OUTSIDE = {"Bank/Retail": "+14185550103", "Bank/Sales/Trading": "+14185550102", "Rival": "+442079460100"}
"""Who must not know of the objects (a sibling, a child and another tenant), each with its own number."""

INSIDE = {"Bank": "+14185550100", "Bank/Sales": "+14185550101"}
"""Who sees them: the organization itself and the one above."""

ROLES = ("OWNER", "ADMIN", "VIEWER", "USAGE_WRITER")
NEVER = 4_294_967_296
"""A row that never was."""


def global_id(kind: str, *numbers: int) -> str:
    """An id as the server writes it."""
    text = ":".join((kind, *map(str, numbers)))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Tenants:
    """A running server. `objects` has the ids of Sales' objects, `own` those of each organization's own objects."""

    inventory: Inventory
    objects: dict[str, str]
    own: dict[str, dict[str, str]]

    @property
    def server(self) -> Server:
        return self.inventory.server

    def token(self, organization: str, role: str | None) -> str | None:
        """Return a caller's key; None for an anonymous caller."""
        return None if role is None else self.inventory.token(organization, role)


def build(server: Server) -> Tenants:
    """Fill an empty server."""
    inventory = Inventory(server, TREE, NUMBERS)
    objects = _objects(inventory)
    own = {
        place: {
            "PhoneNumber": inventory.number(number, root=place),
            "Organization": inventory.organization(place),
            "Series": inventory.series("+44 20" if place == "Rival" else "+1 418", root=place),
            "User": _saved_user(inventory, place),
        }
        for place, number in (OUTSIDE | INSIDE).items()
    }
    for place in own:
        for role in ROLES:
            inventory.token(place, role)
    return Tenants(inventory, objects, own)


def _saved_user(inventory: Inventory, place: str) -> str:
    said = {"firstName": "Own", "lastName": "User", "email": "own@bank.test", "sendInvitation": False}
    user_id: str = inventory.mutate("inviteUser", "user { id }", said, at=place)["user"]["id"]
    return user_id


def _revoked_key(inventory: Inventory) -> str:
    said = {"name": "Revoked", "role": "VIEWER"}
    key_id: str = inventory.mutate("createApiKey", "apiKey { id }", said, at="Bank/Sales")["apiKey"]["id"]
    inventory.mutate("revokeApiKey", "apiKey { id }", {"apiKeyId": key_id}, at="Bank/Sales")
    return key_id


def _ended_job(inventory: Inventory) -> str:
    said = {"numberIds": inventory.numbers("+19005550101"), "organizationId": inventory.organization("Bank/Sales")}
    job = inventory.mutate("moveNumbers", "job { id }", said | {"asJob": True}, at="Bank/Sales")["job"]
    inventory.server.run_jobs()
    return str(job["id"])


def _upload(inventory: Inventory) -> str:
    headers = {"Authorization": f"Bearer {inventory.token('Bank/Sales')}"}
    response = inventory.server.run(inventory.server.client.post("/upload", content=b"number\n", headers=headers))
    return str(response.json()["id"])


def _objects(inventory: Inventory) -> dict[str, str]:
    # Reserved by Sales itself: the operation is one that nobody beside or below has any part in.
    tag = {"numberId": inventory.number("+19005550102"), "tag": "sales_line"}
    edited = inventory.mutate("editReservedTag", "operationId userErrors { code }", tag, at="Bank/Sales")
    assert edited["userErrors"] == []
    query = """{
      organization { id utilization { id } inventory { id series { id name } } dashboard { id currentCycle { id } } }
      available: phoneNumber(number: "+19005550101") { id }
      reserved: phoneNumber(number: "+19005550102") { id history(first: 1) { nodes { id operation { id } } } }
      used: phoneNumber(number: "+19005550103") { id user { id } }
      viewer { id }
    }"""
    found: dict[str, Any] = inventory.ask(query, at="Bank/Sales")
    row = next(row for row in found["organization"]["inventory"] if row["series"]["name"] == OBJECT_SERIES)
    event = found["reserved"]["history"]["nodes"][0]
    inventory.server.create_administrator(
        organization="Bank/Sales", role="OWNER", email="owner@sales.test", password="a long password"
    )
    sign_in = 'mutation { signIn(input: {email: "owner@sales.test", password: "a long password"}) { token } }'
    token = inventory.server.ask(sign_in, token=None)["signIn"]["token"]
    supplier = {"organizationId": inventory.organization("Bank"), "supplierEmail": "numbers@carrier.test"}
    inventory.mutate("updateOrganization", "userErrors { code }", supplier)
    asked = inventory.mutate("requestMoreNumbers", "mailDelivery { id }", {"quantity": 1}, at="Bank/Sales")
    people = inventory.ask("{ administrators { nodes { id } } }", at="Bank/Sales")["administrators"]["nodes"]
    return {
        "Administrator": people[0]["id"],
        "ApiKey": _revoked_key(inventory),
        "MailDelivery": asked["mailDelivery"]["id"],
        "Job": _ended_job(inventory),
        "Upload": _upload(inventory),
        "Organization": found["organization"]["id"],
        "Utilization": found["organization"]["utilization"]["id"],
        "SeriesInventory": row["id"],
        "Dashboard": found["organization"]["dashboard"]["id"],
        "CycleUsage": found["organization"]["dashboard"]["currentCycle"]["id"],
        "Series": row["series"]["id"],
        "PhoneNumber": found["available"]["id"],
        "Reserved": found["reserved"]["id"],
        "InUse": found["used"]["id"],
        "User": found["used"]["user"]["id"],
        "NumberEvent": event["id"],
        "Operation": event["operation"]["id"],
        "ApiKeyViewer": found["viewer"]["id"],
        "Viewer": inventory.server.ask("{ viewer { id } }", token=token)["viewer"]["id"],
    }


def never(kind: str) -> list[str]:
    """Ids that name nothing: of rows that never were, of other kinds, and texts that are no ids."""
    type_name = {"Reserved": "PhoneNumber", "InUse": "PhoneNumber"}.get(kind, kind)
    numbers = 2 if type_name in {"SeriesInventory", "NumberEvent", "CycleUsage"} else 1
    return [
        global_id(type_name, *[NEVER] * numbers),
        global_id(type_name, *[2**63 - 1] * numbers),
        global_id(type_name, *[0] * numbers),
        global_id(type_name, *[2**70] * numbers),
        global_id("Nothing", 1),
        global_id(type_name),
        "nonsense",
        "",
        "Ünsinn '",
    ]
