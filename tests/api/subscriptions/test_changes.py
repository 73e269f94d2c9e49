"""What subscribers are told of the changes that another process makes."""

from __future__ import annotations

from typing import Any

import pytest

from app import application
from resolvers.core import change_feed
from tests.api.subscriptions.conftest import Live
from tests.support.subscribing import Socket, socket

CHANGES = """subscription ($filter: PhoneNumberFilter, $after: String) {
  phoneNumbersChanged(filter: $filter, after: $after) {
    cursor changedCount goneIds phoneNumbers { id number status reservedTag organization { name } }
  }
}"""
UTILIZATION = """subscription ($id: ID, $below: Boolean!) {
  utilizationChanged(organizationId: $id, includeDescendants: $below) {
    organization { name } total available reserved allocatedToSubOrganizations pendingInvitations thresholdPercent
  }
}"""
FIRST, SECOND, TAGGED, OF_SALES = (f"+1418555010{n}" for n in range(4))


def cursor(live: Live, **caller: Any) -> str:
    asked = live.bank.ask("{ phoneNumbers(first: 0) { changesCursor } }", **caller)
    found: str = asked["phoneNumbers"]["changesCursor"]
    return found


def follow(client: Socket, live: Live, filter_: dict[str, Any] | None = None) -> str:
    """Follow the numbers of a filter from now on."""
    return client.subscribe(CHANGES, {"filter": filter_, "after": cursor(live)})


def shown(change: dict[str, Any]) -> dict[str, str]:
    """The numbers of a change, with their tags or statuses."""
    return {node["number"]: node["reservedTag"] or node["status"] for node in change["phoneNumbers"]}


def test_the_changes_of_a_list(live: Live) -> None:
    bank = live.bank
    first, second, of_sales = bank.numbers(FIRST, SECOND, OF_SALES)
    with socket(live.address, token=bank.token()) as client:
        every = follow(client, live)
        available = follow(client, live, {"statuses": ["AVAILABLE"]})
        desks = follow(client, live, {"text": "desk"})
        of_bank = follow(client, live, {"organizationIds": [bank.organization("Bank")]})

        bank.mutate("reserveNumbers", "changedCount", {"numberIds": [first], "tag": "Front Desk"})
        assert shown(client.data(every)) == {FIRST: "Front Desk"}
        change = client.data(available)
        assert (shown(change), change["goneIds"], change["changedCount"]) == ({FIRST: "Front Desk"}, [first], 1)
        change = client.data(desks)
        assert (shown(change), change["goneIds"], change["changedCount"]) == ({FIRST: "Front Desk"}, [], 1)
        assert shown(client.data(of_bank)) == {FIRST: "Front Desk"}

        retail = bank.organization("Bank/Retail")
        bank.mutate("moveNumbers", "changedCount", {"numberIds": [first, of_sales], "organizationId": retail})
        change = client.data(of_bank)
        assert (shown(change), change["goneIds"], change["changedCount"]) == ({FIRST: "Front Desk"}, [first], 1)
        assert shown(client.data(every)) == {FIRST: "Front Desk", OF_SALES: "AVAILABLE"}

        bank.mutate("retireNumbers", "changedCount", {"numberIds": [second]})
        for id_ in (of_bank, every):
            change = client.data(id_)
            assert (change["phoneNumbers"], change["goneIds"], change["changedCount"]) == ([], [second], 1)
        bank.add(f"{SECOND},+1 418,Bank,RESERVED,desk 2,,,\n")
        change = client.data(of_bank)
        assert (shown(change), change["goneIds"], change["changedCount"]) == ({SECOND: "desk 2"}, [], 1)


def test_a_large_change_says_that_there_is_more(live: Live) -> None:
    bank = live.bank
    with socket(live.address, token=bank.token()) as client:
        every, available = follow(client, live), follow(client, live, {"statuses": ["AVAILABLE"]})
        first, last = "+14185551000", "+14185552199"
        ranges = {"seriesId": bank.series("+1 418"), "ranges": [{"first": first, "last": last}]}
        bank.mutate("addNumbers", "changedCount", ranges)
        for id_ in (every, available):
            change = client.data(id_)
            assert (len(change["phoneNumbers"]), change["goneIds"], change["changedCount"]) == (100, [], 1_200)
        chosen = {"filter": {"from": first, "to": "+14185551149"}, "expectedCount": 150, "tag": "x"}
        bank.mutate("reserveNumbers", "changedCount", chosen)
        change = client.data(available)
        assert (len(change["phoneNumbers"]), change["goneIds"], change["changedCount"]) == (100, [], 150)


def test_what_is_out_of_scope_is_gone(live: Live) -> None:
    bank = live.bank
    [of_sales, of_bank] = bank.numbers(OF_SALES, FIRST)
    with socket(live.address, token=bank.token("Bank/Sales")) as client:
        own = client.subscribe(CHANGES, {"after": cursor(live, at="Bank/Sales")})
        bank.mutate("reserveNumbers", "changedCount", {"numberIds": [of_bank], "tag": "unseen"})
        retail = bank.organization("Bank/Retail")
        bank.mutate("moveNumbers", "changedCount", {"numberIds": [of_sales], "organizationId": retail})
        change = client.data(own)
        assert (change["phoneNumbers"], change["goneIds"], change["changedCount"]) == ([], [of_sales], 1)


def test_after_an_organization_was_moved_the_list_is_fetched_again(live: Live) -> None:
    bank = live.bank
    with socket(live.address, token=bank.token()) as client:
        every = follow(client, live)
        moved = {"organizationId": bank.organization("Bank/Retail"), "parentId": bank.organization("Bank/Sales")}
        bank.mutate("moveOrganization", "userErrors { message }", moved)
        change = client.data(every)
        assert (change["phoneNumbers"], change["goneIds"], change["changedCount"]) == ([], [], 1)


def test_a_cursor_continues_where_it_ended(live: Live) -> None:
    bank, tags = live.bank, ["a", "b", "c", "d"]
    [number] = bank.numbers(TAGGED)

    def edit(tag: str) -> None:
        bank.mutate("editReservedTag", "userErrors { message }", {"numberId": number, "tag": tag})

    with socket(live.address, token=bank.token()) as client:
        every = follow(client, live)
        edit("a")
        last = client.data(every)["cursor"]
    for tag in tags[1:]:
        edit(tag)
    with socket(live.address, token=bank.token()) as client:
        again = client.subscribe(CHANGES, {"after": last})
        assert [shown(client.data(again)) for _ in tags[1:]] == [{TAGGED: "d"}] * 3
        edit("e")
        assert shown(client.data(again)) == {TAGGED: "e"}


def test_changes_of_many_numbers_are_read_in_parts(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("KEPT_NUMBERS", "READ_NUMBERS"):
        monkeypatch.setattr(change_feed, bound, 1)
    monkeypatch.setattr(change_feed, "PAUSE_SECONDS", 0.5)
    bank = live.bank
    with socket(live.address, token=bank.token()) as client:
        follows = follow(client, live)
        for number in (FIRST, SECOND, OF_SALES):
            bank.mutate("reserveNumbers", "changedCount", {"numberIds": bank.numbers(number), "tag": "x"})
        changes = [client.data(follows) for _ in range(3)]
        assert [shown(change) for change in changes] == [{FIRST: "x"}, {SECOND: "x"}, {OF_SALES: "x"}]
        again = client.subscribe(CHANGES, {"after": changes[0]["cursor"]})
        assert [shown(client.data(again)) for _ in range(2)] == [{SECOND: "x"}, {OF_SALES: "x"}]


def test_a_cursor_from_elsewhere_is_refused(live: Live) -> None:
    bank = live.bank
    bank.server.import_organizations("path\nCargo\n")
    foreign = bank.ask("{ phoneNumbers { changesCursor pageInfo { endCursor } } }", at="Cargo")["phoneNumbers"]
    own_page = bank.ask("{ phoneNumbers { pageInfo { endCursor } } }")["phoneNumbers"]["pageInfo"]["endCursor"]
    with socket(live.address, token=bank.token()) as client:
        for text in ("", "x", "e30", own_page, foreign["changesCursor"]):
            id_ = client.subscribe(CHANGES, {"after": text})
            message = client.message(id_)
            assert (message["type"], message["payload"][0]["extensions"]) == (
                "error",
                {"code": "INVALID_INPUT", "argument": ["after"]},
            )


def test_utilization(live: Live) -> None:
    bank = live.bank
    first, of_sales = bank.numbers(FIRST, OF_SALES)
    with socket(live.address, token=bank.token()) as client:
        own = client.subscribe(UTILIZATION, {"below": False})
        below = client.subscribe(UTILIZATION, {"below": True})
        bank_now = {
            "organization": {"name": "Bank"},
            "total": 4,
            "available": 2,
            "reserved": 1,
            "allocatedToSubOrganizations": 1,
            "pendingInvitations": 0,
            "thresholdPercent": 80,
        }
        assert client.data(own) == client.data(below) == bank_now

        bank.mutate("reserveNumbers", "changedCount", {"numberIds": [of_sales], "tag": "x"})
        sales = client.data(below)
        assert (sales["organization"], sales["available"], sales["reserved"]) == ({"name": "Sales"}, 0, 1)

        bank.mutate("reserveNumbers", "changedCount", {"numberIds": [first], "tag": "x"})
        bank_now |= {"available": 1, "reserved": 2}
        assert client.data(own) == client.data(below) == bank_now

        bank.mutate("setUtilizationThreshold", "userErrors { message }", {"percent": 90})
        assert client.data(own)["thresholdPercent"] == 90

        person = {"firstName": "Ada", "lastName": "Ling", "email": "ada@bank.test"}
        bank.mutate("inviteUser", "userErrors { message }", person)
        assert client.data(own)["pendingInvitations"] == 1


@pytest.mark.parametrize("organization", ["Bank/Retail", "elsewhere"])
def test_the_utilization_of_others_is_not_found(live: Live, organization: str) -> None:
    bank = live.bank
    wanted = "T3JnYW5pemF0aW9uOjk5" if organization == "elsewhere" else bank.organization(organization)
    with socket(live.address, token=bank.token("Bank/Sales")) as client:
        id_ = client.subscribe(UTILIZATION, {"id": wanted, "below": True})
        assert client.message(id_)["payload"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.fixture
def quick_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "PULSE_SECONDS", 0.1)


@pytest.mark.usefixtures("quick_pulse")
def test_an_invitation_that_expires_is_told(live: Live) -> None:
    bank = live.bank
    [number] = bank.numbers(FIRST)
    ada = {"firstName": "Ada", "lastName": "Byron", "email": "ada@example.test", "numberId": number}
    bank.mutate("inviteUser", "user { id }", ada)
    with socket(live.address, token=bank.token()) as client:
        numbers = follow(client, live)
        figures = client.subscribe("subscription { utilizationChanged { available assigned pendingInvitations } }")
        assert client.data(figures) == {"available": 1, "assigned": 1, "pendingInvitations": 1}
        bank.server.advance(15 * 86_400)
        assert shown(client.data(numbers)) == {FIRST: "AVAILABLE"}
        assert client.data(figures) == {"available": 2, "assigned": 0, "pendingInvitations": 0}
