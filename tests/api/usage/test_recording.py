"""Usage records: their organization, repeats, refusals per record, and permissions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from db.usage import rollups
from domain.errors import InvalidInput
from resolvers.core.csv_records import records_of_text
from resolvers.imports.transactions import ImportReport
from resolvers.imports.usage import import_usage
from resolvers.usage import changes, records
from resolvers.usage.records import BatchResult, record_batch
from tests.api.usage.conftest import FIGURES, NUMBERS, RECORDED, TREE, Bank, call
from tests.support.concurrency import Call, concurrent_servers, payload
from tests.support.database_dump import contents, dump
from tests.support.server import Server

ADA, BO, CY, RETAIL = "+14185550100", "+14185550110", "+14185550120", "+14185550130"
NOW = "2026-11-21T09:00:00Z"


def test_usage_counts_for_the_numbers_organization_and_its_ancestors(bank: Bank) -> None:
    bank.recorded(call("1", BO, NOW, seconds=90))
    assert bank.used("Bank/Sales") == bank.used("Bank") == {"voiceMinutes": 1.5, "totalVoiceMinutes": 1.5}
    assert bank.used("Bank/Sales/Desk") == bank.used("Bank/Retail") == {}
    assert bank.server.differences() == []


def test_non_billable_usage_only_counts_in_the_totals(bank: Bank) -> None:
    bank.recorded(
        call("1", BO, NOW, seconds=90, billable=False),
        {"recordId": "2", "number": BO, "kind": "MESSAGE", "quantity": 3, "at": NOW},
        {"recordId": "3", "number": BO, "kind": "DATA", "quantity": 1_500_000, "billable": False, "at": NOW},
        {"recordId": "4", "number": BO, "kind": "DATA", "quantity": 250_000, "at": NOW},
    )
    assert bank.used() == {
        "totalVoiceMinutes": 1.5,
        "messages": 3,
        "totalMessages": 3,
        "dataMegabytes": 0.25,
        "totalDataMegabytes": 1.75,
    }


def test_totals_are_the_same_before_and_after_they_are_folded(bank: Bank) -> None:
    late = "2026-11-20T23:50:00Z"
    bank.recorded(call("1", ADA, late), call("2", BO, late, seconds=120), call("3", CY, NOW, billable=False))
    users = bank.ask("{ users { nodes { id email } } }")["users"]["nodes"]
    [left] = [user["id"] for user in users if user["email"] == "cy@bank.test"]
    bank.mutate("deleteUser", "userErrors { code }", {"userId": left})

    def shown() -> list[Any]:
        fields = f"currentCycle {{ {FIGURES} }} allTime {{ {FIGURES} }}"
        places = ("Bank", "Bank/Sales", "Bank/Sales/Desk", "Bank/Retail", "Bank/Empty")
        return [(bank.dashboard(place, fields), bank.days(place)) for place in places]

    before = shown()
    # The same moment is on the 20th in New York, and on the 21st in Kolkata.
    assert (before[0][1], before[1][1]) == ({"2026-11-20": 3.0}, {"2026-11-21": 2.0})
    assert bank.server.differences() == []
    bank.server.fold()
    assert shown() == before
    assert bank.server.differences() == []


def test_totals_that_are_locked_keep_no_counters_from_being_folded(bank: Bank) -> None:
    if not bank.server.database.appends_counters:
        pytest.skip("SQLite adds at once")
    bank.recorded(call("1", BO, NOW))
    bank.server.fold()
    bank.recorded(call("2", BO, NOW))
    bank.mutate("reserveNumbers", "changedCount", {"numberIds": [bank.number("+14185550111")], "tag": "x"})

    def unfolded() -> list[int]:
        return [len(rows) for name, rows in contents(bank.server).items() if name in ("counter_deltas", "total_deltas")]

    assert unfolded() == [1, 1]
    with asyncio.Runner() as importing:
        connection = importing.run(asyncpg.connect(bank.server.url))
        importing.run(connection.execute("BEGIN; SELECT FROM daily_totals FOR UPDATE"))
        bank.server.fold()
        assert unfolded() == [0, 1]
        importing.run(connection.close())
    assert bank.used("Bank/Sales") == {"voiceMinutes": 2, "totalVoiceMinutes": 2}
    bank.server.fold()
    assert unfolded() == [0, 0]
    assert bank.used("Bank/Sales") == {"voiceMinutes": 2, "totalVoiceMinutes": 2}
    assert bank.server.differences() == []


def test_usage_belongs_to_the_holder_at_the_time_of_the_record(bank: Bank) -> None:
    bank.server.advance(3600)
    moved = bank.mutate(
        "moveNumbers",
        "changedCount",
        {"numberIds": [bank.number(RETAIL)], "organizationId": bank.organization("Bank/Sales")},
    )
    assert moved == {"changedCount": 1}
    bank.server.advance(3600)
    bank.recorded(
        call("before the first event", RETAIL, "2026-11-01T12:00:00Z"),
        call("before the move", RETAIL, "2026-11-21T09:59:59Z", seconds=120),
        call("at the move", RETAIL, "2026-11-21T10:00:00Z", seconds=240),
    )
    assert bank.used("Bank/Retail")["voiceMinutes"] == 3
    assert bank.used("Bank/Sales")["voiceMinutes"] == 4
    assert bank.used("Bank")["voiceMinutes"] == 7
    assert bank.server.differences() == []


def test_moving_a_number_leaves_its_earlier_usage_in_place(bank: Bank) -> None:
    bank.recorded(call("1", RETAIL, NOW))
    bank.server.advance(60)
    bank.mutate(
        "moveNumbers",
        "changedCount",
        {"numberIds": [bank.number(RETAIL)], "organizationId": bank.organization("Bank/Sales")},
    )
    assert (bank.used("Bank/Retail")["voiceMinutes"], bank.used("Bank/Sales")) == (1, {})


def test_a_retired_number_still_takes_late_records(bank: Bank) -> None:
    bank.server.advance(60)
    bank.mutate("retireNumbers", "changedCount", {"numberIds": [bank.number(RETAIL)]})
    bank.server.advance(60)
    bank.recorded(call("1", RETAIL, NOW), call("2", RETAIL, "2026-11-21T09:02:00Z"))
    assert bank.used("Bank/Retail")["voiceMinutes"] == 2


def test_ancestors_keep_the_usage_of_a_deleted_organization(bank: Bank) -> None:
    bank.recorded(call("1", RETAIL, NOW))
    bank.server.advance(60)
    moved = bank.mutate(
        "moveNumbers",
        "changedCount",
        {"numberIds": [bank.number(RETAIL)], "organizationId": bank.organization("Bank/Empty")},
    )
    assert moved == {"changedCount": 1}
    gone = bank.organization("Bank/Empty")
    bank.recorded(call("2", RETAIL, "2026-11-21T09:01:30Z", seconds=120))
    bank.server.advance(60)
    assert bank.mutate("deleteOrganization", "changedCount userErrors { message }", {"organizationId": gone}) == {
        "changedCount": 1,
        "userErrors": [],
    }
    bank.recorded(call("late", RETAIL, "2026-11-21T09:01:40Z", seconds=240))
    assert bank.used("Bank")["voiceMinutes"] == 7
    assert bank.used("Bank/Retail")["voiceMinutes"] == 1
    assert bank.server.differences() == []


def test_sending_records_again_changes_nothing(bank: Bank) -> None:
    bank.recorded(call("1", BO, NOW))
    before = dump(bank.server)
    again = bank.record(call("1", BO, NOW), call("1", ADA, "2026-11-20T09:00:00Z", seconds=999))
    assert again == {"recordedCount": 0, "repeatedCount": 2, "userErrors": []}
    assert dump(bank.server) == before


def test_a_duplicate_record_in_a_batch_is_stored_once(bank: Bank) -> None:
    found = bank.record(call("1", BO, NOW), call("1", BO, NOW), call("2", BO, NOW))
    assert found == {"recordedCount": 2, "repeatedCount": 1, "userErrors": []}
    assert bank.used()["voiceMinutes"] == 2


def test_the_same_id_under_another_root_is_another_record(server: Server) -> None:
    bank = Bank(server, TREE, NUMBERS)
    rival = Bank(server, "Rival,,\n", "+14185550900,+1 418,Rival,AVAILABLE,,,,\n")
    bank.recorded(call("1", BO, NOW))
    rival.recorded(call("1", "+14185550900", NOW))
    assert bank.used("Bank") == rival.used("Rival")


def test_two_senders_use_the_same_id_for_different_records(bank: Bank) -> None:
    sales = bank.record(call("1", BO, NOW, seconds=60), at="Bank/Sales", role="USAGE_WRITER")
    retail = bank.record(call("1", RETAIL, NOW, seconds=120), at="Bank/Retail", role="USAGE_WRITER")
    own = bank.record(call("1", ADA, NOW, seconds=240))
    assert sales == retail == own == {"recordedCount": 1, "repeatedCount": 0, "userErrors": []}
    assert (bank.used("Bank/Sales")["voiceMinutes"], bank.used("Bank/Retail")["voiceMinutes"]) == (1, 2)
    assert bank.used()["voiceMinutes"] == 7
    before = dump(bank.server)
    again = bank.record(call("1", RETAIL, NOW), call("1", BO, NOW), at="Bank/Sales", role="USAGE_WRITER")
    # The number of the other organization is out of scope; that its id is known elsewhere says nothing.
    assert (again["repeatedCount"], [error["code"] for error in again["userErrors"]]) == (1, ["NOT_FOUND"])
    assert dump(bank.server) == before
    assert bank.server.differences() == []


def test_the_keys_and_administrators_of_an_organization_are_one_sender(bank: Bank) -> None:
    bank.record(call("1", BO, NOW), at="Bank/Sales", role="USAGE_WRITER")
    assert bank.record(call("1", BO, NOW), at="Bank/Sales", role="ADMIN")["repeatedCount"] == 1
    query = f"mutation ($input: RecordUsageInput!) {{ recordUsage(input: $input) {{ {RECORDED} }} }}"
    variables = {"input": {"records": [call("2", CY, NOW)]}}
    token, desk = bank.token("Bank/Sales", "USAGE_WRITER"), bank.organization("Bank/Sales/Desk")
    # Who acts from an organization below sends for their own organization.
    first = bank.server.ask(query, variables, token=token, acting=desk)["recordUsage"]
    assert (first["recordedCount"], first["repeatedCount"]) == (1, 0)
    assert bank.record(call("2", CY, NOW), at="Bank/Sales", role="ADMIN")["repeatedCount"] == 1
    assert bank.record(call("2", CY, NOW), at="Bank/Sales/Desk", role="USAGE_WRITER")["recordedCount"] == 1


def test_a_file_is_sent_by_the_named_organization(bank: Bank) -> None:
    bank.record(call("1", BO, NOW), at="Bank/Sales", role="USAGE_WRITER")
    file = f"record_id,number,kind,quantity,at\n1,{BO},VOICE,60,{NOW}\n2,{CY},VOICE,60,{NOW}\n"
    report = bank.server.import_usage(file, organization="Bank/Sales")
    assert (report.imported, report.repeated, report.lines) == (1, 1, [])
    report = bank.server.import_usage(file)
    assert (report.imported, report.repeated, report.lines) == (2, 0, [])
    report = bank.server.import_usage(file.replace(CY, RETAIL), organization="Bank/Sales", skip=True)
    assert (report.repeated, [(line.line, line.code.value) for line in report.lines]) == (1, [(3, "NOT_FOUND")])


def test_a_file_needs_the_name_of_its_sender_beside_another_root(bank: Bank) -> None:
    Bank(bank.server, "Rival,,\n", "+14185550900,+1 418,Rival,AVAILABLE,,,,\n")
    before = dump(bank.server)
    with pytest.raises(InvalidInput, match="There are 2 root organizations"):
        bank.server.import_usage(f"record_id,number,kind,quantity,at\n1,{BO},VOICE,60,{NOW}\n")
    assert dump(bank.server) == before


def test_concurrent_sends_of_one_batch_store_it_once(bank: Bank) -> None:
    records = [call(str(n), BO, NOW) for n in range(300)]
    query = f"mutation ($input: RecordUsageInput!) {{ recordUsage(input: $input) {{ {RECORDED} }} }}"
    token = bank.token(role="USAGE_WRITER")
    calls = [Call(query, {"input": {"records": records[::step]}}, token) for step in (1, -1, 1, -1)]
    with concurrent_servers(bank.server, 2) as servers:
        answers = servers.send_together(calls)
    assert sum(found["recordedCount"] for found in answers) == 300
    assert sum(found["repeatedCount"] for found in answers) == 900
    assert [found["userErrors"] for found in answers] == [[]] * 4
    assert bank.used()["voiceMinutes"] == 300
    assert bank.server.differences() == []


def test_a_batch_during_an_import_of_the_same_records_stores_them_once(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly(*arguments: Any, **options: Any) -> BatchResult:
        """Record the first line, and the second once the batch, which has them in reverse order, has begun."""
        if began.is_set():
            await goes_on.wait()
        result = await record_batch(*arguments, **options)
        began.set()
        return result

    monkeypatch.setattr("resolvers.imports.usage.CHUNK", 1)
    monkeypatch.setattr("resolvers.imports.usage.record_batch", slowly)
    lines = records_of_text(f"record_id,number,kind,quantity,at\n2,{BO},VOICE,60,{NOW}\n1,{BO},VOICE,60,{NOW}\n")
    query = f"mutation ($input: RecordUsageInput!) {{ recordUsage(input: $input) {{ {RECORDED} }} }}"
    variables = {"input": {"records": [call("1", BO, NOW), call("2", BO, NOW)]}}
    token = bank.token(role="USAGE_WRITER")

    async def both() -> tuple[ImportReport, dict[str, Any]]:
        loading = asyncio.create_task(import_usage(bank.server.database, lines))
        await began.wait()
        sending = asyncio.create_task(bank.server.post(query, variables, token=token))
        # Longer than PostgreSQL waits before it looks for a deadlock: of a ring, the file would be given up.
        await asyncio.wait([sending], timeout=1.2)
        goes_on.set()
        return await loading, await sending

    loaded, answer = bank.server.run(both())
    assert (loaded.imported, loaded.repeated, loaded.lines) == (2, 0, [])
    assert payload(answer) == {"recordedCount": 0, "repeatedCount": 2, "userErrors": []}
    assert bank.used()["voiceMinutes"] == 2
    assert bank.server.differences() == []


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"number": "+14185559999"}, "number", "NOT_FOUND"),
    ({"number": "tomorrow"}, "number", "INVALID_INPUT"),
    ({"number": ""}, "number", "INVALID_INPUT"),
    ({"number": "+1418\u00005550110"}, "number", "INVALID_INPUT"),
    ({"quantity": -1}, "quantity", "INVALID_INPUT"),
    ({"quantity": 10**12 + 1}, "quantity", "INVALID_INPUT"),
    ({"recordId": ""}, "recordId", "INVALID_INPUT"),
    ({"recordId": "x" * 129}, "recordId", "INVALID_INPUT"),
    ({"recordId": "a\u0000b"}, "recordId", "INVALID_INPUT"),
    ({"at": "2011-12-31T23:59:59Z"}, "at", "INVALID_INPUT"),
    ({"at": "2100-01-01T00:00:00Z"}, "at", "INVALID_INPUT"),
]


@pytest.mark.parametrize(("change", "field", "code"), WRONG)
def test_an_invalid_record_is_refused_and_writes_nothing(
    shared_bank: Bank, change: dict[str, Any], field: str, code: str
) -> None:
    error = shared_bank.refused("recordUsage", RECORDED, {"records": [call("1", BO, NOW) | change]})
    assert (error["code"], error["path"]) == (code, ["input", "records", "0", field])


def test_valid_records_of_a_batch_are_stored_when_others_are_refused(bank: Bank) -> None:
    found = bank.record(call("1", BO, NOW), call("2", "+14185559999", NOW), call("3", "+1 (418) 555-0110", NOW))
    assert (found["recordedCount"], found["repeatedCount"]) == (2, 0)
    assert found["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "message": "There is no number +14185559999 in your scope at that time.",
            "path": ["input", "records", "1", "number"],
            "numbers": ["+14185559999"],
        }
    ]
    assert bank.used()["voiceMinutes"] == 2
    assert bank.server.differences() == []


def test_the_first_refused_records_are_reported(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "REFUSALS_SHOWN", 2)
    found = bank.record(*(call(f"{n}", "+14185559999", NOW) for n in range(3)), call("3", BO, NOW))
    assert (found["recordedCount"], found["repeatedCount"]) == (1, 0)
    assert [error["path"][2] for error in found["userErrors"]] == ["0", "1"]


def test_a_refused_record_can_be_corrected_and_sent_again(bank: Bank) -> None:
    assert bank.record(call("1", "+14185559999", NOW))["recordedCount"] == 0
    bank.add("+14185559999,+1 418,Bank,AVAILABLE,,,,\n")
    bank.recorded(call("1", "+14185559999", NOW))


def test_a_batch_of_more_than_10_000_is_refused(bank: Bank) -> None:
    error = bank.refused("recordUsage", RECORDED, {"records": [call(str(n), BO, NOW) for n in range(10_001)]})
    assert (error["code"], error["path"]) == ("LIMIT_EXCEEDED", ["input", "records"])


@pytest.mark.parametrize("role", ["OWNER", "ADMIN", "USAGE_WRITER"])
def test_owners_admins_and_usage_writers_may_record_usage(bank: Bank, role: str) -> None:
    assert bank.record(call("1", BO, NOW), role=role)["recordedCount"] == 1


def test_a_viewer_may_not_record_usage(bank: Bank) -> None:
    error = bank.refused("recordUsage", RECORDED, {"records": [call("1", BO, NOW)]}, role="VIEWER")
    assert error["code"] == "FORBIDDEN"


def test_a_number_outside_the_scope_is_unknown(bank: Bank) -> None:
    sender = {"at": "Bank/Sales", "role": "USAGE_WRITER"}
    records = [call("1", ADA, NOW), call("2", "+14185559999", NOW), call("3", BO, NOW)]
    found = bank.record(*records, **sender)
    assert found["recordedCount"] == 1
    assert [error["code"] for error in found["userErrors"]] == ["NOT_FOUND", "NOT_FOUND"]
    assert found["userErrors"][0]["message"].replace(ADA, "+14185559999") == found["userErrors"][1]["message"]


def test_usage_from_before_the_number_entered_the_scope_is_refused(bank: Bank) -> None:
    bank.server.advance(60)
    bank.mutate(
        "moveNumbers",
        "changedCount",
        {"numberIds": [bank.number(RETAIL)], "organizationId": bank.organization("Bank/Sales")},
    )
    bank.server.advance(60)
    found = bank.record(
        call("1", RETAIL, NOW), call("2", RETAIL, "2026-11-21T09:01:00Z"), at="Bank/Sales", role="USAGE_WRITER"
    )
    assert found["recordedCount"] == 1
    assert [error["path"][2] for error in found["userErrors"]] == ["0"]


def test_an_empty_batch_stores_nothing(bank: Bank) -> None:
    query = "mutation { recordUsage(input: {records: []}) { recordedCount repeatedCount userErrors { code } } }"
    found = payload(bank.server.execute(query, token=bank.token(role="USAGE_WRITER")))
    assert found == {"recordedCount": 0, "repeatedCount": 0, "userErrors": []}


def test_records_are_checked_outside_the_event_loop(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    for module, name in (
        (records, "_attribute"),
        (records, "_rollup_deltas"),
        (rollups, "_merge"),
        (rollups, "_sum_up"),
    ):
        monkeypatch.setattr(module, name, _noting_thread(getattr(module, name), threads))
    monkeypatch.setattr(rollups, "MANY_DELTAS", 5)
    bank.recorded(*(call(f"{n}", BO, f"2026-11-21T0{n}:00:00Z", seconds=60) for n in range(9)))
    bank.server.fold()
    # Where totals are appended, they are merged again when they are folded.
    assert len(threads) == 9 + (4 if bank.server.database.appends_counters else 3)
    assert threading.current_thread() not in threads
    assert bank.server.differences() == []


def _noting_thread(function: Callable[..., Any], threads: list[threading.Thread]) -> Callable[..., Any]:
    def call_it(*arguments: Any, **named: Any) -> Any:
        threads.append(threading.current_thread())
        return function(*arguments, **named)

    return call_it
