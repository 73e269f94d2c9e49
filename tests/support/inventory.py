"""A filled inventory for tests: organizations, series and numbers by the names that people call them."""

from __future__ import annotations

from typing import Any

from tests.support.database_dump import dump
from tests.support.server import Server

HEADER = "number,series,organization,status,reserved_tag,first_name,last_name,email\n"

REFUSALS = "code message path numbers numberCount refusals { number status allowed }"
NUMBERS = f"""
  changedCount phoneNumbers {{ number }} organizations {{ name }} organizationCount operationId
  userErrors {{ {REFUSALS} }}
"""
RETIRED = f"""
  changedCount retiredIds organizations {{ name }} organizationCount operationId
  userErrors {{ {REFUSALS} }}
"""
EDITED = f"phoneNumber {{ number reservedTag }} operationId userErrors {{ {REFUSALS} }}"


class Inventory:
    """A server with a tree and numbers; organizations are named by their written path, numbers by E.164."""

    def __init__(self, server: Server, organizations: str, numbers: str = "") -> None:
        self.server = server
        report = server.import_organizations("path,time_zone,threshold\n" + organizations)
        assert report.lines == []
        self._tokens: dict[tuple[str, str], str] = {}
        self.root = organizations.splitlines()[0].partition(",")[0]
        self.token()
        if numbers:
            self.add(numbers)

    def add(self, rows: str) -> None:
        """Load rows of `numbers.csv`; none may be bad."""
        report = self.server.import_numbers(HEADER + rows)
        assert report.lines == []

    def token(self, organization: str | None = None, role: str = "OWNER") -> str:
        """A key of that role at that organization, the root unless named."""
        place = organization or self.root
        if (place, role) not in self._tokens:
            self._tokens[place, role] = self.server.create_key(organization=place, role=role)
        return self._tokens[place, role]

    def ask(self, query: str, variables: dict[str, Any] | None = None, **caller: Any) -> Any:
        """The data that a caller (`at`, `role`; the root's owner unless named) gets; there may be no errors."""
        return self.server.ask(query, variables, token=self.token(caller.get("at"), caller.get("role", "OWNER")))

    def mutate(self, name: str, selection: str, input: dict[str, Any], **caller: Any) -> Any:  # noqa: A002
        """The payload of a mutation."""
        kind = name[0].upper() + name[1:]
        query = f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} }} }}"
        return self.ask(query, {"input": input}, **caller)[name]

    def refused(self, name: str, selection: str, input: dict[str, Any], **caller: Any) -> Any:  # noqa: A002
        """The one error of a mutation, which must have written nothing and found every counter right."""
        self.token(caller.get("at"), caller.get("role", "OWNER"))
        before = dump(self.server)
        payload = self.mutate(name, selection, input, **caller)
        assert dump(self.server) == before
        assert len(payload["userErrors"]) == 1, payload
        return payload["userErrors"][0]

    def organization(self, path: str) -> str:
        """The id of an organization."""
        nodes = self.ask("{ organizations(first: 500) { nodes { id path } } }", at=path.split("/", 1)[0])
        return {node["path"]: node["id"] for node in nodes["organizations"]["nodes"]}[path]  # type: ignore[no-any-return]

    def series(self, name: str, *, root: str | None = None) -> str:
        """The id of a series."""
        nodes = self.ask("{ series(first: 500) { nodes { id name } } }", at=root)["series"]["nodes"]
        return {node["name"]: node["id"] for node in nodes}[name]  # type: ignore[no-any-return]

    def number(self, number: str, *, root: str | None = None) -> str:
        """The id of a number."""
        return self.numbers(number, root=root)[0]

    def numbers(self, *numbers: str, root: str | None = None) -> list[str]:
        """The ids of numbers, in their order."""
        query = """query ($numbers: [E164!]) {
          phoneNumbers(filter: {numbers: $numbers}, first: 500) { nodes { id number } }
        }"""
        nodes = self.ask(query, {"numbers": list(numbers)}, at=root)["phoneNumbers"]["nodes"]
        ids = {node["number"]: node["id"] for node in nodes}
        return [ids[number] for number in numbers]

    def show(self, number: str, fields: str = "status reservedTag organization { name }", **caller: Any) -> Any:
        """A number as a caller sees it."""
        query = f"query ($number: E164!) {{ phoneNumber(number: $number) {{ {fields} }} }}"
        return self.ask(query, {"number": number}, **caller)["phoneNumber"]

    def history(self, number: str, fields: str = "action", **caller: Any) -> Any:
        """A number's events, newest first."""
        return self.show(number, f"history {{ nodes {{ {fields} }} }}", **caller)["history"]["nodes"]
