"""A job that runs a mutation: what the mutation tells it, and its end in the transaction of the mutation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from db.core.database import DatabaseConnection
from db.jobs import queue
from db.jobs.queue import JobClaim, Outcome
from db.jobs.signals import Progress
from resolvers.core.csv_files import csv_records
from resolvers.core.csv_records import Record

ReportLine = tuple[int, str, str, str]
"""The line of an item, the item, a code of what became of it, and the reason in plain words."""


class ClaimLost(Exception):
    """Another worker has claimed the job, or it was settled: this one must change nothing."""


class JobRun:
    """One claim of a job. Its mutation may be attempted several times, because of concurrent transactions."""

    def __init__(self, claim: JobClaim) -> None:
        self.claim = claim
        self.progress = Progress()
        """What the present attempt has done."""

        self.upload: Path | None = None
        """The uploaded file that the mutation reads."""

        self.report: list[ReportLine] = []
        """The items for the report that the history of numbers does not have."""

    @contextmanager
    def open_upload(self) -> Iterator[tuple[Iterator[Record], int | None]]:
        """Yield the records of the uploaded file, and how many lines it has."""
        if self.upload is None:
            raise RuntimeError("the job has no uploaded file")
        with self.upload.open("rb") as file, csv_records(file, self.upload) as read:
            yield read

    def advance(self, done: int, total: int | None = None) -> None:
        """Note how many items have been processed, and how many there are once that is known."""
        self.progress = Progress(done, self.progress.total if total is None else total)

    async def begin(self, connection: DatabaseConnection) -> None:
        """Begin an attempt. Raises ClaimLost."""
        self.progress, self.report = Progress(), []
        if not await queue.is_held(connection, self.claim):
            raise ClaimLost

    async def succeed(self, connection: DatabaseConnection, result: Any, *, now: datetime) -> None:
        """Settle the job at the end of its transaction. Raises ClaimLost."""
        done = self.progress.done if self.progress.total is None else self.progress.total
        outcome = Outcome(
            done=done,
            changed_count=result.changed_count,
            operation_id=result.operation_id,
            result=result.dump(),
            outcomes=orjson.dumps(self.report).decode() if self.report else None,
        )
        if not await queue.succeed(connection, self.claim, outcome, now=now):
            raise ClaimLost
        self.advance(done)
