"""Names and tags: how they are kept, which are refused, and which are the same."""

from __future__ import annotations

from tests.support.inventory import HEADER, REFUSALS, Inventory
from tests.support.outbox import mails

ERRORS = f"userErrors {{ {REFUSALS} }}"
KEPT = [
    ("  North \n", "North"),
    ("\u3000South\u2003", "South"),
    ("\ufeffEast\u200b", "East"),
    ("Cafe\u0301", "Café"),
    ("क्\u200cष", "क्\u200cष"),
    ("A\u00a0B", "A\u00a0B"),
]
TWINS = [
    ("Sales", "SALES"),
    ("Sales", "Sa\u200bles"),
    ("Sales", "Sales\u200d"),
    ("Sales", "Sal\u00ades"),
    ("Café", "CAFE\u0301"),
    ("Straße", "STRASSE"),
    ("A B", "A\u00a0B"),
    ("क्\u200cष", "क्ष"),
]
BLANK = [
    "",
    " \t",
    "\u3000",
    "\u200b",
    "\u200d\u200c",
    "\u0301",
    "\u3164",
    "\u115f",
    "\u2800",
    "\u00ad",
    "\ufe0f",
    "\U000e0061",
]
CONTROLS = ["a\u0007b", "a\nb", "a\u0085b", "a\u2028b", "\u202eabc", "abc\u202c", "a\u2066b\u2069", "\u001ca"]


def test_a_name_is_normalised_and_unique_without_case_and_invisible_characters(bank: Inventory) -> None:
    parent = bank.organization("Bank/Empty")
    for text, name in KEPT:
        organization = bank.mutate(
            "createOrganization", f"organization {{ name }} {ERRORS}", {"parentId": parent, "name": text}
        )
        assert organization == {"organization": {"name": name}, "userErrors": []}
        series = bank.mutate("createSeries", f"series {{ name }} {ERRORS}", {"name": text})
        assert series == {"series": {"name": name}, "userErrors": []}
    for index, (name, twin) in enumerate(TWINS):
        path = f"Twins {index}"
        parent = bank.mutate(
            "createOrganization", "organization { id }", {"parentId": bank.organization("Bank"), "name": path}
        )["organization"]["id"]
        for kind, of in (("Organization", {"parentId": parent}), ("Series", {})):
            selection = f"{kind.lower()} {{ id }} {ERRORS}"
            made = bank.mutate(f"create{kind}", selection, {**of, "name": f"{name} {index}"})
            assert made["userErrors"] == []
            error = bank.refused(f"create{kind}", ERRORS, {**of, "name": f"{twin} {index}"})
            assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", "name"])
            made_id = {f"{kind.lower()}Id": made[kind.lower()]["id"]}
            assert bank.mutate(f"update{kind}", ERRORS, {**made_id, "name": f"{twin} {index}"})["userErrors"] == []
        report = bank.server.import_organizations(f"path,time_zone,threshold\nbank/{path}/{name} {index},,\n")
        assert [bad.code.value for bad in report.lines] == ["ALREADY_EXISTS"]
    assert bank.server.differences() == []


def test_a_text_that_can_not_be_shown_is_refused_everywhere(bank: Inventory) -> None:
    root, number = bank.organization("Bank"), bank.number("+14185550100")
    for text in [*BLANK, *CONTROLS]:
        problem = "is blank" if text in BLANK else "holds"
        for mutation, field, said in (
            ("createOrganization", "name", {"parentId": root}),
            ("createSeries", "name", {}),
            ("reserveNumbers", "tag", {"numberIds": [number]}),
            ("inviteUser", "firstName", {"lastName": "Lee", "email": "ann@bank.test"}),
            ("inviteAdministrator", "name", {"email": "ann@bank.test", "role": "VIEWER"}),
        ):
            error = bank.refused(mutation, ERRORS, {**said, field: text})
            assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", field]), (mutation, text)
            assert problem in error["message"]
        quoted = f'"{text}"'
        report = bank.server.import_numbers(
            HEADER + f"+14185550190,+1 418,Bank,RESERVED,{quoted},,,\n+14185550191,{quoted},Bank,,,,,\n"
        )
        assert (report.imported, len(report.lines)) == (0, 2)
        assert all(problem in bad.message for bad in report.lines)
        report = bank.server.import_organizations(f'path,time_zone,threshold\n{quoted[:-1]}/x",,\n')
        assert (report.imported, len(report.lines)) == (0, 1)
    assert mails(bank.server) == []


def test_a_tag_is_found_by_every_spelling(bank: Inventory) -> None:
    reserved = {"numberIds": [bank.number("+14185550100")], "tag": " Nor\u200cth\u00a0Desk "}
    assert bank.mutate("reserveNumbers", ERRORS, reserved)["userErrors"] == []
    query = "query ($filter: PhoneNumberFilter!) { phoneNumbers(filter: $filter) { nodes { number reservedTag } } }"
    for wanted in (
        {"tag": "north desk"},
        {"tag": "\ufeffNOR\u200bTH DESK\t"},
        {"tagContains": " th\u00a0de "},
        {"tagContains": "r\u200cth"},
    ):
        found = bank.ask(query, {"filter": wanted})["phoneNumbers"]["nodes"]
        assert found == [{"number": "+14185550100", "reservedTag": "Nor\u200cth\u00a0Desk"}], wanted
    for blank in ({"tag": " "}, {"tagContains": "\u200b"}):
        assert bank.ask(query, {"filter": blank})["phoneNumbers"]["nodes"] == []
    search = (
        '{ organizations(search: " sa\u200bles ") { nodes { name } } series(search: "\u30001 900") { nodes { name } } }'
    )
    found = bank.ask(search)
    assert found == {"organizations": {"nodes": [{"name": "Sales"}]}, "series": {"nodes": [{"name": "+1 900"}]}}
