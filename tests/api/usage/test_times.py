"""Times of usage records: RFC 3339 through the API and from a file."""

from __future__ import annotations

from tests.api.usage.conftest import RECORDED, Bank, call
from tests.support.database_dump import dump

NUMBER = "+14185550100"
HEADER = "record_id,number,kind,direction,quantity,billable,at\n"
DOCUMENT = f"mutation ($input: RecordUsageInput!) {{ recordUsage(input: $input) {{ {RECORDED} }} }}"
VALID = [
    "2016-12-31T23:59:60Z",
    "2017-01-01T00:59:60+01:00",
    "2026-11-01t10:00:00z",
    "2026-11-01T10:00:00.123456789Z",
    "2026-11-01T10:00:00-00:00",
]
INVALID = [
    "2026-11-01T10:00:00",
    "2026-11-01 10:00:00Z",
    "2026-11-01T10:00:00,5Z",
    "20261101T100000Z",
    "2026-W44-7T10:00:00Z",
    "2026-11-01T10:00Z",
    "2026-11-01T10:00:00+0100",
    "2026-11-01T10:00:00+24:00",
    "2026-11-01T10:00:60Z",
    "2026-11-01T24:00:00Z",
    "2026-02-29T10:00:00Z",
    "1793527200",
]


def rows(times: list[str]) -> str:
    lines = [f'r{index},{NUMBER},VOICE,INCOMING,60,true,"{at}"\n' for index, at in enumerate(times)]
    return HEADER + "".join(lines)


def test_valid_times_are_the_same_from_a_file_and_through_the_api(bank: Bank) -> None:
    report = bank.server.import_usage(rows(VALID))
    assert (report.imported, report.lines) == (len(VALID), [])
    repeated = bank.record(
        *(call(f"r{index}", NUMBER, at) | {"direction": "INCOMING"} for index, at in enumerate(VALID))
    )
    assert repeated == {"recordedCount": 0, "repeatedCount": len(VALID), "userErrors": []}
    leap = "query ($id: ID) { organization(id: $id) { dashboard { allTime { voiceMinutes } } } }"
    assert bank.ask(leap, {"id": bank.organization("Bank")})["organization"]["dashboard"]["allTime"] == {
        "voiceMinutes": 5
    }


def test_other_times_are_refused_and_nothing_is_recorded(bank: Bank) -> None:
    token = bank.token()
    before = dump(bank.server)
    report = bank.server.import_usage(rows(INVALID))
    assert (report.imported, [bad.line for bad in report.lines]) == (0, list(range(2, len(INVALID) + 2)))
    assert "'2026-11-01T10:00:00' is not an RFC 3339 time with a UTC offset" in report.lines[0].message
    for at in INVALID:
        answer = bank.server.execute(DOCUMENT, {"input": {"records": [call("1", NUMBER, at)]}}, token=token)
        assert "RFC 3339" in answer["errors"][0]["message"], at
    assert dump(bank.server) == before
