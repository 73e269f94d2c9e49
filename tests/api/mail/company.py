"""A company for scripted histories: every step is one mutation, with the utilization mails that it causes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from app.services import load_deployment
from mail.messages import Invitation, ThresholdReached
from tests.support.inventory import Inventory
from tests.support.outbox import Mail, mails
from tests.support.server import Server

ADMINISTRATOR = "ada@halcyon.example"
SERIES = "+1 418"
TREE = "Halcyon\nHalcyon/Sales\nHalcyon/Sales/Desk\nHalcyon/Retail\n"
ERRORS = "userErrors { code message }"


class Company:
    """Halcyon with Sales, its Desk, and Retail; one administrator at the top gets all alerts."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.inventory = Inventory(server, TREE)
        self.links = server.run(load_deployment(server.settings, server.database)).links
        self._local = itertools.count(5_000_000)
        self._people = itertools.count(1)
        self._seen = 0

    def administrator(self, organization: str = "Halcyon", email: str = ADMINISTRATOR, role: str = "OWNER") -> None:
        self.server.create_administrator(
            organization=organization, role=role, email=email, password="long enough by now"
        )

    def load(self, organization: str, *, available: int = 0, reserved: int = 0) -> None:
        """Import numbers, which sends no mail."""
        rows = [("AVAILABLE", "")] * available + [("RESERVED", "spare")] * reserved
        self.inventory.add(
            "".join(f"+1418{next(self._local)},{SERIES},{organization},{status},{tag},,,\n" for status, tag in rows)
        )

    def warned(self) -> list[Mail]:
        """Return the utilization mails since the last call."""
        new = mails(self.server, after=self._seen)
        self._seen = max([self._seen, *(mail.id for mail in new)])
        return [mail for mail in new if isinstance(mail.facts, ThresholdReached)]

    def told(self) -> list[str]:
        """The same in short, such as `Sales reached 8/10` and `Sales assigned 1 at 9/10`."""
        return [short(mail) for mail in self.warned()]

    def numbers(self, organization: str, status: str, count: int) -> list[str]:
        """Return the ids of the lowest numbers in a status."""
        query = """query ($of: ID!, $status: NumberStatus!, $first: Int!) {
          phoneNumbers(filter: {organizationIds: [$of], statuses: [$status]}, first: $first) { nodes { id } }
        }"""
        values = {"of": self.inventory.organization(organization), "status": status, "first": count}
        ids = [node["id"] for node in self.inventory.ask(query, values)["phoneNumbers"]["nodes"]]
        assert len(ids) == count
        return ids

    def change(self, name: str, /, **input_: Any) -> Any:
        """Run a mutation that must succeed."""
        payload = self.inventory.mutate(name, ERRORS, input_)
        assert payload["userErrors"] == [], payload
        return payload

    def person(self) -> dict[str, str]:
        """A new person."""
        number = next(self._people)
        return {"firstName": "Bo", "lastName": f"Rask {number}", "email": f"bo{number}@halcyon.example"}

    def user(self, status: str) -> str:
        """The id of the latest user in a status."""
        query = """query ($status: UserStatus!) {
          users(filter: {statuses: [$status]}, first: 500) { nodes { id email } }
        }"""
        nodes = self.inventory.ask(query, {"status": status})["users"]["nodes"]
        latest = max(nodes, key=lambda node: int(node["email"].partition("@")[0].removeprefix("bo")))
        return str(latest["id"])

    def link(self) -> str:
        """The token in the latest invitation."""
        seeds = [mail.facts.seed for mail in mails(self.server) if isinstance(mail.facts, Invitation)]
        return self.links.token(seeds[-1])


def short(mail: Mail) -> str:
    facts = mail.facts
    assert isinstance(facts, ThresholdReached)
    figures = f"{facts.counts.in_use}/{facts.counts.total}"
    if mail.kind.name == "ASSIGNMENT_ABOVE_THRESHOLD":
        return f"{facts.organization} assigned {facts.assigned_count} at {figures}"
    return f"{facts.organization} reached {figures}" + (
        f" assigning {facts.assigned_count}" if facts.assigned_count else ""
    )


Step = Callable[[Company], Any]


def reserve(organization: str, count: int = 1, **more: Any) -> Step:
    return lambda it: it.change(
        "reserveNumbers", numberIds=it.numbers(organization, "AVAILABLE", count), tag="front desk", **more
    )


def reserve_for(organization: str, target: str, count: int = 1) -> Step:
    return lambda it: reserve(organization, count, organizationId=it.inventory.organization(target))(it)


def unreserve(organization: str, count: int = 1) -> Step:
    return lambda it: it.change("unreserveNumbers", numberIds=it.numbers(organization, "RESERVED", count))


def invite(organization: str, **more: Any) -> Step:
    """Invite a user onto a number of the series."""
    return lambda it: it.change(
        "inviteUser",
        organizationId=it.inventory.organization(organization),
        **it.person(),
        **(more or {"seriesId": it.inventory.series(SERIES)}),
    )


def invite_without_number(organization: str) -> Step:
    return lambda it: it.change("inviteUser", organizationId=it.inventory.organization(organization), **it.person())


def invite_many(organization: str, count: int, **more: Any) -> Step:
    return lambda it: it.change(
        "inviteUsers",
        organizationId=it.inventory.organization(organization),
        rows=[it.person() | {"seriesId": it.inventory.series(SERIES)} for _ in range(count)],
        **more,
    )


def save_without_number(organization: str) -> Step:
    return lambda it: it.change(
        "inviteUser",
        organizationId=it.inventory.organization(organization),
        sendInvitation=False,
        **it.person(),
    )


def accept(it: Company) -> Any:
    """The latest invited user accepts, and picks the first offered number if none was assigned."""
    token = it.link()
    query = "query ($token: String!) { invitation(token: $token) { offeredNumbers { numberId } } }"
    offered = it.server.ask(query, {"token": token}, token=None)["invitation"]["offeredNumbers"]
    input_ = {"token": token, "numberId": offered[0]["numberId"] if offered else None}
    query = f"mutation ($input: AcceptInvitationInput!) {{ acceptInvitation(input: $input) {{ {ERRORS} }} }}"
    payload = it.server.ask(query, {"input": input_}, token=None)["acceptInvitation"]
    assert payload["userErrors"] == []


def cancel(it: Company) -> Any:
    return it.change("cancelInvitation", userId=it.user("INVITED"))


def delete_user(disposition: str, **more: Any) -> Step:
    return lambda it: it.change("deleteUser", userId=it.user("INVITED"), disposition=disposition, **more)


def invite_saved(organization: str) -> Step:
    """Invite the latest user who was only saved, onto a number."""
    return lambda it: it.change(
        "resendInvitation", userId=it.user("NOT_INVITED"), numberId=it.numbers(organization, "AVAILABLE", 1)[0]
    )


def give_another(organization: str) -> Step:
    """Invite the latest invited user again, onto another number."""
    return lambda it: it.change(
        "resendInvitation", userId=it.user("INVITED"), numberId=it.numbers(organization, "AVAILABLE", 1)[0]
    )


def move(source: str, target: str, count: int = 1, status: str = "AVAILABLE", **more: Any) -> Step:
    return lambda it: it.change(
        "moveNumbers",
        numberIds=it.numbers(source, status, count),
        organizationId=it.inventory.organization(target),
        **more,
    )


def allocate(source: str, target: str, count: int = 1) -> Step:
    return lambda it: it.change(
        "allocateNumbers",
        seriesId=it.inventory.series(SERIES),
        quantity=count,
        fromOrganizationId=it.inventory.organization(source),
        toOrganizationId=it.inventory.organization(target),
    )


def withdraw(organization: str, count: int = 1) -> Step:
    return lambda it: it.change(
        "withdrawNumbers",
        seriesId=it.inventory.series(SERIES),
        quantity=count,
        organizationId=it.inventory.organization(organization),
    )


def retire(organization: str, count: int = 1) -> Step:
    return lambda it: it.change("retireNumbers", numberIds=it.numbers(organization, "AVAILABLE", count))


def add(organization: str, count: int = 1) -> Step:
    return lambda it: it.change(
        "addNumbers",
        seriesId=it.inventory.series(SERIES),
        organizationId=it.inventory.organization(organization),
        numbers=[f"+1418{next(it._local)}" for _ in range(count)],
    )


def threshold(organization: str, percent: int) -> Step:
    return lambda it: it.change(
        "setUtilizationThreshold", organizationId=it.inventory.organization(organization), percent=percent
    )


def move_organization(organization: str, parent: str) -> Step:
    return lambda it: it.change(
        "moveOrganization",
        organizationId=it.inventory.organization(organization),
        parentId=it.inventory.organization(parent),
    )


def delete_organization(organization: str) -> Step:
    return lambda it: it.change("deleteOrganization", organizationId=it.inventory.organization(organization))


def edit_tag(organization: str) -> Step:
    return lambda it: it.change(
        "editReservedTag", numberId=it.numbers(organization, "RESERVED", 1)[0], tag="another tag"
    )


def load(organization: str, **counts: int) -> Step:
    return lambda it: it.load(organization, **counts)
