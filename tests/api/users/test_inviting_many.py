"""Inviting many at once, by rows or by CSV, with a report of every line."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from db.users import invitations
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.users.invitations import new_invitation
from tests.api.users.actions import (
    ASSIGNED,
    BERLIN,
    ERRORS,
    FREE,
    HOTLINE,
    LATER_HOTLINE,
    OF_SALES,
    OTHER,
    codes,
    figures,
    person,
)
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.outbox import facts_of, mails

MANY = f"""
  invitedCount skippedCount users {{ email status phoneNumber {{ number }} }} organizations {{ name }}
  lines {{ line value code message }} {ERRORS}
"""
HEADER = "first_name,last_name,email,number,reserved_tag,series\n"


def invite(bank: Inventory, **said: Any) -> Any:
    return bank.mutate("inviteUsers", MANY, said)


def numbers(done: Any) -> list[str | None]:
    return [user["phoneNumber"] and user["phoneNumber"]["number"] for user in done["users"]]


def test_many_users_are_invited_from_csv(bank: Inventory) -> None:
    csv = (
        HEADER
        + f"Cyd,Vale,cyd@bank.test,{FREE},,\n"
        + "Dee,Moor,dee@bank.test,,hotline,\n"
        + "Eve,Hill,eve@bank.test,,,+1 418\n"
        + "Fay,Dale,fay@bank.test,,,\n"
        + "Gus,Fell,gus@bank.test,,HOTLINE,\n"
    )
    done = invite(bank, csv=csv)
    assert (done["invitedCount"], done["skippedCount"], done["lines"], done["userErrors"]) == (5, 0, [], [])
    assert numbers(done) == [FREE, HOTLINE, OTHER, None, LATER_HOTLINE]
    assert {user["status"] for user in done["users"]} == {"INVITED"}
    assert done["organizations"] == [{"name": "Bank"}]
    posted = mails(bank.server)
    assert [mail.to[0] for mail in posted] == [user["email"] for user in done["users"]]
    assert [facts_of(mail).number for mail in posted] == numbers(done)
    assert len({facts_of(mail).seed for mail in posted}) == 5
    assert (figures(bank)["pendingInvitations"], figures(bank)["pendingWithoutNumber"]) == (6, 1)
    query = "{ organization { activity(first: 2) { nodes { action changedCount } } } }"
    assert bank.ask(query)["organization"]["activity"]["nodes"] == [
        {"action": "USER_ADDED", "changedCount": 0},
        {"action": "ASSIGNED", "changedCount": 4},
    ]
    assert bank.server.differences() == []


def test_many_users_are_invited_from_rows(bank: Inventory) -> None:
    series = bank.series("+1 418")
    rows = [
        person("Cyd", seriesId=series),
        person("Dee", numberId=bank.number(FREE)),
        person("Eve", reservedTag="hotline"),
        person("Fay", seriesId=bank.series("+49 30")),
    ]
    done = invite(bank, rows=rows)
    # A number that a line names is not given to another that takes any of the series.
    assert numbers(done) == [OTHER, FREE, HOTLINE, BERLIN]
    assert bank.server.differences() == []


BAD = (
    HEADER
    + "Cyd,Vale,cyd@bank.test,,,\n"
    + ",Moor,dee@bank.test,,,\n"
    + "Eve,Hill,nobody,,,\n"
    + "\n"
    + "Fay,Dale,ADA@bank.test,,,\n"
    + "Cid,Vale,CYD@bank.test,,,\n"
    + f"Gus,Fell,gus@bank.test,{ASSIGNED},,\n"
    + f"Hal,Peak,hal@bank.test,{OF_SALES},,\n"
    + "Ida,Ness,ida@bank.test,+14185559999,,\n"
    + "Jan,Firth,jan@bank.test,nonsense,,\n"
    + "Kit,Cove,kit@bank.test,,nobody's,\n"
    + "Lea,Reef,lea@bank.test,,,+49 30\n"
    + "Moe,Tarn,moe@bank.test,,,+49 30\n"
    + "Nat,Glen,nat@bank.test,,,+99\n"
    + f"Oda,Bray,oda@bank.test,{FREE},hotline,\n"
    + "Pam,Wold,pam@bank.test,+442079460100,,\n"
    + f"Ray,Weir,ray@bank.test,{FREE},,\n"
    + f"Sue,Mere,sue@bank.test,{FREE},,\n"
)
REPORT = [
    (3, "dee@bank.test", "INVALID_INPUT"),
    (4, "nobody", "INVALID_INPUT"),
    (6, "ADA@bank.test", "ALREADY_EXISTS"),
    (7, "CYD@bank.test", "ALREADY_EXISTS"),
    (8, "gus@bank.test", "INVALID_TRANSITION"),
    (9, "hal@bank.test", "INVALID_INPUT"),
    (10, "ida@bank.test", "NOT_FOUND"),
    (11, "jan@bank.test", "INVALID_INPUT"),
    (12, "kit@bank.test", "NOT_FOUND"),
    (14, "moe@bank.test", "INSUFFICIENT_NUMBERS"),
    (15, "nat@bank.test", "NOT_FOUND"),
    (16, "oda@bank.test", "INVALID_INPUT"),
    (17, "pam@bank.test", "NOT_FOUND"),
    (19, "sue@bank.test", "ALREADY_EXISTS"),
]


def reported(done: Any) -> list[tuple[int, str, str]]:
    return [(line["line"], line["value"], line["code"]) for line in done["lines"]]


def test_one_bad_line_refuses_the_list_and_all_bad_lines_are_reported(bank: Inventory) -> None:
    before = dump(bank.server)
    done = invite(bank, csv=BAD)
    assert reported(done) == REPORT
    assert all(line["message"] for line in done["lines"])
    (error,) = done["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "csv"])
    assert error["message"].startswith("Line 3: The first name is blank. 13 more lines are invalid.")
    assert (done["invitedCount"], done["users"]) == (0, [])
    assert dump(bank.server) == before


def test_bad_lines_are_skipped_on_request(bank: Inventory) -> None:
    done = invite(bank, csv=BAD, onError="SKIP")
    assert (done["invitedCount"], done["skippedCount"], done["userErrors"]) == (3, 14, [])
    assert reported(done) == REPORT
    assert [user["email"] for user in done["users"]] == ["cyd@bank.test", "lea@bank.test", "ray@bank.test"]
    assert numbers(done) == [None, BERLIN, FREE]
    assert len(mails(bank.server)) == 3
    assert bank.server.differences() == []


def test_a_skipped_line_leaves_its_number_to_the_others(bank: Inventory) -> None:
    rows = [
        person("Ada", numberId=bank.number(BERLIN)),
        person("Cyd", seriesId=bank.series("+49 30")),
        person("Ada", numberId=bank.number(HOTLINE)),
        person("Dee", reservedTag="hotline"),
    ]
    done = invite(bank, rows=rows, onError="SKIP")
    assert reported(done) == [(1, "ada@bank.test", "ALREADY_EXISTS"), (3, "ada@bank.test", "ALREADY_EXISTS")]
    assert numbers(done) == [BERLIN, HOTLINE]
    assert bank.server.differences() == []


def test_a_skipped_line_leaves_its_email_to_the_others(bank: Inventory) -> None:
    rows = [
        person("Cyd", numberId=bank.number(ASSIGNED)),
        person("Cyd", seriesId=bank.series("+44 20", root="Rival")),
        person("Cyd", reservedTag="nobody's"),
        person("Dee", seriesId=bank.series("+49 30")),
        person("Eve", seriesId=bank.series("+49 30")),
        person("Eve", numberId=bank.number(BERLIN)),
        person("Cyd", numberId=bank.number(FREE)),
        person("Cyd"),
        person("Eve"),
    ]
    done = invite(bank, rows=rows, onError="SKIP")
    assert reported(done) == [
        (1, "cyd@bank.test", "INVALID_TRANSITION"),
        (2, "cyd@bank.test", "NOT_FOUND"),
        (3, "cyd@bank.test", "NOT_FOUND"),
        (5, "eve@bank.test", "INSUFFICIENT_NUMBERS"),
        (6, "eve@bank.test", "ALREADY_EXISTS"),
        (8, "cyd@bank.test", "ALREADY_EXISTS"),
    ]
    assert done["lines"][4]["message"] == f"{BERLIN} is given to line 4 already."
    assert done["lines"][5]["message"] == "cyd@bank.test is in the list twice: it is on line 7 too."
    assert [user["email"] for user in done["users"]] == ["dee@bank.test", "cyd@bank.test", "eve@bank.test"]
    assert numbers(done) == [BERLIN, FREE, None]
    assert bank.server.differences() == []


def test_the_numbers_that_a_choice_excludes_have_its_tag(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a list with many tags would send all numbers chosen so far with every tag."""
    excluded: list[int] = []
    tagged_ids = invitations.tagged_ids

    async def noted(*arguments: Any, exclude: Sequence[int], **values: Any) -> list[int]:
        excluded.append(len(exclude))
        return await tagged_ids(*arguments, exclude=exclude, **values)

    monkeypatch.setattr(invitations, "tagged_ids", noted)
    tags = ["front", "back", "HOTLINE", "side", "hotline"]
    bank.add(
        "".join(f"+1418555020{n},+1 418,Bank,RESERVED,{tag},,,\n" for n, tag in enumerate(tags) if n not in {2, 4})
    )
    rows = [person(f"U{n}", reservedTag=tag) for n, tag in enumerate(tags)]
    rows.append(person("Fay", numberId=bank.number("+14185550203")))
    done = invite(bank, rows=rows, onError="SKIP")
    assert numbers(done) == ["+14185550200", "+14185550201", HOTLINE, LATER_HOTLINE, "+14185550203"]
    assert excluded == [0, 0, 0, 1, 1]
    assert reported(done) == [(4, "u3@bank.test", "NOT_FOUND")]


def test_a_dry_run_reports_bad_lines_and_invites_no_users(bank: Inventory) -> None:
    before = dump(bank.server)
    done = invite(bank, csv=BAD, onError="SKIP", dryRun=True)
    assert (done["invitedCount"], done["skippedCount"], done["users"]) == (3, 14, [])
    assert reported(done) == REPORT
    assert codes(invite(bank, csv=BAD, dryRun=True)) == ["INVALID_INPUT"]
    assert dump(bank.server) == before


@pytest.mark.parametrize(
    "csv",
    [
        "firstName,lastName,email\nCyd,Vale,cyd@bank.test\n",
        "\ufeffE-Mail,First Name,Last Name\r\ncyd@bank.test,Cyd,Vale\r\n",
        "Cyd,Vale,cyd@bank.test",
        '"Cyd","Vale","cyd@bank.test",,,\n\n',
        "\ufefffirst_name;last_name;email\r\nCyd;Vale;cyd@bank.test\r\n",
        'Cyd;"Vale";cyd@bank.test',
        "first_name\tlast_name\temail\nCyd\tVale\tcyd@bank.test\n",
        "\nfirst_name,last_name,email\rCyd,Vale,cyd@bank.test\r",
    ],
)
def test_csv_is_accepted_in_common_dialects(bank: Inventory, csv: str) -> None:
    done = invite(bank, csv=csv)
    assert (done["invitedCount"], done["userErrors"]) == (1, [])
    assert done["users"][0]["email"] == "cyd@bank.test"


def test_a_multiline_record_is_reported_by_its_first_line(bank: Inventory) -> None:
    before = dump(bank.server)
    done = invite(bank, csv='first_name,last_name,email\n\n"Cyd\nAnna",Vale,cyd@bank.test\nDee,Moor,nobody\n')
    assert reported(done) == [(3, "cyd@bank.test", "INVALID_INPUT"), (5, "nobody", "INVALID_INPUT")]
    assert dump(bank.server) == before


@pytest.mark.parametrize("header", ["", "first_name,last_name,email,number,reserved_tag,series\n"])
def test_a_cell_without_a_column_is_refused(bank: Inventory, header: str) -> None:
    before = dump(bank.server)
    done = invite(bank, csv=f"{header}Cyd,Vale,cyd@bank.test,,,,{FREE}\n")
    assert reported(done) == [(1 + header.count("\n"), "cyd@bank.test", "INVALID_INPUT")]
    assert done["lines"][0]["message"] == "The line has 7 cells, but there are 6 columns."
    assert dump(bank.server) == before


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({}, "rows"),
        ({"rows": [], "csv": HEADER}, "rows"),
        ({"rows": []}, "rows"),
        ({"csv": HEADER}, "csv"),
        ({"csv": "first_name,email\nCyd,cyd@bank.test"}, "csv"),
        ({"csv": "first_name,last_name,email,shoe size\nCyd,Vale,cyd@bank.test,43"}, "csv"),
        ({"csv": "first_name,last_name,email,E-Mail\nCyd,Vale,cyd@bank.test,dee@bank.test"}, "csv"),
        ({"csv": 'a,b,"c\x00'}, "csv"),
    ],
)
def test_an_invalid_list_is_refused(shared_bank: Inventory, said: dict[str, Any], path: str) -> None:
    error = shared_bank.refused("inviteUsers", ERRORS, said)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", path])


def test_many_can_be_saved_without_inviting(bank: Inventory) -> None:
    done = invite(bank, csv=HEADER + f"Cyd,Vale,cyd@bank.test,{FREE},,\n", sendInvitation=False)
    assert done["users"][0]["status"] == "NOT_INVITED"
    assert bank.show(FREE, "status") == {"status": "ASSIGNED"}
    assert mails(bank.server) == []
    assert bank.server.differences() == []


def test_repeating_an_idempotency_key_invites_many_once(bank: Inventory) -> None:
    said = {"csv": BAD, "onError": "SKIP", "idempotencyKey": "once"}
    first = invite(bank, **said)
    assert invite(bank, **said) == first
    assert len(mails(bank.server)) == 3


def test_a_thousand_users_are_invited_in_one_mutation(bank: Inventory) -> None:
    lines = "".join(f"U{n},Many,u{n}@bank.test,,,\n" for n in range(1000))
    done = invite(bank, csv=HEADER + lines)
    assert (done["invitedCount"], len(done["users"]), len(mails(bank.server))) == (1000, 100, 1000)
    assert figures(bank)["pendingWithoutNumber"] == 1000
    assert bank.server.differences() == []


def test_invitations_are_signed_outside_the_event_loop(bank: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def record(work: UnitOfWork) -> Any:
        threads.append(threading.current_thread())
        return new_invitation(work)

    monkeypatch.setattr("resolvers.users.bulk.new_invitation", record)
    assert invite(bank, csv=f"{HEADER}Cyd,Vale,cyd@bank.test,,,\nDee,Moor,dee@bank.test,,,\n")["invitedCount"] == 2
    assert len(threads) == 2
    assert threading.current_thread() not in threads
