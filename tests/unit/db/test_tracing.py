"""Spans of statements: in the trace of their request, on both databases, without parameters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from sqlalchemy import bindparam, insert, select

import db.core.batch_loader
from db.core.database import Database, UniqueViolation
from db.core.engines import open_database
from db.core.statements import Statement
from db.core.tables import SecretRow, columns
from db.core.tracing import TracedBatchLoader, TracedConnection, TracedDatabase
from tests.support.databases import Databases

_S = columns(SecretRow)
ALL = Statement(select(_S.name, _S.value).order_by(_S.name))
ADD = Statement(insert(SecretRow).values(name=bindparam("name"), value=bindparam("value")))


class Recorder:
    """Spans, in the order in which they ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("tests")

    def described(self) -> list[tuple[str, dict[str, Any], StatusCode]]:
        """Of each span: its name, its attributes but for the statement and the system, and its status."""
        left_out = {"db.query.text", "db.system.name"}
        return [
            (
                span.name,
                {name: value for name, value in (span.attributes or {}).items() if name not in left_out},
                span.status.status_code,
            )
            for span in self._exporter.get_finished_spans()
        ]

    def text(self) -> str:
        return "".join(span.to_json() for span in self._exporter.get_finished_spans())


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@asynccontextmanager
async def traced(databases: Databases, recorder: Recorder) -> AsyncGenerator[Database]:
    url = databases.create()
    opened = await open_database(url)
    database = TracedDatabase(opened, recorder.tracer)
    assert (database.dialect, database.has_trigrams) == (opened.dialect, opened.has_trigrams)
    try:
        yield database
    finally:
        await database.close()
        databases.drop(url)


async def test_every_method_that_runs_a_statement_has_a_span(databases: Databases, recorder: Recorder) -> None:
    async with traced(databases, recorder) as database:
        rows = [{"name": name, "value": "zanzibar"} for name in ("b", "c")]
        with recorder.tracer.start_as_current_span("request"):
            async with database.write() as connection:
                await connection.lock_tree([1], exclusive=True)
                await connection.advisory_lock("tamarind")
                assert await connection.execute(ADD, name="a", value="zanzibar") == 1
                await connection.execute_many(ADD, rows)
            everything = [("a", "zanzibar"), ("b", "zanzibar"), ("c", "zanzibar")]
            assert [tuple(row) for row in await database.fetch(ALL)] == everything
            async with database.snapshot() as connection:
                row = await connection.fetch_one(ALL)
                assert row is not None
                assert tuple(row) == everything[0]
            async with database.export() as connection:
                assert [tuple(row) async for rows in connection.stream(ALL) for row in rows] == everything
    added: dict[str, Any] = {"dialtree.changed_rows": 1}
    read = ("SELECT", {"db.response.returned_rows": 3}, StatusCode.UNSET)
    assert recorder.described() == [
        ("lock tree", {}, StatusCode.UNSET),
        ("advisory lock", {}, StatusCode.UNSET),
        ("INSERT", added, StatusCode.UNSET),
        ("INSERT", {}, StatusCode.UNSET),
        ("transaction", {}, StatusCode.UNSET),
        read,
        read,
        read,
        ("request", {}, StatusCode.UNSET),
    ]
    assert "zanzibar" not in recorder.text()
    assert "tamarind" not in recorder.text()


async def add_twice(database: Database, name: str) -> None:
    async with database.write() as connection:
        for _ in range(2):
            await connection.execute(ADD, name=name, value="x")


async def test_a_failed_statement_span_has_the_error_type_without_parameters(
    databases: Databases, recorder: Recorder
) -> None:
    async with traced(databases, recorder) as database:
        with recorder.tracer.start_as_current_span("request"):
            with pytest.raises(UniqueViolation):
                await add_twice(database, "zanzibar")
            assert await database.fetch(ALL) == []
    _, (name, attributes, status), transaction, *_ = recorder.described()
    assert (name, status) == ("INSERT", StatusCode.ERROR)
    assert attributes.keys() == {"error.type"}
    assert transaction == ("transaction", {}, StatusCode.UNSET)
    assert "zanzibar" not in recorder.text()


async def test_leaving_a_stream_early_ends_its_span_and_its_statement(
    databases: Databases, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []

    async def read() -> AsyncGenerator[list[tuple[str, str]]]:
        try:
            yield [("a", "x")]
        finally:
            ended.append(True)

    async with traced(databases, recorder) as database:
        with recorder.tracer.start_as_current_span("request"):
            async with database.export() as connection:
                assert isinstance(connection, TracedConnection)
                monkeypatch.setattr(connection._connection, "stream", lambda _: read())
                pieces = cast("AsyncGenerator[Any]", connection.stream(ALL))
                async with aclosing(pieces):
                    assert await anext(pieces) == [("a", "x")]
                    assert (recorder.described(), ended) == ([], [])
                assert ended == [True]
                assert recorder.described() == [("SELECT", {}, StatusCode.UNSET)]


async def test_outside_a_recorded_trace_the_database_is_not_wrapped(databases: Databases, recorder: Recorder) -> None:
    async with traced(databases, recorder) as database:
        for open_ in (database.read, database.snapshot, database.export, database.write):
            async with open_() as connection:
                assert not isinstance(connection, TracedConnection)
            with recorder.tracer.start_as_current_span("request"):
                async with open_() as connection:
                    assert isinstance(connection, TracedConnection)


async def test_batched_keys_are_read_in_the_trace_of_the_first_request(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.core.batch_loader, "MAX_BATCH_DELAY_SECONDS", 60)
    reads: list[tuple[list[int], int]] = []
    may_go = asyncio.Event()

    async def read(_connection: None, keys: Sequence[int]) -> Mapping[int, int]:
        reads.append((list(keys), trace.get_current_span().get_span_context().span_id))
        await may_go.wait()
        return {key: key for key in keys}

    @asynccontextmanager
    async def connect() -> AsyncGenerator[None]:
        yield None

    gathering = TracedBatchLoader(connect)
    askers: list[int] = []

    async def ask(key: int) -> int:
        with recorder.tracer.start_as_current_span("request") as span:
            askers.append(span.get_span_context().span_id)
            found: int = await gathering.load(read, key)
            return found

    asking = []
    # While the first statement runs, the second and the third key wait for it, and are then read together.
    for key in range(3):
        asking.append(asyncio.create_task(ask(key)))
        await asyncio.sleep(0.01)
    may_go.set()
    assert await asyncio.gather(*asking) == [0, 1, 2]
    assert reads == [([0], askers[0]), ([1, 2], askers[1])]
