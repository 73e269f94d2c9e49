"""Run subscriptions: the stream of events that a root field returns, each executed with the event as the root value."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, Executor, GraphQLError
from graphql.execution import create_source_event_stream

from execution.interpreter import run_interpreted
from execution.messages import shortened

RunCompiled = Callable[[Any], Awaitable[ExecutionResult | None]]
"""Executes the compiled operation with an event as the root value; None if graphql-core has to."""


class SubscriptionFailed(Exception):
    """The stream of events ended with an error."""

    def __init__(self, error: GraphQLError) -> None:
        super().__init__()
        self.error = error


async def open_stream(
    executor: Executor[Any] | list[GraphQLError], run_compiled: RunCompiled
) -> ExecutionResult | AsyncGenerator[ExecutionResult, None]:
    """Return the results of a subscription, or the errors for which it has none."""
    if isinstance(executor, list):
        return ExecutionResult(None, shortened(executor))
    opened: Any = create_source_event_stream(executor)
    events: Any = await opened if isawaitable(opened) else opened
    return events if isinstance(events, ExecutionResult) else _results(executor, events, run_compiled)


async def _results(
    executor: Executor[Any], events: AsyncIterator[Any], run_compiled: RunCompiled
) -> AsyncGenerator[ExecutionResult, None]:
    """Yield the result of each event. Raises SubscriptionFailed."""
    try:
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            except Exception as error:
                raise SubscriptionFailed(GraphQLError(str(error), original_error=error)) from error
            result = await run_compiled(event)
            if result is None:
                result = await run_interpreted(executor.build_per_event_executor(event))
            yield result
    finally:
        if hasattr(events, "aclose"):
            await events.aclose()
