"""`dialtree serve --workers`: real processes that are killed, replaced and stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from db.core.migrations import migrate
from tests.support.server_process import ServerProcess, create_bank, run_command, server_process, wait_until_ended
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

SIGN_IN = 'mutation { signIn(input: { email: "a@bank.example", password: "wrong" }) { userErrors { code } } }'
REFUSED = {"data": {"signIn": {"userErrors": [{"code": "INVALID_CREDENTIALS"}]}}}
FROZEN_SECONDS = 8
"""Longer than uvicorn's own supervisor would wait for a worker."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'dialtree.db'}"
    asyncio.run(migrate(url))
    return url


@contextmanager
def two_workers(folder: Path, url: str) -> Iterator[ServerProcess]:
    with server_process(folder, "--workers", "2", environment={"DIALTREE_DATABASE_URL": url}) as server:
        wait_until(lambda: len(ready(server)) == 2, lambda: server.log.read_text(encoding="utf-8"))
        yield server


def ready(server: ServerProcess) -> set[int]:
    """The workers that serve."""
    log = server.log.read_text(encoding="utf-8")
    return {pid for pid in server.workers if f"Started server process [{pid}]" in log}


def ask(server: ServerProcess, query: str, token: str | None = None) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.address, headers=headers, timeout=PATIENCE, trust_env=False) as client:
        return client.post("/graphql", json={"query": query}).json()


@contextmanager
def waiting_request(server: ServerProcess, url: str) -> Iterator[Future[Any]]:
    """A request that is being answered for as long as the block lasts: it waits for the lock on the database."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as threads:
            future = threads.submit(ask, server, SIGN_IN)
            with pytest.raises(TimeoutError):
                future.result(2)
            yield future
            other.execute("ROLLBACK")


def test_workers_are_replaced_add_up_their_metrics_and_finish_their_requests(tmp_path: Path, url: str) -> None:
    with two_workers(tmp_path, url) as server:
        token = run_command(
            url, "key", "create", "--name", "k", "--organization", create_bank(url), "--role", "OWNER"
        ).strip()
        for _ in range(10):
            assert "errors" not in ask(server, "{ viewer { id } }", token)
        killed, kept = sorted(server.workers)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(ready(server)) == 2 and killed not in server.workers, lambda: f"{killed} stays")
        assert kept in server.workers
        for _ in range(10):
            assert "errors" not in ask(server, "{ viewer { id } }", token)
        metrics = httpx.get(
            f"{server.address}/metrics", headers={"Authorization": f"Bearer {token}"}, trust_env=False
        ).text
        assert 'dialtree_requests_total{outcome="ok"} 20.0' in metrics
        wait_until(
            lambda: all(f'process="{pid}"' in scrape(server, token) for pid in server.workers), lambda: "no samples"
        )
        assert f'process="{killed}"' not in scrape(server, token)
        workers = server.workers
        with waiting_request(server, url) as answer:
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "Shutting down" in server.log.read_text(encoding="utf-8"), lambda: "it goes on")
        assert answer.result(PATIENCE) == REFUSED
        assert server.process.wait(PATIENCE) == 0
        wait_until_ended(workers)
    log = server.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert f"worker {killed} ended unexpectedly (SIGKILL); replacing it" in log


@pytest.mark.long
def test_ctrl_c_stops_all_processes(tmp_path: Path, url: str) -> None:
    with two_workers(tmp_path, url) as server:
        workers = server.workers
        for pid in workers:
            os.kill(pid, signal.SIGINT)
        assert server.stop(signal.SIGINT) == 0
        wait_until_ended(workers)
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


@pytest.mark.long
def test_workers_stop_when_their_parent_is_killed(tmp_path: Path, url: str) -> None:
    with two_workers(tmp_path, url) as server:
        workers = server.workers
        server.process.kill()
        wait_until_ended(workers)


@pytest.mark.long
def test_a_worker_that_does_not_answer_for_a_while_is_kept(tmp_path: Path, url: str) -> None:
    with server_process(tmp_path, "--workers", "2", environment={"DIALTREE_DATABASE_URL": url}, ready=False) as server:
        wait_until(lambda: len(server.workers) == 2, lambda: "no workers")
        workers = server.workers
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(FROZEN_SECONDS)
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: ready(server) == workers, lambda: server.log.read_text(encoding="utf-8"))
        assert server.stop() == 0


@pytest.mark.long
def test_a_request_beyond_the_time_limit_does_not_keep_the_server_from_stopping(tmp_path: Path, url: str) -> None:
    environment = {"DIALTREE_DATABASE_URL": url, "DIALTREE_REQUEST_SECONDS": "3"}
    with (
        server_process(tmp_path, "--workers", "2", environment=environment) as server,
        waiting_request(server, url) as answer,
    ):
        assert server.stop() == 0
        assert answer.result(PATIENCE)["errors"][0]["extensions"]["code"] == "TIMEOUT"


def scrape(server: ServerProcess, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{server.address}/metrics", headers=headers, timeout=PATIENCE, trust_env=False).text
