"""Measure Dialtree against itself: a deep page against the first, and large inventories against small ones."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.comparison import Spread, alternate, ratio, spread
from benchmarks.contenders import Contender, dialtree_serving
from benchmarks.databases import Databases, rows_of
from benchmarks.inventory import Size
from benchmarks.load import CONNECTIONS as CLIENTS
from benchmarks.load import put_under_load
from benchmarks.plot import Panel, Series, svg
from benchmarks.processes import BenchmarkError
from benchmarks.questions import Kind, Question, Sample, Variables
from benchmarks.report import rate, table, times
from benchmarks.writes import AVAILABLE, ChangedServer
from resolvers.imports.demo import ROOT_NAME

DEEP = 10_000
"""The page compared with the first one; pages have 50 rows."""

PAGE_SIZE = 50
CONNECTIONS = 4
"""Few, so that a slow search is answered often enough in a short round."""

CHANGES = f"reserve, unreserve, {CLIENTS} clients"
_NUMBERS = "SELECT number FROM phone_numbers WHERE retired_at IS NULL ORDER BY number LIMIT {limit} OFFSET {offset}"

ANSWERS = 4
"""Minimum number of answers per connection and round."""

LONGEST = 15
"""Maximum seconds of load per round. A question that needs more for enough answers is asked once, without load."""

GOAL = 1.5
"""Maximum slowdown of a deep page, or of what must not get slower as an inventory grows."""

_ROWS = (
    "nodes { id number status reservedTag series { name } organization { name } } pageInfo { hasNextPage endCursor }"
)
_UTILIZATION = "utilization { total available reserved assigned registered allocatedToSubOrganizations inUse percent }"


def _question(name: str, title: str, document: str, **variables: Any) -> Question:
    def given(_kind: Kind, _sample: Sample, _tags: str) -> Iterator[Variables]:
        yield variables

    return Question(name, title, {Kind.DIALTREE: document}, given)


FIRST_PAGE = _question("page 1", "the first page", f"{{ phoneNumbers {{ {_ROWS} }} }}")
UTILIZATION = _question("utilization", "utilization of the root", f"{{ organization {{ name {_UTILIZATION} }} }}")
LISTED = 500
UTILIZATIONS = _question(
    f"{LISTED} utilizations",
    f"utilization of {LISTED} organizations in one request",
    f"{{ organizations(first: {LISTED}) {{ nodes {{ name {_UTILIZATION} }} }} }}",
)
STEADY = (FIRST_PAGE, UTILIZATION, UTILIZATIONS)
PLOTTED = (*(question.name for question in STEADY), CHANGES)


def page_after(cursor: str) -> Question:
    """The page after a cursor."""
    document = f"query Page($after: String!) {{ phoneNumbers(after: $after) {{ {_ROWS} }} }}"
    return _question(f"page {DEEP:,}", "a page deep in the list", document, after=cursor)


def searches(number: str) -> list[Question]:
    """Five texts, from one that matches a single number to one that matches all, without and with totalCount."""
    texts = {
        number: "one number",
        number[1:5]: "four digits",
        number[2:5]: "an area code",
        number[1:3]: "two digits",
        number[1]: "one digit",
    }
    document = "query Search($text: String!) {{ phoneNumbers(filter: {{text: $text}}) {{ {selection} }} }}"
    return [
        _question(f"`{text}`, {what}{also}", "a search", document.format(selection=selection), text=text)
        for text, what in texts.items()
        for also, selection in (("", _ROWS), (", totalCount", f"totalCount {_ROWS}"))
    ]


def size_of(numbers: int) -> Size:
    """An inventory with a hundred numbers for each organization, and as many organizations as one request asks for."""
    return Size(numbers, max(LISTED, numbers // 100))


@dataclass(frozen=True, slots=True)
class Inventory:
    """Dialtree on a demo inventory."""

    name: str
    numbers: int
    server: Contender
    changed: ChangedServer
    deep: Question
    middle: str
    """The number in the middle of the list."""


Growth = Sequence[Inventory]
"""Inventories on one kind of database, the smallest first."""


@contextlib.contextmanager
def start_all(made: Databases, on_postgresql: Sequence[Size], on_sqlite: Sequence[Size]) -> Iterator[list[Growth]]:
    """Start Dialtree on inventories of these sizes on both kinds of databases."""
    with contextlib.ExitStack() as stack:

        def start(kind: str, url: str, size: Size) -> Inventory:
            name = f"{kind}, {size.numbers:,}"
            server = stack.enter_context(dialtree_serving(name, url, made.logs, root=ROOT_NAME))
            available = [row[0] for row in rows_of(url, AVAILABLE)]
            changed = ChangedServer(server, url, available)
            middle = rows_of(url, _NUMBERS.format(limit=1, offset=size.numbers // 2))[0][0]
            return Inventory(name, size.numbers, server, changed, _deep_page(server, url, size), middle)

        yield [
            [start("PostgreSQL", made.demo(size), size) for size in on_postgresql],
            [start("SQLite", made.demo_sqlite(size), size) for size in on_sqlite],
        ]


def measure(growths: Sequence[Growth], *, rounds: int, seconds: int) -> tuple[str, str]:
    """The tables of all measurements, and a plot of them as SVG."""
    depth = [_depth(inventory, rounds=rounds, seconds=seconds) for growth in growths for inventory in growth]
    tables = [table(("requests per second", FIRST_PAGE.name, "deep page", "times slower"), depth)]
    panels = []
    for growth in growths:
        rates = dict(_rates(growth, rounds=rounds, seconds=seconds))
        tables.append(_compared(growth, rates))
        panels.append(_panel(growth, rates))
    return "\n\n".join(tables), svg(panels, axis="numbers", logarithmic=True)


def _depth(inventory: Inventory, *, rounds: int, seconds: int) -> list[str]:
    """Alternate between the first page and a deep one."""
    runs = {question: _run(inventory.server, question, seconds) for question in (FIRST_PAGE, inventory.deep)}
    figures = alternate(runs, rounds=rounds)
    slower = ratio(figures[FIRST_PAGE], figures[inventory.deep])
    return [inventory.name, *(rate(spread(found)) for found in figures.values()), _judged(slower)]


Rates = Mapping[str, Sequence[Sequence[float]]]
"""By what is measured: the rates of each inventory in each round."""


def _rates(growth: Growth, *, rounds: int, seconds: int) -> Iterator[tuple[str, list[list[float]]]]:
    """Alternate each question, and changes, between the inventories."""
    for questions in zip(*(_questions(inventory) for inventory in growth), strict=True):
        runs = {
            inventory.name: _run(inventory.server, question, seconds)
            for inventory, question in zip(growth, questions, strict=True)
        }
        yield _measured(questions[0].name, runs, rounds)
    changes = {inventory.name: partial(_change, inventory, seconds) for inventory in growth}
    yield _measured(CHANGES, changes, rounds)


def _measured(name: str, runs: Mapping[str, Callable[[], float]], rounds: int) -> tuple[str, list[list[float]]]:
    figures = list(alternate(runs, rounds=rounds).values())
    print(name, *(rate(spread(found)) for found in figures), sep=" | ", flush=True)
    return name, figures


def _questions(inventory: Inventory) -> list[Question]:
    return [*STEADY, inventory.deep, *searches(inventory.middle)]


def _change(inventory: Inventory, seconds: int) -> float:
    return inventory.changed.change(seconds=seconds, connections=CLIENTS, keyed=False).rate


def _compared(growth: Growth, rates: Rates) -> str:
    header = ["requests per second", *(inventory.name for inventory in growth), "times slower"]
    return table(header, [_row(name, figures) for name, figures in rates.items()])


def _row(name: str, figures: Sequence[Sequence[float]]) -> list[str]:
    slower = ratio(figures[0], figures[-1])
    return [name, *(rate(spread(found)) for found in figures), _judged(slower)]


def _panel(growth: Growth, rates: Rates) -> Panel:
    """How much of the rate at the smallest inventory is left at the others."""
    series = [
        Series(
            name,
            [
                (inventory.numbers, spread(found).median / spread(figures[0]).median)
                for inventory, found in zip(growth, figures, strict=True)
            ],
        )
        for name, figures in rates.items()
        if name in PLOTTED
    ]
    return Panel(f"{growth[0].name.partition(',')[0]}, times the first rate", series)


def _deep_page(server: Contender, url: str, size: Size) -> Question:
    """The deep page (the last full page of a smaller inventory), after its rows were checked."""
    page = min(DEEP, size.numbers // PAGE_SIZE)
    position = (page - 1) * PAGE_SIZE
    document = "query Cursor($numbers: [E164!]) {"
    document += " phoneNumbers(filter: {numbers: $numbers}) { pageInfo { endCursor } } }"
    before = _question("cursor", "the cursor of a number", document)
    rows = rows_of(url, _NUMBERS.format(limit=PAGE_SIZE + 1, offset=position - 1))
    last, *expected = (row[0] for row in rows)
    answer = server.ask(before, {"numbers": [last]})
    deep = page_after(answer["phoneNumbers"]["pageInfo"]["endCursor"])
    (variables,) = deep.variables(server.kind, Sample(), "")
    found = [row["number"] for row in server.ask(deep, variables)["phoneNumbers"]["nodes"]]
    if found != expected:
        raise BenchmarkError(f"The page after {last} differs from the database.")
    return deep


def _run(server: Contender, question: Question, seconds: int) -> Callable[[], float]:
    (variables,) = question.variables(server.kind, Sample(), "")
    server.ask(question, variables)
    ask_once = partial(_ask_once, server, question, variables)
    needed = math.ceil(ANSWERS * CONNECTIONS / ask_once())
    return ask_once if needed > LONGEST else partial(_load, server, question, max(seconds, needed))


def _ask_once(server: Contender, question: Question, variables: Variables) -> float:
    """The rate of one request after another."""
    started = time.perf_counter()
    server.ask(question, variables)
    return 1 / (time.perf_counter() - started)


def _load(server: Contender, question: Question, seconds: int) -> float:
    bodies = question.bodies(server.kind, Sample(), "")
    load = put_under_load(server.url, bodies, headers=server.headers, seconds=seconds, connections=CONNECTIONS)
    return load.rate


def _judged(slower: Spread) -> str:
    return f"{times(slower)}, goal {GOAL:g}{' met' if slower.median <= GOAL else ' missed'}"
