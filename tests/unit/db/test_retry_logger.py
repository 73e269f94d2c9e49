"""Background work that is repeated logs an outage of the database once."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from db.core.database import Database, DatabaseConnection
from db.core.leases import Leases
from db.core.retry_logger import RetryLogger
from db.core.worker import Worker
from domain.errors import Unavailable
from resolvers.core.health import database_responds

LOGGER = logging.getLogger("dialtree.test")


class AwayDatabase:
    """A database whose server is away."""

    def read(self) -> DatabaseConnection:
        raise Unavailable("The database is not available.") from ConnectionRefusedError(111, "refused")


class Idle(Worker[Any]):
    """A worker without work."""

    async def _claim(self, *_: Any, **__: Any) -> None:
        return None

    async def _work(self, claim: Any) -> None:
        del claim


def fail(log: RetryLogger, error: Exception) -> None:
    try:
        raise error from ConnectionRefusedError(111, "refused")
    except (Unavailable, ValueError):
        log.exception()


def test_an_outage_is_logged_once_and_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log = RetryLogger(LOGGER, "cannot work")
    log.success()
    for _ in range(2):
        for _ in range(3):
            fail(log, Unavailable("The database is not available."))
        log.success()
    assert [(record.levelname, record.message, record.exc_info) for record in caplog.records] == [
        ("WARNING", "cannot work: the database is away (ConnectionRefusedError(111, 'refused')); retrying", None),
        ("INFO", "the database is back", None),
    ] * 2


def test_another_failure_is_logged_each_time_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    log = RetryLogger(LOGGER, "cannot work")
    for _ in range(2):
        fail(log, ValueError("odd"))
    assert [(record.levelname, record.message) for record in caplog.records] == [("ERROR", "cannot work; retrying")] * 2
    assert all(record.exc_info for record in caplog.records)


def test_the_tasks_of_a_worker_log_one_line(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.core.worker.POLL_SECONDS", 0.01)

    async def work() -> None:
        worker = Idle(
            cast("Database", AwayDatabase()),
            lambda: datetime.now(UTC),
            cast("Leases", None),
            wake=asyncio.Event(),
            concurrency=4,
            grace_seconds=0,
            logger=LOGGER,
        )
        worker.start()
        await asyncio.sleep(0.1)
        await worker.stop()

    asyncio.run(work())
    assert [record.message for record in caplog.records] == [
        "cannot look for work: the database is away (ConnectionRefusedError(111, 'refused')); retrying"
    ]


def test_a_readiness_check_during_an_outage_logs_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    assert not asyncio.run(database_responds(cast("Database", AwayDatabase())))
    assert [(record.levelname, record.message, record.exc_info) for record in caplog.records] == [
        ("WARNING", "the database does not answer (ConnectionRefusedError(111, 'refused'))", None)
    ]
