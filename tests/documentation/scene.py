"""The values of the placeholders that snippets have, such as `$NUMBER_ID`: each is looked up when it is needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from tests.support.waiting import wait_until

PLACEHOLDER = re.compile(r"\$([A-Z][A-Z_]+)\b")


@dataclass
class Scene:
    """A running demo, and the owner's ways to ask it."""

    address: str
    key: str
    password: str
    mails: Path
    postgres_url: str
    client: httpx.Client
    numbering: count[int] = field(default_factory=count)

    def send(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send an operation, and return the whole response."""
        headers = {"Authorization": f"Bearer {self.key}"}
        body = {"query": query, "variables": variables}
        response = self.client.post(f"{self.address}/graphql", json=body, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the first field of the data."""
        answer = self.send(query, variables)
        assert "errors" not in answer, answer
        [value] = answer["data"].values()
        assert not (isinstance(value, dict) and value.get("userErrors")), answer
        return value

    def value(self, name: str) -> str:
        """Return the value of a placeholder. Raises KeyError for one that is not in the table."""
        return VALUES[name](self)

    def filled(self, text: str) -> str:
        """Replace the placeholders of a text."""
        return PLACEHOLDER.sub(lambda match: self.value(match[1]), text)

    def change_a_number(self) -> None:
        """Change the tag of a reserved number that the root holds."""
        query = """mutation ($n: ID!, $t: String!) { editReservedTag(input: { numberId: $n, tag: $t })
          { userErrors { message } } }"""
        self.ask(query, n=self.value("RESERVED_NUMBER_ID"), t=f"changed {next(self.numbering)}")

    def mail_to(self, recipient: str) -> str:
        """Wait for a mail, and return its text."""

        def look() -> str | None:
            for file in self.mails.glob("*.eml"):
                message = message_from_bytes(file.read_bytes(), policy=policy.default)
                body = message.get_body(("plain",))
                if recipient in str(message["To"]) and body is not None:
                    return str(body.get_content())
            return None

        found: str = wait_until(look, lambda: f"no mail to {recipient}")
        return found


def _number(status: str, **also: Any) -> Callable[[Scene], str]:
    return lambda scene: str(_numbers(scene, status, **also)[0]["id"])


def _numbers(scene: Scene, status: str, first: int = 1, **also: Any) -> list[dict[str, Any]]:
    query = "query ($f: PhoneNumberFilter, $n: Int) { phoneNumbers(filter: $f, first: $n) { nodes { id number } } }"
    chosen = {"statuses": [status], "organizationIds": [_root(scene)], **also}
    nodes: list[dict[str, Any]] = scene.ask(query, f=chosen, n=first)["nodes"]
    return nodes


def _root(scene: Scene) -> str:
    return str(scene.ask("{ organization { id } }")["id"])


def _series(scene: Scene) -> str:
    inventory = scene.ask("{ organization { inventory { available series { id } } } }")["inventory"]
    return str(next(row["series"]["id"] for row in inventory if row["available"] > 20))


def _child_with_numbers(scene: Scene) -> tuple[str, str]:
    """The ids of a sub-organization, and of a series of which it has some numbers left."""
    query = "{ organizations(includeSelf: false) { nodes { id inventory { available series { id } } } } }"
    for node in scene.ask(query)["nodes"]:
        for row in node["inventory"]:
            if row["available"] > 20:
                return str(node["id"]), str(row["series"]["id"])
    raise AssertionError("no organization has numbers left")


def _empty_organization(scene: Scene) -> str:
    name = f"Pop-up office {next(scene.numbering)}"
    query = """mutation ($n: String!) { createOrganization(input: { name: $n })
      { organization { id } userErrors { message } } }"""
    return str(scene.ask(query, n=name)["organization"]["id"])


def _user(status: str) -> Callable[[Scene], str]:
    query = "query ($f: UserFilter) { users(filter: $f, first: 1) { nodes { id } } }"
    chosen = {"statuses": [status], "withNumber": True}
    return lambda scene: str(scene.ask(query, f=chosen)["nodes"][0]["id"])


def _forwarded(scene: Scene) -> str:
    query = """mutation ($u: ID!) { deleteUser(input: { userId: $u, disposition: RESERVE, tag: "former desk",
      forwardingNumber: "+14165550199" }) { phoneNumber { id } userErrors { message } } }"""
    return str(scene.ask(query, u=_user("ACTIVATED")(scene))["phoneNumber"]["id"])


def _token_of(mail: str) -> str:
    return str(re.findall(r"token=([^\s&]+)", mail)[0])


def _invitation_token(scene: Scene) -> str:
    email = f"guest{next(scene.numbering)}@halcyon.example"
    query = """mutation ($e: String!, $n: ID!) { inviteUser(input: { firstName: "Gil", lastName: "Guest", email: $e,
      numberId: $n }) { user { id } userErrors { message } } }"""
    scene.ask(query, e=email, n=scene.value("NUMBER_ID"))
    return _token_of(scene.mail_to(email))


def _administrator(scene: Scene, email: str | None = None) -> str:
    email = email or f"admin{next(scene.numbering)}@halcyon.example"
    query = """mutation ($e: String!) { inviteAdministrator(input: { email: $e, name: "Pat Lind", role: ADMIN })
      { administrator { id } userErrors { message } } }"""
    return str(scene.ask(query, e=email)["administrator"]["id"])


def _password_token(scene: Scene) -> str:
    email = f"admin{next(scene.numbering)}@halcyon.example"
    _administrator(scene, email)
    return _token_of(scene.mail_to(email))


def _api_key(scene: Scene) -> str:
    name = f"Old portal {next(scene.numbering)}"
    query = """mutation ($n: String!) { createApiKey(input: { name: $n, role: VIEWER })
      { apiKey { id } userErrors { message } } }"""
    return str(scene.ask(query, n=name)["apiKey"]["id"])


def _session(scene: Scene) -> str:
    query = """mutation ($p: String!) { signIn(input: { email: "owner@halcyon.example", password: $p })
      { token userErrors { message } } }"""
    return str(scene.ask(query, p=scene.password)["token"])


def _upload(scene: Scene) -> str:
    headers = {"Authorization": f"Bearer {scene.key}", "Content-Type": "text/csv"}
    content = f"number\n+1418555{2000 + next(scene.numbering)}\n"
    return str(scene.client.post(f"{scene.address}/upload", content=content, headers=headers).json()["id"])


def _job(scene: Scene) -> str:
    query = """mutation ($s: ID!, $u: ID!) { addNumbers(input: { seriesId: $s, uploadId: $u, asJob: true })
      { job { id } userErrors { message } } }"""
    return str(scene.ask(query, s=_series(scene), u=_upload(scene))["job"]["id"])


def _cursor(scene: Scene) -> str:
    return str(scene.ask("{ phoneNumbers { changesCursor } }")["changesCursor"])


def _end_cursor(scene: Scene) -> str:
    return str(scene.ask("{ phoneNumbers(first: 50) { pageInfo { endCursor } } }")["pageInfo"]["endCursor"])


def _recent_operation(scene: Scene) -> str:
    return str(scene.ask("{ organization { activity(first: 1) { nodes { id } } } }")["activity"]["nodes"][0]["id"])


VALUES: dict[str, Callable[[Scene], str]] = {
    "KEY": lambda scene: scene.key,
    "TOKEN": _session,
    "PASSWORD": lambda scene: scene.password,
    "NUMBER_ID": _number("AVAILABLE"),
    "ANOTHER_NUMBER_ID": lambda scene: str(_numbers(scene, "AVAILABLE", 2)[1]["id"]),
    "NUMBER": lambda scene: str(_numbers(scene, "AVAILABLE")[0]["number"]),
    "RESERVED_NUMBER_ID": _number("RESERVED"),
    "FORWARDED_NUMBER_ID": _forwarded,
    "ORGANIZATION_ID": lambda scene: _child_with_numbers(scene)[0],
    "ORGANIZATION_SERIES_ID": lambda scene: _child_with_numbers(scene)[1],
    "EMPTY_ORGANIZATION_ID": _empty_organization,
    "ROOT_ID": _root,
    "SERIES_ID": _series,
    "USER_ID": _user("ACTIVATED"),
    "INVITED_USER_ID": _user("INVITED"),
    "INVITATION_TOKEN": _invitation_token,
    "PASSWORD_TOKEN": _password_token,
    "ADMINISTRATOR_ID": _administrator,
    "API_KEY_ID": _api_key,
    "UPLOAD_ID": _upload,
    "JOB_ID": _job,
    "CHANGES_CURSOR": _cursor,
    "END_CURSOR": _end_cursor,
    "OPERATION_ID": _recent_operation,
}
"""What each placeholder stands for."""
