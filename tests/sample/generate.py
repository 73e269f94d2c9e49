"""Make the sample: `python tests/sample/generate.py` writes the three files beside this one.

It shares no code with the server. What is expected is computed from the clean facts, before they are written down in
every messy notation that a real file has.
"""

from __future__ import annotations

import csv
import io
import json
import random
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
SEED = 20261121
COUNT = 400
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
    ("Harbour Freight/Office/sales & co", "America/New_York", ""),
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


def make_facts(chance: random.Random) -> list[Fact]:
    facts: dict[str, Fact] = {}
    places = [path for path, _, _ in ORGANIZATIONS if not path.endswith("/Empty")]
    while len(facts) < COUNT:
        series, country, area, digits = chance.choice(SERIES)
        # What follows begins with 2 to 8, as local numbers do.
        number = f"+{country}{area}{chance.randint(2, 8)}{chance.randrange(10 ** (digits - 1)):0{digits - 1}}"
        status = chance.choices(STATUSES, WEIGHTS)[0]
        tag = unicodedata.normalize("NFC", chance.choice(TAGS)) if status == "RESERVED" else ""
        facts[number] = Fact(number, series, chance.choice(places), status, tag)
    return list(facts.values())


def messy_number(number: str, chance: random.Random) -> str:
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
    return chance.choice(notations)


def messy_status(status: str, chance: random.Random) -> str:
    written = [status, status.lower(), status.title(), f" {status} "]
    return chance.choice([*written, ""] if status == "AVAILABLE" else written)


def messy_row(fact: Fact, index: int, chance: random.Random) -> list[str]:
    person = ["", "", ""]
    if fact.status in {"ASSIGNED", "IN_USE"}:
        person = [*chance.choice(PEOPLE), f"Person{index}@harbour.example"]
    tag = chance.choice([fact.tag, f" {fact.tag} ", unicodedata.normalize("NFD", fact.tag)]) if fact.tag else ""
    return [
        messy_number(fact.number, chance),
        fact.series,
        fact.organization,
        messy_status(fact.status, chance),
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


def written_csv(header: str, rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same sample every time
    facts = make_facts(chance)
    rows = [(None, messy_row(fact, index, chance)) for index, fact in enumerate(facts)]
    lines: list[tuple[str | None, list[str]]] = list(rows)
    bad = bad_rows(facts)
    for index, (why, row) in enumerate(bad):
        lines.insert((index + 1) * len(facts) // len(bad), (why, row))
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
    }
    header = "number,series,organization,status,reserved_tag,first_name,last_name,email"
    numbers_csv = written_csv(header, [row for _, row in lines])
    organizations_csv = written_csv("path,time_zone,threshold", [list(row) for row in ORGANIZATIONS])
    # With the byte-order mark that spreadsheets write.
    (FOLDER / "numbers.csv").write_text(numbers_csv, encoding="utf-8-sig", newline="")
    (FOLDER / "organizations.csv").write_text(organizations_csv, encoding="utf-8-sig", newline="")
    (FOLDER / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
