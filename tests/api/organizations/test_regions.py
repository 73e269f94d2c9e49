"""The region of an organization: inherited, and used to read national numbers in inputs and searches."""

from __future__ import annotations

from typing import Any

from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import REFUSALS, Inventory
from tests.support.server import opened

LONDON, LONDON_FREE, TORONTO = "+442079460958", "+442079460959", "+14165550100"
TREE = "Bank\nBank/London\nBank/London/Desk\nBank/Toronto\n"
NUMBERS = f"""\
{LONDON},+44 20,Bank/London/Desk,RESERVED,front desk,,,
{LONDON_FREE},+44 20,Bank/London,AVAILABLE,,,,
{TORONTO},+1 416,Bank/Toronto,IN_USE,,Ada,Ling,ada@bank.test
"""
SHOWN = f"organization {{ region }} userErrors {{ {REFUSALS} }}"


def set_region(bank: Inventory, path: str, region: str) -> Any:
    return bank.mutate("updateOrganization", SHOWN, {"organizationId": bank.organization(path), "region": region})


def regions(bank: Inventory) -> dict[str, str]:
    nodes = bank.ask("{ organizations(first: 9) { nodes { name region } } }")["organizations"]["nodes"]
    return {node["name"]: node["region"] for node in nodes}


def test_a_region_is_inherited_until_another_one_is_set(databases: Databases) -> None:
    with opened(databases, region="nz") as server:
        bank = Inventory(server, TREE)
        assert regions(bank) == {"Bank": "NZ", "London": "NZ", "Desk": "NZ", "Toronto": "NZ"}
        assert set_region(bank, "Bank/London", " gb ") == {"organization": {"region": "GB"}, "userErrors": []}
        assert set_region(bank, "Bank", "CA")["organization"] == {"region": "CA"}
        assert regions(bank) == {"Bank": "CA", "London": "GB", "Desk": "GB", "Toronto": "CA"}
        assert bank.ask("{ organization { region } }", at="Bank/London/Desk") == {"organization": {"region": "GB"}}
        changes = "{ organization { activity { nodes { changes { field before after } } } } }"
        newest = bank.ask(changes, at="Bank/London")["organization"]["activity"]["nodes"][0]
        assert newest["changes"] == [{"field": "region", "before": None, "after": "GB"}]
        moved = {"organizationId": bank.organization("Bank/London/Desk"), "parentId": bank.organization("Bank/Toronto")}
        assert bank.mutate("moveOrganization", SHOWN, moved)["organization"] == {"region": "CA"}
        assert set_region(bank, "Bank/London", "")["organization"] == {"region": "CA"}
        before = dump(server)
        for text in ("England", "UK", "001", "G\u0000"):
            (error,) = set_region(bank, "Bank/London", text)["userErrors"]
            assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "region"])
        assert dump(server) == before


def test_national_numbers_are_read_in_the_region_of_the_acting_organization(databases: Databases) -> None:
    with opened(databases) as server:
        bank = Inventory(server, TREE, NUMBERS)
        set_region(bank, "Bank/London", "GB")
        assert bank.show("020 7946 0958", "number", at="Bank/London") == {"number": LONDON}
        assert bank.show("(0)20\u00a07946\u20110958", "number", at="Bank/London/Desk") == {"number": LONDON}
        assert bank.show("020 7946 0958", "number") is None
        assert bank.show("(416) 555-0100", "number") == {"number": TORONTO}
        assert bank.show("(416) 555-0100", "number", at="Bank/London") is None
        count = "query ($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter) { totalCount } }"
        for filter_ in ({"numbers": ["020 7946 0958"]}, {"from": "020 7946 0958", "to": "020 7946 0958"}):
            assert bank.ask(count, {"filter": filter_}, at="Bank/London")["phoneNumbers"]["totalCount"] == 1
        forwarding = {"numberId": bank.number(TORONTO), "forwardingNumber": "020 7946 0960"}
        refused = bank.refused("updateForwardingNumber", f"userErrors {{ {REFUSALS} }}", forwarding)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", "forwardingNumber"])
        assert refused["message"].startswith("'020 7946 0960' has too many digits in US")


def test_numbers_are_added_and_used_in_national_notation(databases: Databases) -> None:
    with opened(databases, region="GB") as server:
        bank = Inventory(server, TREE, NUMBERS)
        added = {
            "seriesId": bank.series("+44 20"),
            "numbers": ["020 7946 0970", "\u202a+44 (0)20 7946 0971\u202c"],
            "ranges": [{"first": "020 7946 0980", "last": "020 7946 0989"}],
            "csv": "number\n02079460990\n2079460991.0\n",
        }
        assert bank.mutate("addNumbers", "changedCount", added) == {"changedCount": 14}
        refused = bank.mutate(
            "addNumbers",
            f"lines {{ line value message }} userErrors {{ {REFUSALS} }}",
            {"seriesId": bank.series("+44 20"), "csv": "number\n1.41855E+10\n7946 0958\n"},
        )
        assert [line["message"] for line in refused["lines"]] == [
            "'1.41855E+10' is what a spreadsheet made of a number: format the column as text.",
            "'7946 0958' has no area code.",
        ]
        record = {"recordId": "1", "number": "00 1 416 555 0100", "kind": "VOICE", "quantity": 60}
        record["at"] = server.clock().isoformat()
        done = bank.mutate("recordUsage", "recordedCount userErrors { message }", {"records": [record]})
        assert done == {"recordedCount": 1, "userErrors": []}
        wrong = [record | {"recordId": "2", "number": "416-555-0100"}, record | {"recordId": "3", "number": "1.4E+10"}]
        errors = bank.mutate("recordUsage", "userErrors { message path }", {"records": wrong})["userErrors"]
        assert [error["path"] for error in errors] == [["input", "records", str(n), "number"] for n in (0, 1)]
        csv = "first_name,last_name,email,number\nBo,Rask,bo@bank.test,020 7946 0970\n"
        invited = bank.mutate("inviteUsers", "users { phoneNumber { number } }", {"csv": csv})
        assert invited == {"users": [{"phoneNumber": {"number": "+442079460970"}}]}


FOUND: tuple[tuple[str, str, list[str]], ...] = (
    # Each text, where it is searched, and what it finds.
    ("020 7946 0958", "Bank/London", [LONDON]),
    ("02079460958", "Bank/London", [LONDON]),
    ("(020) 7946", "Bank/London", [LONDON, LONDON_FREE]),
    ("020 7946 0958", "Bank", []),
    ("+44 20 7946 0958", "Bank", [LONDON]),
    ("+44 (0)20 7946", "Bank", [LONDON, LONDON_FREE]),
    ("tel:+44-20-7946-0959", "Bank", [LONDON_FREE]),
    ("00 44 20 7946 0959", "Bank", [LONDON_FREE]),
    ("\uff10\uff12\uff10 7946 0958", "Bank/London", [LONDON]),
    ("0958", "Bank/London", [LONDON]),
    ("(416) 555-0100\n", "Bank", [TORONTO]),
    ("\t416 555 0100", "Bank", [TORONTO]),
    ("416\t555\t0100", "Bank", [TORONTO]),
    ("\u202a416 555 0100\u202c", "Bank", [TORONTO]),
    ("(416) 555", "Bank", [TORONTO]),
    ("555-0100", "Bank", [TORONTO]),
    ("front desk ", "Bank", [LONDON]),
    (" front", "Bank", [LONDON]),
    ("front desk\n", "Bank", [LONDON]),
    ("\ufefffront\u200b desk", "Bank", [LONDON]),
    ("front\ndesk", "Bank", []),
    (" \u200b\n", "Bank", [TORONTO, LONDON, LONDON_FREE]),
)


def test_a_search_finds_numbers_in_the_notation_that_is_shown(databases: Databases) -> None:
    with opened(databases) as server:
        bank = Inventory(server, TREE, NUMBERS)
        set_region(bank, "Bank/London", "GB")
        query = "query ($text: String) { phoneNumbers(filter: {text: $text}) { totalCount nodes { number } } }"
        for text, at, numbers in FOUND:
            found = bank.ask(query, {"text": text}, at=at)["phoneNumbers"]
            assert ([node["number"] for node in found["nodes"]], text) == (numbers, text)
            assert found["totalCount"] == len(numbers)
        users = "query ($text: String) { users(filter: {text: $text}) { nodes { email } } }"
        for text in ("(416) 555-0100\n", "tel:+1-416-555-0100", "\u202aada\u202c ", "416555"):
            assert bank.ask(users, {"text": text})["users"] == {"nodes": [{"email": "ada@bank.test"}]}


def test_a_blank_text_selects_nothing_to_change(databases: Databases) -> None:
    with opened(databases) as server:
        bank = Inventory(server, TREE, NUMBERS)
        selection = {"filter": {"text": " \u200b"}, "organizationId": bank.organization("Bank/Toronto")}
        refused = bank.refused("moveNumbers", f"userErrors {{ {REFUSALS} }}", selection)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", "filter"])
