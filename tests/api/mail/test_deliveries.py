"""The list of deliveries: its scope, and retrying failed ones."""

from __future__ import annotations

from typing import Any

import pytest

from domain.mail import MailKind, MailState
from mail.messages import PasswordReset
from mail.outbox import OutgoingMail, enqueue
from tests.support.inventory import REFUSALS, Inventory
from tests.support.mail_delivery import DELIVERY, SUPPLIER, deliver, request
from tests.support.outbox import mails
from tests.support.sample_mails import UNTIL
from tests.support.server import Server
from tests.unit.mail.test_worker import Refusing, Taking

PAYLOAD = f"mailDelivery {{ {DELIVERY} }} userErrors {{ {REFUSALS} }}"


def listed(company: Inventory, **caller: Any) -> list[str]:
    query = "{ mailDeliveries { nodes { subject } } }"
    return [node["subject"] for node in company.ask(query, **caller)["mailDeliveries"]["nodes"]]


def test_deliveries_are_listed_newest_first_and_paged(company: Inventory) -> None:
    for quantity in (2, 3, 4):
        request(company, quantity=quantity)
    query = """query ($after: String) { mailDeliveries(first: 2, after: $after) {
      totalCount nodes { subject state } pageInfo { hasNextPage hasPreviousPage endCursor }
    } }"""
    first = company.ask(query)["mailDeliveries"]
    assert first["totalCount"] == 3
    assert first["nodes"] == [
        {"subject": "Halcyon requests 4 more numbers", "state": "WAITING"},
        {"subject": "Halcyon requests 3 more numbers", "state": "WAITING"},
    ]
    second = company.ask(query, {"after": first["pageInfo"]["endCursor"]})["mailDeliveries"]
    assert second["nodes"] == [{"subject": "Halcyon requests 2 more numbers", "state": "WAITING"}]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


def test_a_delivery_shows_its_state_attempts_and_error(company: Inventory, server: Server) -> None:
    id_ = request(company)["mailDelivery"]["id"]
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on MailDelivery {{ {DELIVERY} }} }} }}"
    deliver(server, Refusing())
    waiting = company.ask(query, {"id": id_})["node"]
    assert (waiting["state"], waiting["attempts"], waiting["error"], waiting["sentAt"]) == (
        "WAITING",
        1,
        "not now",
        None,
    )
    server.advance(76)
    deliver(server, Taking())
    sent = company.ask(query, {"id": id_})["node"]
    assert (sent["state"], sent["attempts"], sent["error"]) == ("SENT", 2, None)
    assert (sent["createdAt"], sent["sentAt"]) == ("2026-11-21T09:00:00Z", "2026-11-21T09:01:16Z")


def test_only_deliveries_inside_the_scope_are_listed(company: Inventory) -> None:
    request(company, quantity=2, organizationId=company.organization("Halcyon/Sales"))
    ids = [request(company, quantity=3, organizationId=company.organization("Halcyon/Retail"))["mailDelivery"]["id"]]
    assert listed(company) == ["Halcyon requests 3 more numbers", "Halcyon requests 2 more numbers"]
    assert listed(company, at="Halcyon/Sales") == ["Halcyon requests 2 more numbers"]
    assert listed(company, at="Halcyon/Sales/Desk") == []
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert company.ask(node, {"id": ids[0]}, at="Halcyon/Sales") == {"node": None}
    error = company.refused("retryMailDelivery", PAYLOAD, {"mailDeliveryId": ids[0]}, at="Halcyon/Sales")
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "mailDeliveryId"])


def test_ancestors_keep_the_deliveries_of_a_deleted_organization(company: Inventory) -> None:
    request(company, quantity=2, organizationId=company.organization("Halcyon/Sales/Desk"))
    input_ = {"organizationId": company.organization("Halcyon/Sales/Desk")}
    company.mutate("deleteOrganization", "userErrors { message }", input_)
    assert listed(company, at="Halcyon/Sales") == ["Halcyon requests 2 more numbers"]
    assert listed(company, at="Halcyon/Retail") == []


def test_deliveries_of_password_links_are_visible_to_owners_only(company: Inventory, server: Server) -> None:
    async def forget() -> None:
        facts = PasswordReset(name="Ada", expires_at=UNTIL, time_zone="UTC", seed="seed")
        async with server.database.write() as connection:
            await enqueue(connection, [OutgoingMail(facts, ["ada@halcyon.example"], 1)], now=server.clock())

    server.run(forget())
    deliver(server, Refusing(permanent=True))
    assert listed(company) == ["Set a new password"]
    assert listed(company, role="ADMIN") == []
    assert listed(company, role="VIEWER") == []
    id_ = company.ask("{ mailDeliveries { nodes { id } } }")["mailDeliveries"]["nodes"][0]["id"]
    assert company.refused("retryMailDelivery", PAYLOAD, {"mailDeliveryId": id_}, role="ADMIN")["code"] == "NOT_FOUND"


def test_listing_deliveries_requires_read_access(company: Inventory, server: Server) -> None:
    request(company)
    answer = server.execute("{ mailDeliveries { totalCount } }", token=company.token(role="USAGE_WRITER"))
    assert answer["data"] == {"mailDeliveries": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert listed(company, role="VIEWER") == ["Halcyon requests one more number"]


def test_retrying_a_failed_delivery_queues_it_and_is_recorded(company: Inventory, server: Server) -> None:
    id_ = request(company)["mailDelivery"]["id"]
    deliver(server, Refusing(permanent=True))
    assert [mail.state for mail in mails(server)] == [MailState.FAILED]
    payload = company.mutate("retryMailDelivery", PAYLOAD, {"mailDeliveryId": id_}, role="ADMIN")
    assert payload["userErrors"] == []
    assert (payload["mailDelivery"]["state"], payload["mailDelivery"]["error"]) == ("WAITING", None)
    query = "{ organization { activity(first: 1) { nodes { action changes { field after } } } } }"
    assert company.ask(query)["organization"]["activity"]["nodes"] == [
        {"action": "MAIL_RETRIED", "changes": [{"field": "mail", "after": "Halcyon requests one more number"}]}
    ]
    transport = Taking()
    deliver(server, transport)
    assert len(transport.taken) == 1


def test_a_retried_mail_to_an_administrator_is_recorded_without_its_subject(company: Inventory, server: Server) -> None:
    input_ = {"email": "bea@halcyon.example", "name": "Bea", "role": "ADMIN"}
    company.mutate("inviteAdministrator", "userErrors { message }", input_)
    deliver(server, Refusing(permanent=True))
    id_ = company.ask("{ mailDeliveries { nodes { id } } }")["mailDeliveries"]["nodes"][0]["id"]
    payload = company.mutate("retryMailDelivery", PAYLOAD, {"mailDeliveryId": id_})
    assert (payload["userErrors"], payload["mailDelivery"]["state"]) == ([], "WAITING")
    query = "{ organization { activity { nodes { action changes { field after } } } } }"
    retried = {"action": "MAIL_RETRIED", "changes": []}
    assert company.ask(query)["organization"]["activity"]["nodes"][0] == retried
    assert company.ask(query, role="VIEWER")["organization"]["activity"]["nodes"][0] == retried


@pytest.mark.parametrize("state", [MailState.WAITING, MailState.SENT])
def test_only_a_failed_delivery_is_retried(company: Inventory, server: Server, state: MailState) -> None:
    id_ = request(company)["mailDelivery"]["id"]
    if state is MailState.SENT:
        deliver(server, Taking())
    error = company.refused("retryMailDelivery", PAYLOAD, {"mailDeliveryId": id_})
    assert (error["code"], error["path"]) == ("INVALID_TRANSITION", ["input", "mailDeliveryId"])
    assert error["message"] == f"This mail is {state.name}. Only a FAILED mail can be sent again."


def test_a_viewer_may_not_retry_a_delivery(company: Inventory, server: Server) -> None:
    id_ = request(company)["mailDelivery"]["id"]
    deliver(server, Refusing(permanent=True))
    assert company.refused("retryMailDelivery", PAYLOAD, {"mailDeliveryId": id_}, role="VIEWER")["code"] == "FORBIDDEN"
    (failed,) = mails(server)
    assert (failed.kind, failed.state, failed.to) == (MailKind.MORE_NUMBERS_REQUEST, MailState.FAILED, [SUPPLIER])
