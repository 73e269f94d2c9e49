"""The contents of reports: columns, cells, order, and no cell that a spreadsheet would execute."""

from __future__ import annotations

from typing import Any

import pytest

from domain.reports import escape_formula, unescape_formula
from domain.search import NumberFilter
from resolvers.numbers.filters import narrow
from resolvers.reports import contents
from schema.core.ids import decode
from tests.api.reports.conftest import Reports

UTILIZATION = [
    "Organization",
    "Path",
    "Total",
    "In Use",
    "Available",
    "Reserved",
    "Assigned",
    "Registered",
    "Allocated to Sub-Organizations",
    "Percent",
    "Threshold Percent",
]
CONSUMPTION = [
    "Number",
    "User",
    "Organization",
    "Billable Voice (seconds)",
    "Billable Messages",
    "Billable Data (bytes)",
    "Total Voice (seconds)",
    "Total Messages",
    "Total Data (bytes)",
]
NUMBERS = ["Series", "Number", "Organization", "Status", "Reserved Tag", "Path"]
QUEBEC = "+1 418 Québec"


def test_the_number_list_has_every_column(bank: Reports) -> None:
    assert bank.rows("phoneNumbersReport") == [
        NUMBERS,
        [QUEBEC, "+14185550100", "Bank", "Available", "", "Bank"],
        [QUEBEC, "+14185550101", "Bank", "Reserved", "'=1+1", "Bank"],
        [QUEBEC, "+14185550102", "Bank", "Reserved", "'+cmd|' /C calc'!A0", "Bank"],
        [QUEBEC, "+14185550103", "Bank", "Reserved", "'@SUM(A1)", "Bank"],
        [QUEBEC, "+14185550104", "Bank", "Reserved", "'-2+3", "Bank"],
        [QUEBEC, "+14185550105", "'=Sales", "Reserved", 'a "quoted", tag; 100%', "Bank/=Sales"],
        [QUEBEC, "+14185550106", "'=Sales", "Reserved", "007", "Bank/=Sales"],
        ["'=Series", "+14185550107", "'=Sales", "In Use", "", "Bank/=Sales"],
        ["'=Series", "+14185550108", "'=Sales", "Assigned", "", "Bank/=Sales"],
        ["'=Series", "+14185550109", "Zürich/Süd", "Reserved", "日本 東京", "Bank/Zürich\\/Süd"],
    ]


def test_utilization_of_every_organization_in_scope(bank: Reports) -> None:
    assert bank.rows("numberUtilizationReport") == [
        UTILIZATION,
        ["Bank", "Bank", "10", "9", "1", "4", "0", "0", "5", "90.0", "75"],
        ["'=Sales", "Bank/=Sales", "4", "4", "0", "2", "1", "1", "0", "100.0", "80"],
        ['"Desk", Nachtdienst', 'Bank/=Sales/"Desk", Nachtdienst', "0", "0", "0", "0", "0", "0", "0", "0.0", "80"],
        ["Zürich/Süd", "Bank/Zürich\\/Süd", "1", "1", "0", "1", "0", "0", "0", "100.0", "80"],
    ]


def test_the_utilization_report_shows_a_change_that_was_just_made(bank: Reports) -> None:
    reserved = {"numberIds": [bank.number("+14185550100")], "tag": "front desk"}
    assert bank.mutate("reserveNumbers", "changedCount", reserved)["changedCount"] == 1
    assert bank.rows("numberUtilizationReport")[1][2:] == ["10", "10", "0", "5", "0", "0", "5", "100.0", "75"]


def test_below_the_root_a_report_shows_nothing_from_above(bank: Reports) -> None:
    rows = bank.rows("numberUtilizationReport", at="Bank/=Sales", role="VIEWER")
    assert [row[:2] for row in rows[1:]] == [
        ["'=Sales", "'=Sales"],
        ['"Desk", Nachtdienst', '\'=Sales/"Desk", Nachtdienst'],
    ]
    rows = bank.rows("phoneNumbersReport", at="Bank/=Sales", role="VIEWER")
    assert [row[-1] for row in rows] == ["Path", *["'=Sales"] * 4]
    chosen = bank.organization("Bank/=Sales")
    assert len(bank.rows(f'numberUtilizationReport(organizationId: "{chosen}")')) == 1 + 2


USED: list[dict[str, Any]] = [
    {"number": "+14185550107", "kind": "VOICE", "quantity": 90, "at": "2026-10-01T04:00:00Z"},
    {"number": "+14185550107", "kind": "VOICE", "quantity": 30, "at": "2026-11-01T03:59:59Z", "billable": False},
    {"number": "+14185550107", "kind": "DATA", "quantity": 12_345_678_901, "at": "2026-10-10T00:00:00Z"},
    {"number": "+14185550100", "kind": "MESSAGE", "quantity": 2, "at": "2026-10-10T00:00:00Z"},
    {"number": "+14185550100", "kind": "MESSAGE", "quantity": 4, "at": "2026-10-01T03:59:59Z"},
    {"number": "+14185550100", "kind": "MESSAGE", "quantity": 8, "at": "2026-11-01T04:00:00Z"},
]


def record(bank: Reports) -> None:
    records = [used | {"recordId": str(n)} for n, used in enumerate(USED)]
    assert bank.mutate("recordUsage", "recordedCount", {"records": records}) == {"recordedCount": len(USED)}


def test_consumption_by_number_and_user_counts_days_in_the_organizations_time_zone(bank: Reports) -> None:
    record(bank)
    assert bank.rows('consumptionReport(from: "2026-10-01", to: "2026-10-31")') == [
        CONSUMPTION,
        ["+14185550100", "", "Bank", "0", "2", "0", "0", "2", "0"],
        ["+14185550107", "Ada =Ling <ada@bank.test>", "'=Sales", "90", "0", "12345678901", "120", "0", "12345678901"],
    ]
    assert bank.rows('consumptionReport(from: "2026-09-30", to: "2026-09-30")') == [
        CONSUMPTION,
        ["+14185550100", "", "Bank", "0", "4", "0", "0", "4", "0"],
    ]
    assert bank.rows('consumptionReport(from: "2025-01-01", to: "2025-12-31")') == [CONSUMPTION]


def test_consumption_without_a_user_comes_after_that_of_the_users_of_the_number(bank: Reports) -> None:
    number = "+14185550107"
    used = {"recordId": "1", "number": number, "kind": "MESSAGE", "quantity": 1, "at": bank.server.clock().isoformat()}
    bank.mutate("recordUsage", "recordedCount", {"records": [used]})
    user_id = bank.show(number, "user { id }")["user"]["id"]
    bank.server.advance(60)
    assert bank.mutate("deleteUser", "userErrors { code }", {"userId": user_id})["userErrors"] == []
    bank.server.advance(60)
    unassigned = used | {"recordId": "2", "quantity": 2, "at": bank.server.clock().isoformat()}
    bank.mutate("recordUsage", "recordedCount", {"records": [unassigned]})
    rows = bank.rows('consumptionReport(from: "2026-11-01", to: "2026-11-30")')
    assert [[*row[:2], row[4]] for row in rows[1:]] == [[number, "Ada =Ling <ada@bank.test>", "1"], [number, "", "2"]]


def test_consumption_counts_for_the_holder_at_the_time_of_use(bank: Reports) -> None:
    record(bank)
    bank.server.advance(60)
    target = bank.organization("Bank/=Sales")
    bank.mutate("moveNumbers", "changedCount", {"numberIds": [bank.number("+14185550100")], "organizationId": target})
    rows = bank.rows('consumptionReport(from: "2026-10-01", to: "2026-10-31")', at="Bank/=Sales")
    assert [row[0] for row in rows[1:]] == ["+14185550107"]


def test_the_usage_of_a_deleted_organization_is_in_its_ancestors_reports(bank: Reports) -> None:
    target = bank.organization('Bank/=Sales/"Desk", Nachtdienst')
    bank.mutate("moveNumbers", "changedCount", {"numberIds": [bank.number("+14185550100")], "organizationId": target})
    bank.server.advance(60)
    used = {"recordId": "1", "number": "+14185550100", "kind": "MESSAGE", "quantity": 1, "at": "2026-11-21T09:00:30Z"}
    bank.mutate("recordUsage", "recordedCount", {"records": [used]})
    bank.mutate("deleteOrganization", "changedCount", {"organizationId": target})
    rows = bank.rows('consumptionReport(from: "2026-11-01", to: "2026-11-30")')
    assert rows[1:] == [["+14185550100", "", "(deleted organization)", "0", "1", "0", "0", "1", "0"]]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["NUMBER", "SERIES", "ORGANIZATION", "STATUS", "RESERVED_TAG", "UPDATED_AT"])
def test_the_number_list_has_the_order_of_the_search(shared_bank: Reports, field: str, direction: str) -> None:
    arguments = f"orderBy: {{field: {field}, direction: {direction}}}"
    nodes = shared_bank.ask(f"{{ phoneNumbers({arguments}) {{ nodes {{ number }} }} }}")["phoneNumbers"]["nodes"]
    rows = shared_bank.rows(f"phoneNumbersReport({arguments})")
    assert [row[1] for row in rows[1:]] == [node["number"] for node in nodes]
    assert len(nodes) == 10


@pytest.mark.parametrize(
    "wanted",
    [
        '{text: "418555"}',
        '{text: "(418) 555-0106"}',
        '{text: "%"}',
        '{tagContains: "QUOTED"}',
        "{tagged: true}",
        "{tagged: false}",
        "{statuses: [IN_USE, ASSIGNED]}",
        '{numbers: ["+14185550100", "+1 (418) 555-0109", "nonsense"]}',
        '{from: "+14185550103", to: "+14185550105"}',
        '{startsWith: "1418", endsWith: "9"}',
        '{updatedSince: "2026-11-21T09:00:00Z"}',
        '{updatedSince: "2026-11-21T09:00:00.000001Z"}',
        '{organizationIds: ["nothing"]}',
    ],
)
def test_the_number_list_has_the_filter_of_the_search(shared_bank: Reports, wanted: str) -> None:
    nodes = shared_bank.ask(f"{{ phoneNumbers(filter: {wanted}) {{ nodes {{ number }} }} }}")["phoneNumbers"]["nodes"]
    rows = shared_bank.rows(f"phoneNumbersReport(filter: {wanted})")
    assert [row[1] for row in rows[1:]] == [node["number"] for node in nodes]


def test_the_number_list_of_series_and_organizations(bank: Reports) -> None:
    series, sales = bank.series("=Series"), bank.organization("Bank/=Sales")
    found = bank.rows(f'phoneNumbersReport(filter: {{seriesIds: ["{series}"], organizationIds: ["{sales}"]}})')
    assert [row[1] for row in found[1:]] == ["+14185550107", "+14185550108"]
    below = bank.rows(f'phoneNumbersReport(filter: {{organizationIds: ["{sales}"], includeDescendants: true}})')
    assert len(below) == 1 + 4


def test_a_number_list_filtered_to_organizations_outside_the_scope_is_empty(bank: Reports) -> None:
    series, root = bank.series("+1 418 Québec"), bank.organization("Bank")
    for wanted in (f'organizationIds: ["{root}"]', f'organizationIds: ["{root}"], seriesIds: ["{series}"]'):
        found = bank.rows(f"phoneNumbersReport(filter: {{{wanted}}})", at="Bank/=Sales")
        assert found == [NUMBERS]


def test_a_number_list_leaves_out_an_organization_that_leaves_the_scope_before_it_is_read(
    bank: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = tuple(decode(bank.organization(path))[1][0] for path in ("Bank", "Bank/=Sales"))

    async def narrow_before_the_move(*arguments: Any, **options: Any) -> NumberFilter:
        return (await narrow(*arguments, **options))._replace(scopes=None, organization_ids=wanted)

    monkeypatch.setattr(contents, "narrow", narrow_before_the_move)
    found = bank.rows("phoneNumbersReport", at="Bank/=Sales")
    numbers = ["+14185550105", "+14185550106", "+14185550107", "+14185550108"]
    assert [row[1:3] for row in found[1:]] == [[number, "'=Sales"] for number in numbers]


def test_the_file_is_rfc_4180_in_utf_8_with_a_byte_order_mark(bank: Reports) -> None:
    response = bank.get(bank.link('phoneNumbersReport(filter: {text: "0105"})')["url"])
    assert (
        response.content
        == (
            "\ufeff"
            '"Series","Number","Organization","Status","Reserved Tag","Path"\r\n'
            '"+1 418 Québec","+14185550105","\'=Sales","Reserved","a ""quoted"", tag; 100%","Bank/=Sales"\r\n'
        ).encode()
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("", ""),
        ("sales", "sales"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2", "'-2"),
        ("+A1", "'+A1"),
        ("+1+1", "'+1+1"),
        ("+1|2", "'+1|2"),
        ("\t=1", "'\t=1"),
        ("\uff1d1", "'\uff1d1"),
        ("+14188984760", "+14188984760"),
        ("+33 1 Paris", "+33 1 Paris"),
        ("1=1", "1=1"),
        ("'tis", "'tis"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
    ],
)
def test_cells_that_a_spreadsheet_would_execute_are_escaped_and_read_back(text: str, cell: str) -> None:
    assert escape_formula(text) == cell
    assert unescape_formula(cell) == text
