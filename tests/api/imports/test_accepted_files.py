"""Files as spreadsheets and people write them: understood as a whole or refused as a whole, by the command and the API.

All cases share one inventory, which stays as it is: a refused file writes nothing, and the others are dry runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.command import main
from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import HEADER, Inventory
from tests.support.outbox import mails
from tests.support.server import Server, opened
from tests.support.workbooks import DATE, Cell, write_workbook

TREE = "Acme,UTC,80\nAcme/Sales,Asia/Kathmandu,80\nAcme/Support,America/Asuncion,80\n"
HELD = """\
+14185550001,+1 418,Acme,RESERVED,-hold-,,,
+14185550002,+1 418,Acme/Sales,IN_USE,,Ann,Lee,ann@acme.example
+14185550003,+1 418,Acme,AVAILABLE,,,,
"""


@pytest.fixture(scope="module")
def acme(databases: Databases) -> Iterator[Inventory]:
    with opened(databases) as server:
        inventory = Inventory(server, TREE, HELD)
        before = dump(server)
        yield inventory
        assert dump(server) == before
        assert mails(server) == []
        assert server.differences() == []


class Command:
    """Runs `dialtree import` on a file."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._file = folder / "input.csv"
        self.report = folder / "report.csv"

    def __call__(self, kind: str, contents: str | bytes, *options: str) -> tuple[int, str, list[str]]:
        """Return the exit status, the last line of the output, and the lines of errors."""
        self._file.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        command = ["import", kind, str(self._file), "--report", str(self.report), *options]
        done = CliRunner().invoke(main, command, env={"DIALTREE_DATABASE_URL": self._url})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout.strip(), done.stderr.splitlines()


@pytest.fixture
def command(acme: Inventory, tmp_path: Path) -> Command:
    return Command(acme.server.url, tmp_path)


SHORT = "number,series,organization\n"
NUMBERS_ACCEPTED: dict[str, tuple[str | bytes, int]] = {
    "semicolons": ("number;series;organization;status;reserved_tag\n+14185550101;+1 418;Acme;;\n", 1),
    "tabs, marked": ("\ufeffnumber\tseries\torganization\r\n+14185550101\t+1 418\tAcme\r\n", 1),
    "utf-16": ((SHORT + "+14185550101,+1 418 Québec,Acme\n").encode("utf-16"), 1),
    "quoted, marked, CRLF": ('\ufeff"number","series","organization"\r\n"+1 418 555 0107","+1 418","Acme"\r\n', 1),
    "CR alone": (SHORT.replace("\n", "\r") + "+14185550101,+1 418,Acme\r+14185550102,+1 418,Acme", 2),
    "sep=": ("sep=;\r\nnumber;series;organization\r\n+14185550101;+1 418;Acme\r\n", 1),
    "own report": (
        "\ufeffSeries,Number,Organization,Status,Reserved Tag\r\n'+1 647-Toronto,+16475550101,Acme,Reserved,'-tag-\r\n",
        1,
    ),
    "own report with paths": (
        '"Series","Number","Organization","Path"\r\n"+1 418","+14185550101","Sales","Acme/Sales"\r\n',
        1,
    ),
    "a path alone": ("number,series,path\n+14185550101,+1 418,Acme/Sales\n", 1),
    "short lines": (HEADER + "+14185550101,+1 418,Acme\n+14185550102,+1 418,Acme,reserved,tag\n", 2),
    "blank lines and columns": ("number,series,organization,,\n\n+14185550101,+1 418,Acme,,\n,,,,\n", 1),
    "a range": ("number,last_number,series,organization\n+14185550100,+14185550199,+1 418,Acme\n", 100),
    "a range of one": ("number,last_number,series,organization\n+14185550100,+14185550100,+1 418,Acme\n", 1),
    "a range of held and new ones": (
        "number,last_number,series,organization\n+14185550003,+14185550005,+1 418,Acme\n",
        2,
    ),
    "multi-line header": (
        'number,series,organization,"reserved\ntag",status\n+14185550101,+1 418,Acme,a,RESERVED\n',
        1,
    ),
    "national": (SHORT + "(418) 555-0101,+1 418,Acme\n", 1),
}


@pytest.mark.parametrize("name", NUMBERS_ACCEPTED)
def test_a_file_of_numbers_is_understood(command: Command, name: str) -> None:
    contents, count = NUMBERS_ACCEPTED[name]
    status, said, errors = command("numbers", contents, "--dry-run")
    assert (status, errors) == (0, [])
    assert said.startswith(f"{count} numbers would be loaded, ")
    assert said.endswith(" 0 bad lines.")


NUMBERS_REFUSED: dict[str, tuple[str | bytes, tuple[int, str, str]]] = {
    "unclosed quote": (
        HEADER + '+14185550111,+1 418,Acme,,,,"Bud,x\n+14185550112,+1 418,Acme,,,,,\n+14185550113,+1 418,Acme,,,,,\n',
        (2, "last_name", "not closed"),
    ),
    "misspelt header": (
        "number,series,organization,state,reserved tag\n+14185550117,+1 418,Acme,RESERVED,front\n",
        (1, "", "Did you mean `status`?"),
    ),
    "unquoted comma": (SHORT + "+14185550111,+1 418,Acme, Inc.\n", (2, "", "4 cells, but there are 3 columns")),
    "cut off": (HEADER + "+14185550111,+1 418,Acme,RESERVED,ho", (2, "", "The file ends inside of it.")),
    "ambiguous": ("number,series;organization\n", (1, "", "commas and semicolons")),
    "repeated column": ("number,series,organization,Reserved Tag,reserved_tag\n", (1, "reserved_tag", "2 times")),
    "missing column": ("number,organization\n+14185550111,Acme\n", (1, "series", "is missing")),
    "windows-1252": ((SHORT + "+14185550111,Montréal,Acme\n").encode("cp1252"), (2, "", "byte 0xE9")),
    "a stray NUL": (SHORT + "+14185550111,+1\0 418,Acme\n", (2, "", "U+0000")),
    "two files in one": (SHORT + "+14185550111,+1 418,Acme\n" + SHORT, (3, "organization", "no organization")),
    "a duplicate": (
        SHORT + "+14185550111,+1 418,Acme\n+1 418 555 0111,+1 418,Acme\n",
        (3, "number", "on line 2 too"),
    ),
    "a duplicate in a range": (
        "number,last_number,series,organization\n+14185550111,,+1 418,Acme\n+14185550110,+14185550119,+1 418,Acme\n",
        (3, "number", "+14185550111 is in the file twice: it is on line 2 too."),
    ),
    "a range backwards": (
        "number,last_number,series,organization\n+14185550119,+14185550110,+1 418,Acme\n",
        (2, "last_number", "from the lower number to the higher"),
    ),
    "a range too long": (
        "number,last_number,series,organization\n+14180000000,+14189999999,+1 418,Acme\n",
        (2, "", ""),
    ),
    "a range for one user": (
        HEADER.replace("\n", ",last_number\n")
        + "+14185550110,+1 418,Acme,ASSIGNED,,Bo,Rask,bo@acme.example,+14185550119\n",
        (2, "last_number", "A range can't be ASSIGNED"),
    ),
    "a user of nobody": (
        HEADER + "+14185550111,+1 418,Acme,,,Bo,Rask,bo@acme.example\n",
        (2, "first_name", "Only an ASSIGNED or IN_USE number has a user"),
    ),
    "no user": (HEADER + "+14185550111,+1 418,Acme,ASSIGNED,,,,\n", (2, "first_name", "needs a user")),
    "another status": (
        SHORT + "+14185550001,+1 418,Acme\n",
        (
            2,
            "status",
            "already exists and differs: status is RESERVED there and AVAILABLE here; reserved_tag is '-hold-'",
        ),
    ),
    "another holder": (
        SHORT + "+14185550003,+1 418,Acme/Sales\n",
        (2, "organization", "organization is Acme there and Acme/Sales here."),
    ),
    "another series": (
        SHORT + "+14185550003,+1 647,Acme\n",
        (2, "series", "series is '+1 418' there and '+1 647' here."),
    ),
    "another user": (
        HEADER + "+14185550002,+1 418,Acme/Sales,IN_USE,,Ann,Lee,bo@acme.example\n",
        (2, "email", "email is ann@acme.example there and bo@acme.example here."),
    ),
    "a name for a path": (SHORT + "+14185550111,+1 418,Sales\n", (2, "organization", "such as 'Acme/Sales'")),
    "a path to another name": (
        "number,series,organization,path\n+14185550111,+1 418,Support,Acme/Sales\n",
        (2, "organization", "not the last name of the path"),
    ),
}


@pytest.mark.parametrize("name", NUMBERS_REFUSED)
def test_a_file_of_numbers_is_refused_with_the_place_and_the_reason(
    acme: Inventory, command: Command, name: str
) -> None:
    contents, (line, column, reason) = NUMBERS_REFUSED[name]
    before = dump(acme.server)
    status, _, errors = command("numbers", contents)
    assert dump(acme.server) == before
    assert status == 1
    assert f"ine {line}" in errors[0]
    assert reason in errors[0]
    reported = command.report.read_text(encoding="utf-8").splitlines()
    assert reported[0] == "line,column,value,code,message"
    assert reported[1].startswith(f"{line},{column}")


STRUCTURAL = ["unclosed quote", "misspelt header", "ambiguous", "repeated column", "missing column", "windows-1252"]


@pytest.mark.parametrize("name", STRUCTURAL)
def test_a_fault_of_the_whole_file_is_never_skipped(command: Command, name: str) -> None:
    status, said, _ = command("numbers", NUMBERS_REFUSED[name][0], "--on-error", "skip")
    assert (status, said) == (1, "")


OTHERS: dict[str, tuple[str, str, int | tuple[int, str]]] = {
    "organizations: headings": ("organizations", "Path;Time Zone;Threshold Percent\nAcme/New;UTC;80\n", 1),
    "organizations: quoted": ("organizations", 'path\n"Acme/""Desk"", Night"\n', 1),
    "organizations: apostrophe": ("organizations", "path\n'=Root\n", 1),
    "organizations: sep=": ("organizations", "sep=\t\npath\ttime_zone\nAcme/New\tUTC\n", 1),
    "organizations: unknown": ("organizations", "path,zone\nAcme/New,UTC\n", (1, "column is unknown")),
    "organizations: no path": ("organizations", "name\nNew\n", (1, "is unknown")),
    "organizations: empty": ("organizations", "", (0, "There is no line")),
    "organizations: surplus": ("organizations", "path\nAcme/New, Ltd\n", (2, "2 cells, but there are 1 column")),
    "organizations: unclosed": ("organizations", 'path,time_zone\n"Acme/New,UTC\n', (2, "not closed")),
    "organizations: twice": ("organizations", "path\nAcme/New\nAcme/New\n", (3, "already on line 2")),
    "organizations: utilization": ("organizations", "Organization,Path,Total\nAcme,Acme,0\n", (1, "is unknown")),
    "usage: headings": (
        "usage",
        "recordId\tTelephone Number\tKind\tQuantity\tAt\nr1\t(418) 555-0003\tvoice\t60\t2026-11-21T09:00:00Z\n",
        1,
    ),
    "usage: semicolons": (
        "usage",
        "\ufeffrecord_id;number;kind;quantity;at\r\nr1;+14185550003;VOICE;60;2026-11-21T09:00:00Z\r\n",
        1,
    ),
    "usage: repeated": ("usage", "record_id,number,kind,quantity,at,Record ID\n", (1, "2 times")),
    "usage: missing": ("usage", "record_id,number,kind,quantity\n", (1, "`at` is missing")),
    "usage: unknown": ("usage", "record_id,number,kind,quantity,at,cost\n", (1, "is unknown")),
    "usage: decimal comma": (
        "usage",
        "record_id,number,kind,quantity,at\nr1,+14185550003,DATA,1,5,2026-11-21T09:00:00Z\n",
        (2, "6 cells"),
    ),
    "usage: short": ("usage", "record_id,number,kind,quantity,at\nr1,+14185550003,DATA,1\n", (2, "4 cells")),
    "usage: consumption": ("usage", "Number,User,Organization\n", (1, "is unknown")),
    "usage: no number": (
        "usage",
        "record_id,number,kind,quantity,at\nr1,12ab,DATA,1,2026-11-21T09:00:00Z\n",
        (2, "'12ab'"),
    ),
    "usage: unknown number": (
        "usage",
        "record_id,number,kind,quantity,at\nr1,+14185559999,DATA,1,2026-11-21T09:00:00Z\n",
        (2, "There is no number"),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_organizations_and_usage(acme: Inventory, command: Command, name: str) -> None:
    kind, contents, expected = OTHERS[name]
    # The records are of a moment at which the numbers were held.
    contents = contents.replace("2026-11-21T09:00:00Z", acme.server.clock().isoformat())
    if isinstance(expected, int):
        status, said, errors = command(kind, contents, "--dry-run")
        assert (status, errors) == (0, [])
        assert said.startswith(f"{expected} ")
        assert said.endswith(" 0 bad lines.")
        return
    line, reason = expected
    before = dump(acme.server)
    status, _, errors = command(kind, contents)
    assert dump(acme.server) == before
    assert status == 1
    assert reason in errors[0]
    assert line == 0 or f"ine {line}" in errors[0]


def test_a_workbook_is_imported(command: Command, tmp_path: Path) -> None:
    rows: list[tuple[Cell, ...]] = [
        ("Number", "Series", "Organization", "Status", "Reserved Tag"),
        (4185550101.0, "+1 418", "Acme", "Reserved", "front desk"),
        ("+1 418 555 0102", "+1 418", "Acme/Sales"),
        ("+1 418 555 0103", "+1 418", "Acme", "Reserved", (DATE, "46000")),
    ]
    good = write_workbook(tmp_path / "good.xlsx", {"Numbers": rows[:3], "Notes": [("a", "b")]})
    assert command("numbers", good.read_bytes(), "--dry-run") == (0, "2 numbers would be loaded, 0 bad lines.", [])
    bad = write_workbook(tmp_path / "bad.xlsx", {"Numbers": rows}).read_bytes()
    status, said, errors = command("numbers", bad)
    assert (status, said) == (1, "0 numbers loaded, 1 bad line.")
    assert errors[0].startswith("line 4, reserved_tag '2025-12-09': The spreadsheet has turned the cell into a date")
    assert command("numbers", good.read_bytes(), "--sheet", "Notes")[0] == 1


def test_numbers_of_an_unassigned_range_are_warnings(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.imports.number_lines.is_assigned", lambda number: number != "+14185550102")
    contents = SHORT + "+14185550101,+1 418,Acme\n+14185550102,+1 418,Acme\n"
    status, said, errors = command("numbers", contents, "--dry-run")
    message = "+14185550102 is in a range that is not known to be in use."
    assert (status, said) == (0, "2 numbers would be loaded, 1 warning, 0 bad lines.")
    assert errors == [f"warning: line 3, number '+14185550102': {message}"]
    assert command.report.read_text().splitlines()[1] == f"3,number,+14185550102,WARNING,{message}"


def test_the_region_of_national_numbers_can_be_given(command: Command) -> None:
    contents = SHORT + "020 7946 0958,+44 20,Acme\n"
    assert command("numbers", contents, "--dry-run")[0] == 1
    assert command("numbers", contents, "--dry-run", "--region", "gb")[:2] == (
        0,
        "1 numbers would be loaded, 0 bad lines.",
    )
    assert command("usage", "record_id\n", "--region", "XX")[2] == [
        "dialtree: --region: 'XX' is not a region, such as US."
    ]


INVITED = ("first_name,last_name,email\n", "Cyd,Vale,cyd@acme.example\n")
LISTS_ACCEPTED = [
    "sep=;\nFirst Name;Last Name;E-Mail\nCyd;Vale;cyd@acme.example\n",
    "\ufefflast_name\temail\tfirst_name\nVale\tcyd@acme.example\tCyd\n",
    'firstName,lastName,email,number\r"Cyd",Vale,cyd@acme.example',
    "first-name,last-name,email,,\n'=Cyd,Vale,cyd@acme.example,,\n",
    "Cyd,Vale,cyd@acme.example,'+14185550003",
]
LISTS_REFUSED = {
    "unclosed": (INVITED[0] + '"Cyd,Vale,cyd@acme.example\nDee,Moor,dee@acme.example\n', 2),
    "closed later": (INVITED[0] + '"Cyd,Vale,cyd@acme.example\n"Dee",Moor,dee@acme.example\n', 2),
    "after the quote": (INVITED[0] + '"Cyd"x,Vale,cyd@acme.example\n', 2),
    "stray quote": (INVITED[0] + 'Cyd "C" V,Vale,cyd@acme.example\n', 2),
    "surplus": (INVITED[0] + "Cyd,Vale,Jr.,cyd@acme.example\n", 2),
    "short": (INVITED[0] + "Cyd,cyd@acme.example\n", 2),
    "unknown": ("first_name,last_name,mail\nCyd,Vale,cyd@acme.example\n", 1),
    "repeated": ("first_name,last_name,email,Email\nCyd,Vale,cyd@acme.example,x\n", 1),
    "missing": ("first_name,email\nCyd,cyd@acme.example\n", 1),
    "ambiguous": ("first_name,last_name;email\nCyd,Vale;cyd@acme.example\n", 1),
    "NUL": (INVITED[0] + "Cyd\0,Vale,cyd@acme.example\n", 2),
    "no delimiter": ("first_name|last_name|email\nCyd|Vale|cyd@acme.example\n", 1),
    "twice": (INVITED[0] + INVITED[1] * 2, 3),
}


@pytest.mark.parametrize("text", LISTS_ACCEPTED)
def test_a_list_of_users_is_understood(acme: Inventory, text: str) -> None:
    done = invite(acme, text, dryRun=True)
    assert (done["invitedCount"], done["lines"], done["userErrors"]) == (1, [], [])


@pytest.mark.parametrize("name", LISTS_REFUSED)
def test_a_list_of_users_is_refused_with_the_line(acme: Inventory, name: str) -> None:
    text, line = LISTS_REFUSED[name]
    before = dump(acme.server)
    done = invite(acme, text)
    assert dump(acme.server) == before
    assert (done["invitedCount"], done["lines"][0]["line"]) == (0, line)
    assert f"ine {line}" in done["userErrors"][0]["message"]
    assert done["userErrors"][0]["path"] == ["input", "csv"]


def invite(acme: Inventory, text: str, **options: Any) -> Any:
    fields = "invitedCount lines { line value code message } userErrors { code message path }"
    return acme.mutate("inviteUsers", fields, {"csv": text, **options})


def test_national_numbers_are_read_in_the_region_of_the_organization(server: Server) -> None:
    tree = "path,region\nAcme,\nAcme/London,gb\nAcme/London/Desk,\nAcme/Boston,US\nAcme/Rome,Italia\n"
    refused = server.import_organizations(tree)
    assert [(line.line, line.column, line.value) for line in refused.lines] == [(6, "region", "Italia")]
    assert server.import_organizations(tree, skip=True).imported == 4
    rows = "020 7946 0958,s,Acme/London/Desk\n(212) 236-5678,s,Acme/Boston\n020 7946 0959,s,Acme\n"
    report = server.import_numbers(f"number,series,organization\n{rows}", skip=True)
    assert (report.imported, [line.line for line in report.lines]) == (2, [4])
    found = server.ask(
        "{ phoneNumbers { nodes { number } } }", token=server.create_key(organization="Acme", role="OWNER")
    )
    assert [node["number"] for node in found["phoneNumbers"]["nodes"]] == ["+12122365678", "+442079460958"]
