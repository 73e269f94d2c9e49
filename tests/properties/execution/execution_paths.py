"""The the two execution paths that an operation can take, and what each of them answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType

from execution.documents import InvalidDocument
from execution.engine import Engine, ExecutionPath
from tests.properties.execution.corpus import Operation

KINDS = frozenset({OperationType.QUERY, OperationType.MUTATION})


@dataclass(frozen=True)
class Answer:
    """What a client would get, with every error that there was; `failure` is set where the server broke down."""

    body: bytes
    failure: str | None = None

    def __str__(self) -> str:
        return self.body.decode() if self.failure is None else f"raised {self.failure}"

    @property
    def ran(self) -> bool:
        """Whether the operation was run: it, and its variables, were valid."""
        answer = orjson.loads(self.body or b"{}")
        return answer.get("data") is not None or any("path" in error for error in answer.get("errors", ()))

    @property
    def broken(self) -> bool:
        """Whether something happened that no client should see."""
        return self.failure is not None or b'"INTERNAL_SERVER_ERROR"' in self.body


class PairedEngines:
    """One schema, run by graphql-core alone and by an engine that compiles what it can, from the first time on."""

    def __init__(
        self, schema: GraphQLSchema, *, wording: Callable[[GraphQLError], GraphQLError] = lambda error: error
    ) -> None:
        self._wording = wording
        self._plain = Engine(schema, compile_after=None)
        self._compiling = Engine(schema, compile_after=0)

    def cost(self, operation: Operation) -> int:
        """What an operation costs; nothing, if its document is not valid."""
        try:
            prepared = self._plain.documents.prepare(operation.query, operation.operation_name)
        except InvalidDocument:
            return 0
        return prepared.cost.total(operation.variables or {})

    async def plain(self, operation: Operation, context: Any, *, introspection: bool) -> Answer:
        """What graphql-core answers."""
        answer, _ = await self._answer(self._plain, operation, context, introspection=introspection)
        return answer

    async def compiled(
        self, operation: Operation, context: Any, *, introspection: bool
    ) -> tuple[Answer, ExecutionPath | None]:
        """What the compiling engine answers, and the execution path; None where it ran nothing."""
        return await self._answer(self._compiling, operation, context, introspection=introspection)

    async def _answer(
        self, engine: Engine, operation: Operation, context: Any, *, introspection: bool
    ) -> tuple[Answer, ExecutionPath | None]:
        try:
            result, _, execution_path, *_ = await engine.run(
                operation.query,
                variables=operation.variables,
                operation_name=operation.operation_name,
                context=context,
                allowed_types=KINDS,
                introspection=introspection,
            )
            return Answer(self._served(result)), execution_path
        except BaseException as failure:
            # Whatever comes out of the engine instead of a result would cost the client the connection.
            if isinstance(failure, KeyboardInterrupt | SystemExit):
                raise
            return Answer(b"", f"{type(failure).__name__}: {failure}"), None

    def _served(self, result: ExecutionResult) -> bytes:
        """A result as the endpoint writes it, but with all errors instead of the first few."""
        if not result.errors:
            return orjson.dumps({"data": result.data})
        errors = [self._wording(error).formatted for error in result.errors]
        return orjson.dumps({"errors": errors, "data": result.data})
