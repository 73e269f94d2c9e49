"""Measure Dialtree against itself: a deep page against the first, and a large inventory against a small one."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.comparison import Spread, alternate, ratio, spread
from benchmarks.contenders import Contender, dialtree_serving
from benchmarks.databases import Databases, fetch
from benchmarks.equality import check_equal
from benchmarks.inventory import Size
from benchmarks.load import put_under_load
from benchmarks.processes import BenchmarkError
from benchmarks.questions import Kind, Question, Sample, Variables
from benchmarks.report import rate, table, times

SMALL = 10_000
DEEP = 10_000
"""The page compared with the first one; pages have 50 rows."""

PAGE_SIZE = 50
CONNECTIONS = 4
"""Few, so that a slow search is answered often enough in a short round."""

ANSWERS = 4
"""Minimum number of answers per connection and round."""

LONGEST = 15
"""Maximum seconds per round for a slow question."""

GOAL = 1.5
"""Maximum slowdown of a deep page, or of a page or utilization of a large inventory."""

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
UTILIZATIONS = _question(
    "500 utilizations",
    "utilization of 500 organizations in one request",
    f"{{ organizations(first: 500) {{ nodes {{ name {_UTILIZATION} }} }} }}",
)
STEADY = (FIRST_PAGE, UTILIZATION, UTILIZATIONS)
"""Questions that must not get slower as the inventory grows."""


def page_after(cursor: str, *, page: int) -> Question:
    """The page after a cursor."""
    document = f"query Page($after: String!) {{ phoneNumbers(after: $after) {{ {_ROWS} }} }}"
    return _question(f"page {page:,}", "a page deep in the list", document, after=cursor)


def searches(number: str) -> list[Question]:
    """Five texts, from one that matches a single number to one that matches all, without and with totalCount."""
    texts = {
        number: "one number",
        "1418": "four digits",
        "212": "an area code",
        "14": "two digits",
        "1": "one digit",
    }
    document = "query Search($text: String!) {{ phoneNumbers(filter: {{text: $text}}) {{ {selection} }} }}"
    return [
        _question(f"`{text}`, {what}{also}", "a search", document.format(selection=selection), text=text)
        for text, what in texts.items()
        for also, selection in (("", _ROWS), (", totalCount", f"totalCount {_ROWS}"))
    ]


@dataclass(frozen=True, slots=True)
class Pair:
    """Dialtree on one kind of database: with the small inventory and with the large one."""

    small: Contender
    large: Contender


@contextlib.contextmanager
def start_all(databases: Databases, large: Size, logs: Path) -> Iterator[list[Pair]]:
    """Start Dialtree on both databases, in both sizes."""
    small = Size(SMALL, large.organizations)
    with contextlib.ExitStack() as stack:

        def start(name: str, url: str) -> Contender:
            return stack.enter_context(dialtree_serving(name, url, logs))

        yield [
            Pair(
                start(f"{name}, {small.numbers:,}", copy(small, "small")),
                start(f"{name}, {large.numbers:,}", copy(large, "large")),
            )
            for name, copy in (("PostgreSQL", databases.postgresql), ("SQLite", databases.sqlite))
        ]


def measure(pairs: Sequence[Pair], numbers: Sequence[str], *, rounds: int, seconds: int) -> str:
    """Tables of all measurements; `numbers` are all numbers of the large inventory, in order."""
    deep = _deep_page(pairs[0].large, numbers)
    check_equal(deep, [pair.large for pair in pairs], Sample(), tags="")
    depth = [_depth(pair.large, deep, rounds=rounds, seconds=seconds) for pair in pairs]
    header = ["requests per second"]
    for pair in pairs:
        header += [pair.small.name, pair.large.name, "times slower"]
    growth = []
    for question in (*STEADY, *searches(numbers[len(numbers) // 2])):
        growth.append(_growth(question, pairs, rounds=rounds, seconds=seconds))
        print(*growth[-1], sep=" | ", flush=True)
    return "\n\n".join(
        (table(["requests per second", FIRST_PAGE.name, deep.name, "times slower"], depth), table(header, growth))
    )


def _depth(server: Contender, deep: Question, *, rounds: int, seconds: int) -> list[str]:
    """Alternate between the first page and a deep one."""
    runs = {question: _run(server, question, seconds) for question in (FIRST_PAGE, deep)}
    figures = alternate(runs, rounds=rounds)
    slower = ratio(figures[FIRST_PAGE], figures[deep])
    return [server.name, *(rate(spread(found)) for found in figures.values()), _judged(slower)]


def _growth(question: Question, pairs: Sequence[Pair], *, rounds: int, seconds: int) -> list[str]:
    """Alternate one question between all servers, after those with the same inventory gave equal answers."""
    small, large = [pair.small for pair in pairs], [pair.large for pair in pairs]
    check_equal(question, small, Sample(), tags="")
    check_equal(question, large, Sample(), tags="")
    figures = alternate(
        {server.name: _run(server, question, seconds) for server in (*small, *large)},
        rounds=rounds,
    )
    cells = [question.name]
    for pair in pairs:
        small_rates, large_rates = figures[pair.small.name], figures[pair.large.name]
        slower = ratio(small_rates, large_rates)
        cells += [
            rate(spread(small_rates)),
            rate(spread(large_rates)),
            _judged(slower) if question in STEADY else times(slower),
        ]
    return cells


def _deep_page(server: Contender, numbers: Sequence[str]) -> Question:
    """The deep page (the last full page of a smaller inventory), after its rows were checked."""
    page = min(DEEP, len(numbers) // PAGE_SIZE)
    position = (page - 1) * PAGE_SIZE
    document = "query Cursor($numbers: [E164!]) {"
    document += " phoneNumbers(filter: {numbers: $numbers}) { pageInfo { endCursor } } }"
    before = _question("cursor", "the cursor of a number", document)
    answer = server.ask(before, {"numbers": [numbers[position - 1]]})
    deep = page_after(answer["phoneNumbers"]["pageInfo"]["endCursor"], page=page)
    (variables,) = deep.variables(server.kind, Sample(), "")
    rows = server.ask(deep, variables)["phoneNumbers"]["nodes"]
    if [row["number"] for row in rows] != list(numbers[position : position + PAGE_SIZE]):
        raise BenchmarkError(f"The page after {numbers[position - 1]} differs from the database.")
    return deep


def _run(server: Contender, question: Question, seconds: int) -> Callable[[], float]:
    (variables,) = question.variables(server.kind, Sample(), "")
    server.ask(question, variables)
    started = time.perf_counter()
    server.ask(question, variables)
    needed = math.ceil(ANSWERS * CONNECTIONS * (time.perf_counter() - started))
    return partial(_load, server, question, min(max(seconds, needed), LONGEST))


def _load(server: Contender, question: Question, seconds: int) -> float:
    bodies = question.bodies(server.kind, Sample(), "")
    load = put_under_load(server.url, bodies, headers=server.headers, seconds=seconds, connections=CONNECTIONS)
    return load.rate


def numbers_of(url: str) -> list[str]:
    """All numbers of a PostgreSQL database, in order."""
    rows = asyncio.run(fetch(url, 'SELECT number FROM phone_numbers ORDER BY number COLLATE "C"'))
    return [row["number"] for row in rows]


def _judged(slower: Spread) -> str:
    return f"{times(slower)}, goal {GOAL:g}{' met' if slower.median <= GOAL else ' missed'}"
