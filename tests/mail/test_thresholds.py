"""The threshold (T2): histories against the mails that they cause, and no others."""

from __future__ import annotations

import pytest

from db import counters
from db.counters import Counters
from domain.mail import MailKind
from domain.utilization import Counts
from mail.messages import ThresholdReached
from schema.schema import build_schema
from tests.mail.outgoing import SUPPLIER
from tests.mail.staff import (
    ADMINISTRATOR,
    ERRORS,
    SERIES,
    Company,
    Step,
    accept,
    add,
    allocate,
    cancel,
    delete_organization,
    delete_user,
    edit_tag,
    give_another,
    invite,
    invite_many,
    invite_saved,
    invite_without_number,
    load,
    move,
    move_organization,
    reserve,
    reserve_for,
    retire,
    save_without_number,
    threshold,
    unreserve,
    withdraw,
)
from tests.support.mails import mails
from tests.support.server import Server

NOTHING: list[str] = []
History = list[tuple[Step, list[str]]]

HISTORIES: dict[str, History] = {
    "79 %, 80 %, 85 %, the last number, release below, and again": [
        (load("Halcyon/Sales", available=21, reserved=79), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 80/100 assigning 1"]),
        (invite_many("Halcyon/Sales", 4), ["Sales assigned 4 at 84/100"]),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 85/100"]),
        (invite_many("Halcyon/Sales", 15), ["Sales assigned 15 at 100/100"]),
        (unreserve("Halcyon/Sales", 20), NOTHING),
        (unreserve("Halcyon/Sales", 1), NOTHING),
        (reserve("Halcyon/Sales", 1), ["Sales reached 80/100"]),
    ],
    "at the threshold only assignments are told": [
        (load("Halcyon/Sales", available=4, reserved=7), NOTHING),
        (reserve("Halcyon/Sales", 2), ["Sales reached 9/11"]),
        (reserve("Halcyon/Sales", 1), NOTHING),
        (edit_tag("Halcyon/Sales"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 11/11"]),
    ],
    "an assignment of a reserved number is one as long as numbers are left": [
        (load("Halcyon/Sales", available=1, reserved=9), NOTHING),
        (invite("Halcyon/Sales", reservedTag="spare"), ["Sales assigned 1 at 9/10"]),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 10/10"]),
        (invite("Halcyon/Sales", reservedTag="spare"), NOTHING),
    ],
    "another number for the same user is an assignment, though as many are in use as before": [
        (load("Halcyon/Sales", available=3, reserved=6), NOTHING),
        (invite("Halcyon/Sales"), NOTHING),
        (reserve("Halcyon/Sales", 1), ["Sales reached 8/9"]),
        (give_another("Halcyon/Sales"), ["Sales assigned 1 at 8/9"]),
    ],
    "the threshold edited down past the present use, and up again": [
        (load("Halcyon/Sales", available=5, reserved=5), NOTHING),
        (threshold("Halcyon/Sales", 51), NOTHING),
        (threshold("Halcyon/Sales", 50), ["Sales reached 5/10"]),
        (threshold("Halcyon/Sales", 40), NOTHING),
        (threshold("Halcyon/Sales", 80), NOTHING),
        (threshold("Halcyon/Sales", 50), ["Sales reached 5/10"]),
        (threshold("Halcyon/Sales", 50), NOTHING),
    ],
    "allocated from the parent": [
        (load("Halcyon", available=10), NOTHING),
        (threshold("Halcyon/Sales", 100), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales", 7), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales"), ["Halcyon reached 8/10"]),
        (allocate("Halcyon", "Halcyon/Sales"), NOTHING),
        (withdraw("Halcyon/Sales", 2), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales"), ["Halcyon reached 8/10"]),
    ],
    "moved in and out": [
        (load("Halcyon/Sales", available=3, reserved=8), NOTHING),
        (move("Halcyon/Sales", "Halcyon/Retail"), ["Sales reached 8/10"]),
        (move("Halcyon/Retail", "Halcyon/Sales"), NOTHING),
        (move("Halcyon/Sales", "Halcyon/Retail", status="RESERVED"), ["Retail reached 1/1"]),
    ],
    "nothing is never at its threshold": [
        (load("Halcyon/Retail", available=1), NOTHING),
        (load("Halcyon", available=98), NOTHING),
        (threshold("Halcyon/Retail", 1), NOTHING),
        (threshold("Halcyon/Sales", 1), NOTHING),
        (move("Halcyon/Retail", "Halcyon"), NOTHING),
        (threshold("Halcyon/Retail", 2), NOTHING),
        (retire("Halcyon", 99), NOTHING),
    ],
    "a threshold of 1": [
        (load("Halcyon/Sales", available=100), NOTHING),
        (load("Halcyon/Retail", available=101), NOTHING),
        (threshold("Halcyon/Sales", 1), NOTHING),
        (threshold("Halcyon/Retail", 1), NOTHING),
        (reserve("Halcyon/Sales"), ["Sales reached 1/100"]),
        (reserve("Halcyon/Retail"), NOTHING),
        (reserve("Halcyon/Retail"), ["Retail reached 2/101"]),
    ],
    "a threshold of 100": [
        (load("Halcyon/Sales", available=3), NOTHING),
        (threshold("Halcyon/Sales", 100), NOTHING),
        (invite("Halcyon/Sales"), NOTHING),
        (invite("Halcyon/Sales"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 3/3 assigning 1"]),
        (cancel, NOTHING),
        (reserve("Halcyon/Sales"), ["Sales reached 3/3"]),
    ],
    "integers, never rounded: 2 of 3 is not 67 %": [
        (load("Halcyon/Sales", available=2, reserved=1), NOTHING),
        (threshold("Halcyon/Sales", 67), NOTHING),
        (reserve("Halcyon/Sales"), NOTHING),
        (threshold("Halcyon/Sales", 66), ["Sales reached 2/3"]),
    ],
    "ancestors are told where their own figures changed": [
        (load("Halcyon", available=5), NOTHING),
        (load("Halcyon/Sales", available=5), NOTHING),
        (threshold("Halcyon", 60), NOTHING),
        (threshold("Halcyon/Sales/Desk", 100), NOTHING),
        (allocate("Halcyon/Sales", "Halcyon/Sales/Desk", 4), ["Sales reached 4/5"]),
        (move("Halcyon", "Halcyon/Sales/Desk"), ["Halcyon reached 6/10"]),
        (invite("Halcyon/Sales/Desk"), NOTHING),
        (invite_many("Halcyon/Sales/Desk", 4), ["Desk reached 5/5 assigning 4"]),
    ],
    "a number reserved for another organization is its own from then on": [
        (load("Halcyon", available=5), NOTHING),
        (load("Halcyon/Sales", available=1, reserved=3), NOTHING),
        (reserve_for("Halcyon", "Halcyon/Sales"), ["Sales reached 4/5"]),
        (reserve_for("Halcyon", "Halcyon/Sales/Desk", 4), ["Halcyon reached 9/9", "Desk reached 4/4"]),
    ],
    "a number picked on acceptance is assigned then, one that was invited onto only before": [
        (load("Halcyon/Sales", available=3, reserved=7), NOTHING),
        (invite_without_number("Halcyon/Sales"), NOTHING),
        (accept, ["Sales reached 8/10 assigning 1"]),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 9/10"]),
        (accept, NOTHING),
        (invite_without_number("Halcyon/Sales"), NOTHING),
        (accept, ["Sales assigned 1 at 10/10"]),
    ],
    "deleted users release below, or reserve and change nothing": [
        (load("Halcyon/Sales", available=3, reserved=7), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 8/10 assigning 1"]),
        (delete_user("RESERVE", tag="spare"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 9/10"]),
        (unreserve("Halcyon/Sales"), NOTHING),
        (delete_user("RELEASE"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 8/10 assigning 1"]),
    ],
    "an organization deleted below gives its numbers back": [
        (load("Halcyon/Sales", available=2), NOTHING),
        (load("Halcyon/Sales/Desk", reserved=8), NOTHING),
        (delete_organization("Halcyon/Sales/Desk"), NOTHING),
        (unreserve("Halcyon/Sales"), NOTHING),
        (reserve("Halcyon/Sales"), ["Sales reached 8/10"]),
    ],
}

CAUSES: dict[str, History] = {
    "reserveNumbers": [(load("Halcyon", available=10), NOTHING), (reserve("Halcyon", 8), ["Halcyon reached 8/10"])],
    "moveNumbers": [
        (load("Halcyon/Sales", available=3, reserved=8), NOTHING),
        (move("Halcyon/Sales", "Halcyon/Retail"), ["Sales reached 8/10"]),
    ],
    "allocateNumbers": [
        (load("Halcyon", available=10), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales", 8), ["Halcyon reached 8/10"]),
    ],
    "withdrawNumbers": [
        (load("Halcyon/Sales", available=3, reserved=8), NOTHING),
        (withdraw("Halcyon/Sales"), ["Sales reached 8/10"]),
    ],
    "retireNumbers": [
        (load("Halcyon", available=3, reserved=8), NOTHING),
        (retire("Halcyon"), ["Halcyon reached 8/10"]),
    ],
    "addNumbers": [
        (load("Halcyon", available=2), NOTHING),
        (load("Halcyon/Sales", available=7), NOTHING),
        (add("Halcyon/Sales"), ["Halcyon reached 8/10"]),
    ],
    "inviteUser": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (invite("Halcyon"), ["Halcyon reached 8/10 assigning 1"]),
    ],
    "inviteUsers": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (invite_many("Halcyon", 2), ["Halcyon reached 9/10 assigning 2"]),
    ],
    "resendInvitation": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (save_without_number("Halcyon"), NOTHING),
        (invite_saved("Halcyon"), ["Halcyon reached 8/10 assigning 1"]),
    ],
    "acceptInvitation": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (invite_without_number("Halcyon"), NOTHING),
        (accept, ["Halcyon reached 8/10 assigning 1"]),
    ],
    "setUtilizationThreshold": [
        (load("Halcyon", available=5, reserved=5), NOTHING),
        (threshold("Halcyon", 50), ["Halcyon reached 5/10"]),
    ],
    "moveOrganization": [
        (load("Halcyon/Retail", available=2), NOTHING),
        (load("Halcyon/Sales/Desk", available=8), NOTHING),
        (move_organization("Halcyon/Sales/Desk", "Halcyon/Retail"), ["Retail reached 8/10"]),
    ],
}
"""Every mutation that can bring an organization to its threshold."""

NO_CAUSES = {
    # They free numbers, or leave in use what was.
    "unreserveNumbers",
    "cancelInvitation",
    "deleteUser",
    "deleteOrganization",
    "editReservedTag",
    "updateForwardingNumber",
    "removeForwardingNumber",
    # They touch no number.
    "createOrganization",
    "updateOrganization",
    "createSeries",
    "updateSeries",
    "updateUser",
    "requestMoreNumbers",
    "retryMailDelivery",
    "inviteAdministrator",
    "updateAdministrator",
    "deleteAdministrator",
    "createApiKey",
    "revokeApiKey",
    "changePassword",
    "setPassword",
    "requestPasswordReset",
    "signIn",
    "recordUsage",
    "signOut",
}


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
def test_a_history_causes_these_mails_and_no_others(it: Company, name: str) -> None:
    history = HISTORIES[name]
    assert run(it, history) == [expected for _, expected in history]
    assert it.server.differences() == []


@pytest.mark.parametrize("mutation", CAUSES)
def test_whatever_brings_an_organization_to_its_threshold_warns(it: Company, mutation: str) -> None:
    history = CAUSES[mutation]
    assert run(it, history) == [expected for _, expected in history]


def test_every_mutation_is_known_as_a_cause_or_as_none() -> None:
    mutation_type = build_schema()._schema.mutation_type
    assert mutation_type is not None
    assert set(mutation_type.fields) == set(CAUSES) | NO_CAUSES
    assert not set(CAUSES) & NO_CAUSES


def test_the_mail_has_the_figures_as_they_are_after_the_change(it: Company) -> None:
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


def test_a_thousand_assignments_in_one_operation_are_one_mail_that_names_the_count(it: Company) -> None:
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


def test_a_dry_run_and_a_refusal_warn_nobody(it: Company) -> None:
    it.load("Halcyon/Sales", available=3, reserved=7)
    reserve("Halcyon/Sales", 2, dryRun=True)(it)
    move("Halcyon/Sales", "Halcyon/Retail", 3, dryRun=True)(it)
    invite_many("Halcyon/Sales", 2, dryRun=True)(it)
    ids = [*it.numbers("Halcyon/Sales", "AVAILABLE", 2), *it.numbers("Halcyon/Sales", "RESERVED", 1)]
    error = it.inventory.refused("reserveNumbers", "userErrors { code }", {"numberIds": ids, "tag": "front desk"})
    assert error["code"] == "INVALID_TRANSITION"
    assert mails(it.server) == []


def test_a_change_that_leaves_the_figures_as_they_were_asks_the_database_nothing(
    it: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.load("Halcyon/Sales", reserved=1)
    asked = []

    async def read(*arguments: object) -> dict[int, Counters]:
        asked.append(arguments)
        return {}

    monkeypatch.setattr(counters, "utilization", read)
    edit_tag("Halcyon/Sales")(it)
    assert asked == []
    unreserve("Halcyon/Sales")(it)
    assert len(asked) == 1


def test_an_import_warns_nobody(it: Company) -> None:
    it.load("Halcyon/Sales", available=1, reserved=99)
    assert mails(it.server) == []


def test_a_replayed_key_warns_once(it: Company) -> None:
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


def test_those_are_told_who_take_alerts_at_the_organization_itself_also_before_their_first_sign_in(
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


def test_where_nobody_takes_alerts_those_nearest_above_are_told(it: Company) -> None:
    it.administrator("Halcyon/Sales", "sam@halcyon.example")
    assert recipients(it, "Halcyon/Sales/Desk") == [["sam@halcyon.example"]]
    assert recipients(it, "Halcyon/Retail") == [[ADMINISTRATOR]]


def test_where_nobody_takes_alerts_anywhere_no_mail_is_posted(server: Server) -> None:
    it = Company(server)
    assert recipients(it, "Halcyon/Sales") == []


def test_another_tenant_hears_nothing(it: Company) -> None:
    it.server.import_organizations("path,time_zone,threshold\nRival\n")
    it.administrator("Rival", "eve@rival.example")
    it.load("Halcyon/Sales", available=1)
    reserve("Halcyon/Sales")(it)
    assert [mail.to for mail in it.warned()] == [[ADMINISTRATOR]]
