"""Concurrent changes of users: a link is used once, a number goes to one user, and a root keeps an owner."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.api.access.administrators import actions as administrators
from tests.api.users.actions import ERRORS, FREE, OTHER, figures, invited, link, person, user
from tests.support.concurrency import Call, concurrent_servers, outcomes
from tests.support.inventory import NUMBERS, Inventory
from tests.support.outbox import mails, token_of

CLIENTS = 12
SERVERS = 3


def call(bank: Inventory, name: str, said: dict[str, Any]) -> Call:
    kind = name[0].upper() + name[1:]
    document = f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {ERRORS} }} }}"
    return Call(document, {"input": said}, bank.token())


def send_together(bank: Inventory, calls: list[Call]) -> Counter[str]:
    with concurrent_servers(bank.server, SERVERS) as servers:
        found = outcomes(servers.send_together(calls))
    assert bank.server.differences() == []
    return found


def test_concurrent_acceptances_of_one_link_succeed_once(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    accepting = call(bank, "acceptInvitation", {"token": link(bank)})
    assert send_together(bank, [accepting] * CLIENTS) == {"done": 1, "NOT_FOUND": CLIENTS - 1}
    assert [event["action"] for event in bank.history(FREE)] == ["ACTIVATED", "ASSIGNED", "IMPORTED"]


def test_of_concurrent_picks_of_one_number_one_succeeds(bank: Inventory) -> None:
    names = [f"P{n}" for n in range(6)]
    for name in names:
        invited(bank, name)
    calls = [
        call(bank, "acceptInvitation", {"token": link(bank, name), "numberId": bank.number(FREE)}) for name in names
    ]
    assert send_together(bank, calls) == {"done": 1, "CONFLICT": 5}
    assert figures(bank)["pendingWithoutNumber"] == 5


def test_concurrent_invitations_from_a_series_get_different_numbers(bank: Inventory) -> None:
    added = {"seriesId": bank.series("+1 418"), "ranges": [{"first": "+14185551000", "last": "+14185551009"}]}
    bank.mutate("addNumbers", NUMBERS, added)
    calls = [call(bank, "inviteUser", person(f"S{n}", seriesId=bank.series("+1 418"))) for n in range(CLIENTS + 2)]
    # Ten new ones and two that were there.
    assert send_together(bank, calls) == {"done": 12, "INSUFFICIENT_NUMBERS": CLIENTS + 2 - 12}
    assert figures(bank)["pendingInvitations"] == 13
    assert len(mails(bank.server)) == 12


def test_concurrent_invitations_of_one_address_succeed_once(bank: Inventory) -> None:
    calls = [call(bank, "inviteUser", person("Cyd")) for _ in range(CLIENTS)]
    assert send_together(bank, calls) == {"done": 1, "ALREADY_EXISTS": CLIENTS - 1}
    assert len(mails(bank.server)) == 1


def test_concurrent_changes_of_invitations_keep_every_counter_exact(bank: Inventory) -> None:
    calls = []
    for n in range(4):
        number = bank.number(FREE if n % 2 else OTHER) if n < 2 else None
        someone = invited(bank, f"A{n}", **({} if number is None else {"numberId": number}))
        accepting = {"token": link(bank, f"A{n}")} | ({} if number else {"numberId": bank.number("+493012345600")})
        calls += [
            call(bank, "acceptInvitation", accepting),
            call(bank, "cancelInvitation", {"userId": someone["id"]}),
            call(bank, "resendInvitation", {"userId": someone["id"]}),
            call(bank, "deleteUser", {"userId": someone["id"]}),
            call(
                bank,
                "moveNumbers",
                {"numberIds": [bank.number(FREE)], "organizationId": bank.organization("Bank/Sales")},
            ),
        ]
    found = send_together(bank, calls)
    assert set(found) <= {"done", "NOT_FOUND", "INVALID_TRANSITION", "CONFLICT", "EXPIRED"}
    assert found["done"] >= 4


def test_concurrent_requests_expire_an_invitation_once(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    bank.server.advance(14 * 24 * 3600)
    with concurrent_servers(bank.server, SERVERS) as servers:
        for server in servers.servers:
            server.clock.now = bank.server.clock.now
        looking = Call("mutation { signOut { userErrors { code } } }", {}, bank.token())
        assert outcomes(servers.send_together([looking] * CLIENTS)) == {"done": CLIENTS}
    assert user(bank, someone["id"])["status"] == "NOT_INVITED"
    assert [event["action"] for event in bank.history(FREE)] == ["INVITATION_EXPIRED", "ASSIGNED", "IMPORTED"]
    assert bank.server.differences() == []


def test_of_two_owners_who_delete_each_other_one_remains(bank: Inventory) -> None:
    ids = []
    for name in ("Una", "Vic"):
        ids.append(administrators.invite(bank, name, "OWNER")["id"])
        administrators.set_password(bank, token_of(bank.server, f"{name.lower()}@bank.test"))
    calls = [call(bank, "deleteAdministrator", {"administratorId": one}) for one in ids] * 3
    found = send_together(bank, calls)
    assert found["done"] == 1
    query = "{ administrators { nodes { role } } }"
    assert bank.ask(query)["administrators"]["nodes"] == [{"role": "OWNER"}]
