"""Shared actions of the tests of administrators."""

from __future__ import annotations

from typing import Any

from tests.support.inventory import REFUSALS, Inventory

ERRORS = f"userErrors {{ {REFUSALS} }}"
ADMINISTRATOR = "administrator { id name email role status receivesAlerts lastSignInAt organization { name } }"
DONE = f"{ADMINISTRATOR} {ERRORS}"
DAY = 24 * 3600
VIEWER = "{ viewer { name email role } }"


def codes(payload: Any) -> list[str]:
    """The codes of a refusal."""
    return [error["code"] for error in payload["userErrors"]]


def invite(bank: Inventory, name: str = "Una", role: str = "ADMIN", **others: Any) -> Any:
    """Invite an administrator."""
    said = {"name": name, "email": f"{name.lower()}@bank.test", "role": role} | others
    done = bank.mutate("inviteAdministrator", DONE, said)
    assert done["userErrors"] == []
    return done["administrator"]


def anybody(bank: Inventory, name: str, selection: str, **said: Any) -> Any:
    """Return the payload of a mutation that needs no token."""
    kind = name[0].upper() + name[1:]
    document = f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} {ERRORS} }} }}"
    return bank.server.ask(document, {"input": said}, token=None)[name]


NEW = "a brand new password"


def set_password(bank: Inventory, token: str, password: str = NEW) -> Any:
    """Set a password with the token of a link."""
    return anybody(bank, "setPassword", "token expiresAt", token=token, password=password)


def sign_in(bank: Inventory, email: str, password: str) -> Any:
    """Sign in."""
    return anybody(bank, "signIn", "token", email=email, password=password)


def viewer(bank: Inventory, token: str) -> Any:
    """Return the viewer of a token, or None."""
    answer = bank.server.execute(VIEWER, token=token)
    return None if "errors" in answer else answer["data"]["viewer"]
