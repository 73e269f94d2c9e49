"""Run an operation on both execution paths, each over its own copy of a database, and compare the results."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop
from graphql import GraphQLSchema

from db.core.database import Database
from db.core.engines import open_database
from execution.engine import ExecutionPath
from resolvers.core.context import Context
from schema.core.errors import shown
from tests.properties.execution.callers import settled
from tests.properties.execution.comparison_counts import ComparisonCounts
from tests.properties.execution.corpus import Operation
from tests.properties.execution.execution_paths import Answer, PairedEngines
from tests.properties.execution.fixed_randomness import fixed_chance
from tests.properties.execution.prepared_databases import PreparedDatabase
from tests.properties.execution.row_restoration import Moment, Rows
from tests.properties.execution.synchronous_sqlite import without_threads
from tests.support.database_dump import all_rows
from tests.support.databases import Databases

T = TypeVar("T")


@dataclass
class Side:
    """A copy of a prepared database for one of the execution paths."""

    url: str
    database: Database


class PathComparison:
    """Both engines over one prepared database. What an operation changes is undone before the next one."""

    def __init__(
        self, databases: Databases, prepared: PreparedDatabase, schema: GraphQLSchema, counts: ComparisonCounts
    ) -> None:
        self._databases = databases
        self.prepared = prepared
        self._counts = counts
        self._engines = PairedEngines(schema, wording=shown)
        self._loop = uvloop.new_event_loop()
        self._count = 0
        self._plain, self._compiled = self._open(), self._open()
        self._moment = self._run(Moment.of(self._plain.database))

    def close(self) -> None:
        left = [self._run(all_rows(side.database)) for side in (self._plain, self._compiled)]
        self._drop()
        self._loop.close()
        assert left == [self._moment.rows] * 2, "what the operations changed was not undone"

    def cost(self, operation: Operation) -> int:
        """What an operation costs, in the measure of `execution.limits`."""
        return self._engines.cost(operation)

    def compare(
        self, operation: Operation, caller: str, *, may_break: bool = False, watch: Callable[[], object] = lambda: None
    ) -> None:
        """Fail unless both execution paths give the same answer, the same rows and the same value of `watch`."""
        try:
            self._compare(operation, caller, may_break=may_break, watch=watch)
        except AssertionError:
            self._drop()
            self._plain, self._compiled = self._open(), self._open()
            raise

    def compare_together(self, operations: Sequence[Operation], caller: str) -> None:
        """Fail unless queries that run in the compiling engine at the same time answer as they do one by one."""
        introspection = self.prepared.callers[caller] is not None
        plain = [self._run(self._plain_answer(operation, caller)) for operation in operations]
        together = [
            self._engines.compiled(operation, self._context(self._compiled, caller), introspection=introspection)
            for operation in operations
        ]
        for operation, alone, (answer, execution_path) in zip(
            operations, plain, self._run(_all(together)), strict=True
        ):
            if alone != answer:
                asked = f"{operation.name}, asked by {caller} together with others"
                raise AssertionError(f"{asked}, has two answers.\n{_report(operation, alone, answer, execution_path)}")

    async def _plain_answer(self, operation: Operation, caller: str) -> Answer:
        introspection = self.prepared.callers[caller] is not None
        return await self._engines.plain(operation, self._context(self._plain, caller), introspection=introspection)

    def _compare(self, operation: Operation, caller: str, *, may_break: bool, watch: Callable[[], object]) -> None:
        asked = f"{operation.name}, asked by {caller}"
        self._count += 1
        introspection = self.prepared.callers[caller] is not None
        with fixed_chance(self._count):
            plain = self._run(self._plain_answer(operation, caller))
        seen = watch()
        context = self._context(self._compiled, caller)
        with fixed_chance(self._count):
            compiled, execution_path = self._run(
                self._engines.compiled(operation, context, introspection=introspection)
            )
        if plain != compiled:
            raise AssertionError(f"{asked}, has two answers.\n{_report(operation, plain, compiled, execution_path)}")
        if seen != (seen_compiled := watch()):
            told = f"graphql-core: {seen}\n{execution_path}: {seen_compiled}"
            raise AssertionError(f"{asked}, did other things.\n{_sent(operation)}\n{told}")
        if plain.broken and not may_break:
            raise AssertionError(
                f"{asked}, broke the server down.\n{_report(operation, plain, compiled, execution_path)}"
            )
        if "mutation" in operation.query:
            self._compare_rows(asked, operation)
        self._counts.record(execution_path, ran=plain.ran)

    def _compare_rows(self, asked: str, operation: Operation) -> None:
        plain, compiled = (self._run(all_rows(side.database)) for side in (self._plain, self._compiled))
        if plain != compiled:
            raise AssertionError(f"{asked}, left other rows.\n{_rows_report(operation, plain, compiled)}")
        if plain != self._moment.rows:
            for side in (self._plain, self._compiled):
                self._run(self._moment.restore(side.database, plain))

    def _context(self, side: Side, caller: str) -> Context:
        signed_in = self.prepared.callers[caller]
        if signed_in is None:
            return Context(side.database, self.prepared.clock, settled())
        return signed_in.context(side.database, self.prepared.clock)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def _open(self) -> Side:
        url = self._databases.copy(self.prepared.url)
        with without_threads():
            return Side(url, self._run(open_database(url)))

    def _drop(self) -> None:
        for side in (self._plain, self._compiled):
            self._run(side.database.close())
            self._databases.drop(side.url)


async def _all(works: Iterable[Awaitable[T]]) -> list[T]:
    return await asyncio.gather(*works)


@contextmanager
def compare_paths(
    databases: Databases, prepared: PreparedDatabase, schema: GraphQLSchema, counts: ComparisonCounts
) -> Iterator[PathComparison]:
    """Compare both execution paths over copies of a prepared database."""
    built = PathComparison(databases, prepared, schema, counts)
    try:
        yield built
    finally:
        built.close()


def _report(operation: Operation, plain: Answer, compiled: Answer, execution_path: ExecutionPath | None) -> str:
    return f"{_sent(operation)}\ngraphql-core: {plain}\n{execution_path}: {compiled}"


def _rows_report(operation: Operation, plain: Rows, compiled: Rows) -> str:
    lines = [_sent(operation)]
    for name, rows in plain.items():
        if rows != compiled[name]:
            lines += [
                f"graphql-core's rows of {name}: {[row for row in rows if row not in compiled[name]]}",
                f"compiled:     {[row for row in compiled[name] if row not in rows]}",
            ]
    return "\n".join(lines)


def _sent(operation: Operation) -> str:
    variables = json.dumps(operation.variables, ensure_ascii=False)
    return f"{operation.query}\nvariables: {variables}\noperationName: {operation.operation_name}"
