"""Make the sample: `python tests/support/sample/generate.py` writes the four files beside this one.

It shares no code with the server. What is expected is computed from the clean facts, before they are written down in
every messy notation that a real file has.
"""

from __future__ import annotations

import csv
import io
import json
import random
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parent
SEED = 20261121
COUNT = 400
USAGE_COUNT = 600
STATUSES = ("AVAILABLE", "RESERVED", "ASSIGNED", "IN_USE")
WEIGHTS = (60, 15, 8, 17)
# Path, time zone, threshold; children stand before their parents now and then.
ORGANIZATIONS = (
    ("Harbour Freight", "America/Montreal", "90"),
    ("Harbour Freight/Docks/Night \\/ Day", "", ""),
    ("Harbour Freight/Docks", "America/Montreal", "75"),
    ("Harbour Freight/Übersee", "Europe/Berlin", ""),
    ("Harbour Freight/Übersee/Bremen", "Europe/Berlin", "50"),
    ("Harbour Freight/Übersee/Bremen/Docks", "", "1"),
    ("Harbour Freight/Office", "", "100"),
    ("Harbour Freight/Office/Sales & Co", "America/New_York", ""),
    ("Harbour Freight/Office/Sales & Sons", "America/New_York", ""),
    ("Harbour Freight/Office/Sales & Co/East", "", "80"),
    ("Harbour Freight/Office/Sales & Co/East/Very Deep", "", ""),
    ("Harbour Freight/Empty", "Asia/Kolkata", "80"),
)
# Series, country code, area code, and how many digits follow.
SERIES = (
    ("+1 418 Quebec", "1", "418", 7),
    ("+1 514 Montreal", "1", "514", 7),
    ("+49 30 Berlin", "49", "30", 8),
    ("+33 1 Paris", "33", "1", 8),
)
TAGS = (
    "salestag",
    "sales_14182",
    "14787614181418_salestag",
    "100%_match",
    "back\\slash",
    "O'Hara",
    'say "hello"',
    "=cmd|calc",
    "CAFÉ",
    "Cafe\u0301 corner",
    "Émile",
    "2027-Q1",
    "日本",
    "trunk line, spare",
)
SEARCHES = (
    "1418",
    "418",
    "sales",
    "SALESTAG",
    "%",
    "_",
    "\\",
    "'",
    '"',
    "=cmd",
    "café",
    "émile",
    "14182",
    "2027-q1",
    "日",
    "9",
    "zzz-none",
)
PEOPLE = (("Ada", "Lovelace"), ("José", "Müller"), ("Siân", "O'Neil"), ("Grace", "Hopper"))


@dataclass(frozen=True)
class Fact:
    number: str
    series: str
    organization: str
    status: str
    tag: str


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def make_facts(rng: random.Random) -> list[Fact]:
    facts: dict[str, Fact] = {}
    places = [path for path, _, _ in ORGANIZATIONS if not path.endswith("/Empty")]
    while len(facts) < COUNT:
        series, country, area, digits = rng.choice(SERIES)
        # What follows begins with 2 to 8, as local numbers do.
        number = f"+{country}{area}{rng.randint(2, 8)}{rng.randrange(10 ** (digits - 1)):0{digits - 1}}"
        status = rng.choices(STATUSES, WEIGHTS)[0]
        tag = unicodedata.normalize("NFC", rng.choice(TAGS)) if status == "RESERVED" else ""
        facts[number] = Fact(number, series, rng.choice(places), status, tag)
    return list(facts.values())


def messy_number(number: str, rng: random.Random) -> str:
    notations = [number, f" {number} ", f"{number[:3]} {number[3:6]} {number[6:]}"]
    if number.startswith("+1"):
        area, exchange, line = number[2:5], number[5:8], number[8:]
        notations += [
            f"({area}) {exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"1-{area}-{exchange}-{line}",
            f"+1 {area} {exchange} {line}",
            number[2:],
        ]
    return rng.choice(notations)


def messy_status(status: str, rng: random.Random) -> str:
    written = [status, status.lower(), status.title(), f" {status} "]
    return rng.choice([*written, ""] if status == "AVAILABLE" else written)


def messy_row(fact: Fact, index: int, rng: random.Random) -> list[str]:
    person = ["", "", ""]
    if fact.status in {"ASSIGNED", "IN_USE"}:
        person = [*rng.choice(PEOPLE), f"Person{index}@harbour.example"]
    tag = rng.choice([fact.tag, f" {fact.tag} ", unicodedata.normalize("NFD", fact.tag)]) if fact.tag else ""
    return [
        messy_number(fact.number, rng),
        fact.series,
        fact.organization,
        messy_status(fact.status, rng),
        tag,
        *person,
    ]


def bad_rows(facts: list[Fact]) -> list[tuple[str, list[str]]]:
    """A line of every kind that is wrong; each duplicate stands below the line that it repeats."""
    first, second = facts[0], facts[1]
    series, place = first.series, first.organization
    nobody = ["", "", ""]
    return [
        ("duplicate", [first.number, first.series, place, "AVAILABLE", "", *nobody]),
        ("duplicate", [f" {second.number[:5]} {second.number[5:]} ", second.series, place, "", "", *nobody]),
        ("unknown status", ["+14185550001", series, place, "BUSY", "", *nobody]),
        ("unknown organization", ["+14185550002", series, "Harbour Freight/Nowhere", "AVAILABLE", "", *nobody]),
        ("not a number", ["12ab", series, place, "AVAILABLE", "", *nobody]),
        ("blank tag", ["+14185550003", series, place, "RESERVED", "   ", *nobody]),
        ("no user", ["+14185550004", series, place, "IN_USE", "", *nobody]),
        ("bad mail address", ["+14185550005", series, place, "ASSIGNED", "", "Ada", "Lovelace", "nobody"]),
    ]


def utilization(facts: list[Fact]) -> dict[str, dict[str, int]]:
    found = {}
    for written, _, _ in ORGANIZATIONS:
        held = Counter(fact.status for fact in facts if fact.organization == written)
        below = sum(fact.organization.startswith(written + "/") for fact in facts)
        figures = {
            "available": held["AVAILABLE"],
            "reserved": held["RESERVED"],
            "assigned": held["ASSIGNED"],
            "registered": held["IN_USE"],
            "allocatedToSubOrganizations": below,
        }
        figures["inUse"] = sum(figures.values()) - figures["available"]
        figures["total"] = figures["inUse"] + figures["available"]
        found[written.replace("\\/", "/")] = figures
    return found


def search(facts: list[Fact], text: str) -> dict[str, object]:
    numbers = sorted(fact.number for fact in facts if text in fact.number or folded(text) in folded(fact.tag))
    return {"count": len(numbers), "first": numbers[:60]}


@dataclass(frozen=True)
class Usage:
    record_id: str
    number: str
    kind: str
    direction: str
    quantity: int
    billable: bool
    at: datetime


def make_usage(facts: list[Fact], rng: random.Random) -> list[Usage]:
    """Records of 90 days, many of them around the midnight of some zone at the end of a month."""
    made = []
    for index in range(USAGE_COUNT):
        at = datetime(2026, 8, 24, tzinfo=UTC) + timedelta(seconds=rng.randrange(90 * 86_400))
        if index % 4 == 0:
            at = datetime(2026, rng.choice((9, 10, 11)), 1, tzinfo=UTC)
            at += timedelta(seconds=rng.randrange(-12 * 3600, 12 * 3600))
        kind, largest = rng.choice((("VOICE", 3600), ("MESSAGE", 3), ("DATA", 50_000_000)))
        direction = rng.choice(("INCOMING", "OUTGOING", ""))
        quantity, billable = rng.randint(0, largest), rng.random() < 0.8
        made.append(Usage(f"cdr-{index}", rng.choice(facts).number, kind, direction, quantity, billable, at))
    return made


def usage_row(usage: Usage, rng: random.Random) -> list[str]:
    local = usage.at.astimezone(ZoneInfo(rng.choice(("UTC", "Asia/Kolkata", "America/St_Johns"))))
    billable = rng.choice(("true", "True", "1", "") if usage.billable else ("false", "FALSE", "0"))
    number = messy_number(usage.number, rng) if usage.number.startswith("+1") else usage.number
    if not number.strip().startswith("+"):
        number = usage.number
    kind = rng.choice((usage.kind, usage.kind.lower()))
    at = local.isoformat().replace("+00:00", "Z")
    return [usage.record_id, number, kind, usage.direction, str(usage.quantity), billable, at]


def billable_by_month(usage: list[Usage], zone: str) -> dict[str, dict[str, int]]:
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for one in usage:
        if one.billable:
            month = months[f"{one.at.astimezone(ZoneInfo(zone)):%Y-%m}"]
            month[one.kind] = month.get(one.kind, 0) + one.quantity
    return dict(months)


def written_csv(header: str, rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    rng = random.Random(SEED)  # noqa: S311 - the same sample every time
    facts = make_facts(rng)
    rows = [(None, messy_row(fact, index, rng)) for index, fact in enumerate(facts)]
    lines: list[tuple[str | None, list[str]]] = list(rows)
    bad = bad_rows(facts)
    for index, (why, row) in enumerate(bad):
        lines.insert((index + 1) * len(facts) // len(bad), (why, row))
    usage = make_usage(facts, rng)
    repeated = rng.sample(usage, 20)
    numbers = sorted(fact.number for fact in facts)
    expected = {
        "seed": SEED,
        "organizations": len(ORGANIZATIONS),
        "numbers": len(facts),
        "bad_lines": [{"line": at, "why": why} for at, (why, _) in enumerate(lines, 2) if why is not None],
        "utilization": utilization(facts),
        "search": {text: search(facts, text) for text in SEARCHES},
        "by_status": dict(Counter(fact.status for fact in facts)),
        "by_series": dict(Counter(fact.series for fact in facts)),
        "all_first_100": numbers[:100],
        "all_last_100": numbers[-100:],
        "usage_billable_by_month_utc": billable_by_month(usage, "UTC"),
        "usage_billable_by_month_in_root_zone": billable_by_month(usage, ORGANIZATIONS[0][1]),
        "root_zone": ORGANIZATIONS[0][1],
        "usage_distinct": len(usage),
    }
    header = "number,series,organization,status,reserved_tag,first_name,last_name,email"
    numbers_csv = written_csv(header, [row for _, row in lines])
    usage_header = "record_id,number,kind,direction,quantity,billable,at"
    usage_csv = written_csv(usage_header, [usage_row(one, rng) for one in (*usage, *repeated)])
    organizations_csv = written_csv("path,time_zone,threshold", [list(row) for row in ORGANIZATIONS])
    # With the byte-order mark that spreadsheets write.
    (FOLDER / "numbers.csv").write_text(numbers_csv, encoding="utf-8-sig", newline="")
    (FOLDER / "organizations.csv").write_text(organizations_csv, encoding="utf-8-sig", newline="")
    (FOLDER / "usage.csv").write_text(usage_csv, encoding="utf-8", newline="")
    (FOLDER / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
