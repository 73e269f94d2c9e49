"""The threshold (T2): histories cause exactly the expected mails."""

from __future__ import annotations

import pytest

from db.utilization import queries
from db.utilization.queries import Counters
from domain.mail import MailKind
from domain.utilization import Counts
from mail.messages import ThresholdReached
from schema.root.schema import build_schema
from tests.api.mail.company import (
    ADMINISTRATOR,
    ERRORS,
    SERIES,
    Company,
    edit_tag,
    invite,
    invite_many,
    move,
    reserve,
    threshold,
    unreserve,
)
from tests.api.mail.threshold_histories import CAUSES, HISTORIES, NO_CAUSES, History
from tests.support.mail_delivery import SUPPLIER
from tests.support.outbox import mails
from tests.support.server import Server


@pytest.fixture
def it(server: Server) -> Company:
    company = Company(server)
    company.administrator()
    return company


def run(it: Company, history: History) -> list[list[str]]:
    told = []
    for step, _ in history:
        step(it)
        told.append(it.told())
    return told


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_sends_exactly_the_expected_threshold_mails(it: Company, name: str) -> None:
    history = HISTORIES[name]
    assert run(it, history) == [expected for _, expected in history]
    assert it.server.differences() == []


@pytest.mark.parametrize("mutation", CAUSES)
def test_every_mutation_that_reaches_the_threshold_sends_a_mail(it: Company, mutation: str) -> None:
    history = CAUSES[mutation]
    assert run(it, history) == [expected for _, expected in history]


def test_every_mutation_is_classified_as_a_threshold_cause_or_not() -> None:
    mutation_type = build_schema()._schema.mutation_type
    assert mutation_type is not None
    assert set(mutation_type.fields) == set(CAUSES) | NO_CAUSES
    assert not set(CAUSES) & NO_CAUSES


def test_a_threshold_mail_has_the_counts_after_the_change(it: Company) -> None:
    it.load("Halcyon/Sales", available=3, reserved=5)
    it.load("Halcyon/Sales/Desk", available=2)
    invite("Halcyon/Sales")(it)
    (mail,) = it.warned()
    assert (mail.kind, mail.to) == (MailKind.THRESHOLD_REACHED, [ADMINISTRATOR])
    assert mail.facts == ThresholdReached(
        organization="Sales",
        threshold_percent=80,
        counts=Counts(available=2, reserved=5, assigned=1, registered=0, allocated=2),
        assigned_count=1,
        supplier_email=SUPPLIER,
        supplier_telephone="+1 800 555 0100",
    )
    it.change(
        "updateOrganization", organizationId=it.inventory.organization("Halcyon"), supplierEmail="own@carrier.example"
    )
    invite("Halcyon/Sales")(it)
    (mail,) = it.warned()
    assert mail.kind is MailKind.ASSIGNMENT_ABOVE_THRESHOLD
    assert isinstance(mail.facts, ThresholdReached)
    assert mail.facts.supplier_email == "own@carrier.example"


def test_a_thousand_assignments_in_one_operation_send_one_mail_with_the_count(it: Company) -> None:
    it.load("Halcyon/Sales", available=1000, reserved=4100)
    series = it.inventory.series(SERIES)
    query = f"mutation ($input: InviteUsersInput!) {{ inviteUsers(input: $input) {{ invitedCount {ERRORS} }} }}"
    input_ = {
        "organizationId": it.inventory.organization("Halcyon/Sales"),
        "rows": [
            {"firstName": "Bo", "lastName": f"Rask {n}", "email": f"bo{n}@halcyon.example", "seriesId": series}
            for n in range(1000)
        ],
    }
    payload = it.inventory.ask(query, {"input": input_})["inviteUsers"]
    assert payload == {"invitedCount": 1000, "userErrors": []}
    (mail,) = it.warned()
    assert mail.subject == "Sales: 1,000 numbers were assigned above the threshold of 80%"
    assert len([mail for mail in mails(it.server) if mail.kind is MailKind.INVITATION]) == 1000


def test_dry_runs_and_refusals_send_no_threshold_mail(it: Company) -> None:
    it.load("Halcyon/Sales", available=3, reserved=7)
    reserve("Halcyon/Sales", 2, dryRun=True)(it)
    move("Halcyon/Sales", "Halcyon/Retail", 3, dryRun=True)(it)
    invite_many("Halcyon/Sales", 2, dryRun=True)(it)
    ids = [*it.numbers("Halcyon/Sales", "AVAILABLE", 2), *it.numbers("Halcyon/Sales", "RESERVED", 1)]
    error = it.inventory.refused("reserveNumbers", "userErrors { code }", {"numberIds": ids, "tag": "front desk"})
    assert error["code"] == "INVALID_TRANSITION"
    assert mails(it.server) == []


def test_a_change_without_counter_deltas_reads_no_utilization(it: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    it.load("Halcyon/Sales", reserved=1)
    asked = []

    async def read(*arguments: object) -> dict[int, Counters]:
        asked.append(arguments)
        return {}

    monkeypatch.setattr(queries, "folded", read)
    edit_tag("Halcyon/Sales")(it)
    it.server.fold()
    assert asked == []
    unreserve("Halcyon/Sales")(it)
    it.server.fold()
    assert len(asked) == 1


def test_an_import_sends_no_threshold_mail(it: Company) -> None:
    it.load("Halcyon/Sales", available=1, reserved=99)
    assert mails(it.server) == []


def test_a_replayed_idempotency_key_sends_one_threshold_mail(it: Company) -> None:
    it.load("Halcyon/Sales", available=3, reserved=7)
    input_ = {
        "numberIds": it.numbers("Halcyon/Sales", "AVAILABLE", 1),
        "tag": "front desk",
        "idempotencyKey": "once",
    }
    for _ in range(2):
        it.change("reserveNumbers", **input_)
    assert it.told() == ["Sales reached 8/10"]


def recipients(it: Company, organization: str) -> list[list[str]]:
    it.load(organization, available=1)
    before = it.warned()
    assert before == []
    threshold(organization, 1)(it)
    reserve(organization)(it)
    return [mail.to for mail in it.warned()]


def test_alerts_go_to_the_organizations_administrators_even_before_their_first_sign_in(
    it: Company,
) -> None:
    it.administrator("Halcyon/Sales", "zed@halcyon.example", "VIEWER")
    input_ = {
        "organizationId": it.inventory.organization("Halcyon/Sales"),
        "email": "bea@halcyon.example",
        "name": "Bea",
        "role": "ADMIN",
    }
    it.change("inviteAdministrator", **input_)
    it.change("inviteAdministrator", **input_ | {"email": "quiet@halcyon.example", "receivesAlerts": False})
    assert recipients(it, "Halcyon/Sales") == [["bea@halcyon.example", "zed@halcyon.example"]]


def test_an_alert_is_listed_where_its_recipients_are(it: Company) -> None:
    it.load("Halcyon/Sales", available=1)
    reserve("Halcyon/Sales", 1)(it)
    assert it.told() == ["Sales reached 1/1"]
    listed = {"mailDeliveries": {"totalCount": 1, "nodes": [{"to": [ADMINISTRATOR]}]}}
    query = "{ mailDeliveries { totalCount nodes { to } } }"
    assert it.inventory.ask(query) == listed
    # Nothing tells those below who is above.
    nothing = {"mailDeliveries": {"totalCount": 0, "nodes": []}}
    assert it.inventory.ask(query, at="Halcyon/Sales") == nothing
    it.administrator("Halcyon/Sales", "bea@halcyon.example")
    unreserve("Halcyon/Sales", 1)(it)
    reserve("Halcyon/Sales", 1)(it)
    assert it.told() == ["Sales reached 1/1"]
    listed["mailDeliveries"]["nodes"] = [{"to": ["bea@halcyon.example"]}]
    assert it.inventory.ask(query, at="Halcyon/Sales") == listed


def test_without_recipients_alerts_go_to_the_nearest_ancestor_with_some(it: Company) -> None:
    it.administrator("Halcyon/Sales", "sam@halcyon.example")
    assert recipients(it, "Halcyon/Sales/Desk") == [["sam@halcyon.example"]]
    assert recipients(it, "Halcyon/Retail") == [[ADMINISTRATOR]]


def test_without_any_recipients_no_alert_is_queued(server: Server) -> None:
    it = Company(server)
    assert recipients(it, "Halcyon/Sales") == []


def test_alerts_never_go_to_another_tenant(it: Company) -> None:
    it.server.import_organizations("path,time_zone,threshold\nRival\n")
    it.administrator("Rival", "eve@rival.example")
    it.load("Halcyon/Sales", available=1)
    reserve("Halcyon/Sales")(it)
    assert [mail.to for mail in it.warned()] == [[ADMINISTRATOR]]
