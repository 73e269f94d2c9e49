"""Importing numbers: a skipped line has no effect."""

from __future__ import annotations

from tests.support.server import Server

HEADER = "number,series,organization,status,reserved_tag,first_name,last_name,email\n"


def test_a_skipped_line_does_not_reserve_its_email_address(server: Server) -> None:
    server.import_organizations("path,time_zone,threshold\nBank,,\n")
    server.import_numbers(HEADER + "+14185550100,+1 418,Bank,,,,,\n")
    report = server.import_numbers(
        HEADER
        + "+14185550100,+1 418,Bank,ASSIGNED,,Ada,Lovelace,ada@bank.test\n"
        + "+14185550101,+1 418,Bank,ASSIGNED,,Ada,Lovelace,ada@bank.test\n"
        + "+14185550102,+1 418,Bank,IN_USE,,Ada,Lovelace,ADA@bank.test\n",
        skip=True,
    )
    assert (report.imported, [line.line for line in report.lines]) == (1, [2, 4])
    assert server.differences() == []


def test_importing_a_retired_number_continues_its_history(server: Server) -> None:
    server.import_organizations("path,time_zone,threshold\nBank,,\nBank/Sales,,\n")
    server.import_numbers(HEADER + "+14185550100,+1 418,Bank,,,,,\n")
    token = server.create_key(organization="Bank", role="OWNER")
    retire = 'mutation { retireNumbers(input: {filter: {numbers: ["+14185550100"]}}) { changedCount } }'
    assert server.ask(retire, token=token)["retireNumbers"] == {"changedCount": 1}
    server.import_numbers(HEADER + "+14185550100,+1 418,Bank/Sales,RESERVED,vip,,,\n")
    query = """{ phoneNumber(number: "+14185550100") {
      status reservedTag retiredAt organization { name } history { nodes { action statusBefore statusAfter } }
    } }"""
    assert server.ask(query, token=token)["phoneNumber"] == {
        "status": "RESERVED",
        "reservedTag": "vip",
        "retiredAt": None,
        "organization": {"name": "Sales"},
        "history": {
            "nodes": [
                {"action": "IMPORTED", "statusBefore": None, "statusAfter": "RESERVED"},
                {"action": "RETIRED", "statusBefore": "AVAILABLE", "statusAfter": None},
                {"action": "IMPORTED", "statusBefore": None, "statusAfter": "AVAILABLE"},
            ]
        },
    }
    assert server.differences() == []
