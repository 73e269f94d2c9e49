"""Inventories for tests of lists: ties and blanks everywhere, and every special character that a tag can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from tests.support.databases import Databases
from tests.support.expected_listings import Fact, csv_of
from tests.support.server import Server, opened

TREE = (
    "Acme",
    "Acme/Sales",
    "Acme/Sales/Team",
    "Acme/Sales/Team/Night",
    "Acme/Support",
    "Acme/Support/Team",
    "Acme/Zürich/team",
    "Acme/Zürich",
    "Acme/zulu",
    "Rival",
    "Rival/Team",
)
SERIES = ("+1 418", "Toll free", "toll FREE 2", "Émile", "emile", "~last")
TAGS = (
    "sales",
    "Sales",
    "SALES",
    "sales",
    "sales_14182",
    "Café",
    "Cafe\u0301 2",
    "cafe",
    "ÉMILE",
    "émile",
    "Straße",
    "STRASSE",
    "100%",
    "100%_match",
    "a_b",
    "a\\b",
    "\\",
    "O'Brien",
    'say "yes"',
    "=cmd|calc",
    "%",
    "_",
    "-- ; drop",
    "日本 東京",
    "\U0001d4b3-band",
    "ﬁne",
    "1418-tag",
    "q1 2027",
    "Z",
    "z",
)
STATUSES = ("AVAILABLE", "RESERVED", "AVAILABLE", "RESERVED", "IN_USE", "RESERVED", "ASSIGNED")
PREFIXES = ("+1418898", "+1514555", "+3314418", "+4930418", "+1418418")


def facts(count: int) -> list[Fact]:
    """Numbers of five countries and areas over a tree of two roots, in which nearly every value repeats."""
    made = []
    for index in range(count):
        status = STATUSES[index % len(STATUSES)]
        organization = TREE[(index * 5 + index // 11) % len(TREE)]
        prefix = PREFIXES[index % len(PREFIXES)]
        made.append(
            Fact(
                number=f"{prefix}{(index * 7919) % 10_000:04}",
                series=SERIES[(index * 3 + index // 7) % len(SERIES)],
                organization=organization,
                status=status,
                tag=TAGS[(index // 2) % len(TAGS)] if status == "RESERVED" else None,
            )
        )
    assert len({fact.number for fact in made}) == count
    return made


@dataclass(frozen=True)
class Inventory:
    """A server that holds the facts; the ids of organizations go by written path, those of series by root and name."""

    server: Server
    facts: Sequence[Fact]
    token: str
    organizations: dict[str, str]
    series: dict[tuple[str, str], str]


def load(server: Server, wanted: Sequence[Fact], *, batches: int = 3) -> list[Fact]:
    """Import the tree and the facts, at `batches` moments; the facts with the moment at which each was stored."""
    report = server.import_organizations("path\n" + "".join(f"{path}\n" for path in TREE))
    assert report.lines == []
    stored: list[Fact] = []
    numbered = enumerate(wanted)
    for _, batch in groupby(sorted(numbered, key=lambda pair: pair[0] % batches), key=lambda pair: pair[0] % batches):
        server.advance(60)
        some = [replace(fact, updated_at=server.clock()) for _, fact in batch]
        report = server.import_numbers(csv_of(some))
        assert (report.imported, report.lines) == (len(some), [])
        stored += some
    return stored


def inventory_of(server: Server, wanted: Sequence[Fact]) -> Inventory:
    """Load the facts into an empty server, and look up the ids."""
    stored = load(server, wanted)
    token = server.create_key(organization="Acme", role="OWNER")
    organizations: dict[str, str] = {}
    series: dict[tuple[str, str], str] = {}
    for root in ("Acme", "Rival"):
        reader = token if root == "Acme" else server.create_key(organization=root, role="VIEWER")
        found = server.ask(
            """{
              organizations(first: 500) { nodes { id name ancestors { name } } }
              series(first: 500) { nodes { id name } }
            }""",
            token=reader,
        )
        organizations |= {_path(node): node["id"] for node in found["organizations"]["nodes"]}
        series |= {(root, node["name"]): node["id"] for node in found["series"]["nodes"]}
    return Inventory(server, stored, token, organizations, series)


def _path(node: dict[str, Any]) -> str:
    return "/".join(above["name"] for above in [*node["ancestors"], node])


@contextmanager
def running_inventory(databases: Databases, count: int) -> Iterator[Inventory]:
    """An inventory over a database of its own."""
    with opened(databases) as server:
        yield inventory_of(server, facts(count))
