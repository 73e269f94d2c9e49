"""Shared actions of the tests of users."""

from __future__ import annotations

from typing import Any

from tests.support.inventory import REFUSALS, Inventory
from tests.support.outbox import token_of

FREE, OTHER, HOTLINE, ASSIGNED, IN_USE = (f"+1418555010{digit}" for digit in range(5))
OF_SALES, LATER_HOTLINE, BERLIN = "+14185550105", "+14185550106", "+493012345600"
DAY = 24 * 3600
USER = """user {
  id firstName lastName email status invitedAt activatedAt invitationExpiresAt invitationError
  organization { name } phoneNumber { number status } availableActions
}"""
ERRORS = f"userErrors {{ {REFUSALS} }}"
PENDING = "pendingInvitations pendingWithoutNumber shortfall available assigned registered reserved"
ACCEPT = f"""mutation ($input: AcceptInvitationInput!) {{ acceptInvitation(input: $input) {{
  number organizationName offeredNumbers {{ numberId number nationalFormat }} {ERRORS}
}} }}"""
OFFER = """query ($token: String!) { invitation(token: $token) {
  firstName lastName email organizationName expiresAt number offeredNumbers { numberId number nationalFormat }
} }"""


def person(name: str = "Cyd", **others: Any) -> dict[str, Any]:
    """The input that names a person."""
    return {"firstName": name, "lastName": "Vale", "email": f"{name.lower()}@bank.test"} | others


def invited(bank: Inventory, name: str = "Cyd", **others: Any) -> Any:
    """Invite a person; returns the user."""
    done = bank.mutate("inviteUser", f"{USER} {ERRORS}", person(name, **others))
    assert done["userErrors"] == []
    return done["user"]


def link(bank: Inventory, name: str = "Cyd") -> str:
    """The token in the latest mail to an address."""
    return token_of(bank.server, f"{name.lower()}@bank.test")


def accept(bank: Inventory, token: str, number: str | None = None) -> Any:
    """Accept an invitation without signing in."""
    said = {"token": token} | ({} if number is None else {"numberId": bank.number(number)})
    return bank.server.ask(ACCEPT, {"input": said}, token=None)["acceptInvitation"]


def offer(bank: Inventory, token: str) -> Any:
    """Return the offer of a token, read without signing in."""
    return bank.server.ask(OFFER, {"token": token}, token=None)["invitation"]


def figures(bank: Inventory, path: str = "Bank") -> dict[str, int]:
    """The counts of an organization that invitations change."""
    query = f"query ($id: ID!) {{ organization(id: $id) {{ utilization {{ {PENDING} }} }} }}"
    found: dict[str, int] = bank.ask(query, {"id": bank.organization(path)})["organization"]["utilization"]
    return found


def user(bank: Inventory, user_id: str) -> Any:
    """A user in its current state."""
    fields = USER.removeprefix("user ")
    return bank.ask(f"query ($id: ID!) {{ node(id: $id) {{ ... on User {fields} }} }}", {"id": user_id})["node"]


def codes(payload: Any) -> list[str]:
    """The codes of a refusal."""
    return [error["code"] for error in payload["userErrors"]]
