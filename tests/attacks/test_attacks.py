"""A real server answers attacks cleanly, keeps serving, and changes nothing for anonymous attackers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.attacks import connections, operations, requests_over_http, subscriptions
from tests.attacks.attack import Attack
from tests.attacks.target import Target, attacked
from tests.support.databases import Databases

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

ALL = [*requests_over_http.ALL, *operations.ALL, *connections.ALL, *subscriptions.ALL]
SAMPLE = [attack for attack in ALL if not attack.is_open][::24]
ATTACKERS = 4
MAX_GROWTH = 50 * 2**20
UNAVAILABLE = 503

PYTHON_WORDS = re.compile(
    r"""Traceback|\.py\b|\bPython\b|\bsys\.|site-packages|object\ has\ no|NoneType|<class|\bdict\b|coroutine
    |(Key|Value|Type|Attribute|Unicode\w*|Recursion|Assertion|Overflow|Integrity|Operational|Index|Runtime)Error
    |codec\ can|asyncio|asyncpg|sqlalchemy|sqlite|postgres|strawberry|graphql-core|uvicorn|starlette|orjson|msgspec
    |__init__|\bself\.|SELECT\ |INSERT\ |INTERNAL_SERVER_ERROR""",
    re.VERBOSE,
)


@pytest.fixture
def target(databases: Databases, tmp_path: Path) -> Iterator[Target]:
    with attacked(databases, tmp_path) as prepared:
        yield prepared


def wrong(attack: Attack, answer: bytes) -> list[str]:
    """What is wrong about the answer to an attack."""
    text = answer.decode("utf-8", errors="replace")
    statuses = [int(status) for status in re.findall(r"HTTP/1\.1 (\d{3}) ", text)]
    found = [f"status {status}" for status in statuses if status >= 500 and status != UNAVAILABLE]
    found += [f"says {word.group()!r}" for word in PYTHON_WORDS.finditer(text)]
    if attack.statuses is not None and not attack.statuses.issuperset(set(statuses) - {100}):
        found.append(f"statuses {statuses}")
    if not statuses and attack.data and not attack.is_open:
        found.append("no answer")
    return [f"{attack.name}: {problem}: {text[-600:]}" for problem in found]


def send_all(target: Target, attacks: Sequence[Attack], *, signed_in: bool) -> list[str]:
    """Send attacks, several at the same time, and return what is wrong about the answers."""

    def send(attack: Attack) -> list[str]:
        found = wrong(attack, target.send(attack, signed_in=signed_in))
        if not target.is_serving():
            found.append(f"{attack.name}: the server does not serve")
        return found

    waiting = [attack for attack in attacks if attack.is_open]
    with ThreadPoolExecutor(ATTACKERS) as threads, ThreadPoolExecutor(len(waiting) + 1) as waiters:
        held = waiters.map(send, waiting)
        sent = list(threads.map(send, [attack for attack in attacks if not attack.is_open]))
        return [problem for found in (*sent, *held) for problem in found]


def check(target: Target, attacks: Sequence[Attack]) -> None:
    # Caches and buffers of full size are no leak.
    send_all(target, [attack for attack in attacks if not attack.is_open], signed_in=True)
    memory, rows = target.memory(), target.rows()
    assert send_all(target, attacks, signed_in=False) == []
    assert target.rows() == rows
    assert send_all(target, attacks, signed_in=True) == []
    assert target.differences() == []
    assert target.memory() - memory < MAX_GROWTH
    assert "Traceback" not in target.server.log.read_text(encoding="utf-8")


def test_attacks_have_names_of_their_own() -> None:
    names = [attack.name for attack in ALL]
    assert [name for name in names if names.count(name) > 1] == []
    assert len(names) > 250


def test_a_server_stands_a_sample_of_attacks(target: Target) -> None:
    check(target, SAMPLE)


@pytest.mark.long
def test_a_server_stands_all_attacks(target: Target) -> None:
    check(target, ALL)
